/* What nsrun says on standard error. */
#pragma once

#include "text.h"

/* nsrun's own exit statuses, those of env(1), timeout(1) and chroot(1). */
enum {
	EXIT_NSRUN = 125,      /* nsrun itself failed; bad usage too */
	EXIT_CANNOT_RUN = 126, /* the program was found but could not be run */
	EXIT_NOT_FOUND = 127,  /* the program was not found */
};

/* The base name that nsrun was called by, such as unshare. */
__attribute__((cold)) const char *own_name(void);

/* Writes a line: own_name(), ": " and what format says (see text_format). Returns -1, so that a
 * function can end with `return complain(…)`. */
__attribute__((cold)) int complain(const char *format, ...);

/* The same, "cannot CALL: REASON", the call as --explain shows it. */
__attribute__((cold)) void complain_of_call(const char *format, va_list arguments);

/* Writes a line: "hint: " and what format says. Returns true: a cause was found. */
__attribute__((cold)) bool hint(const char *format, ...);

/* The same as complain() with "note: " in front. */
__attribute__((cold)) void note(const char *format, ...);

/* False if NO_COLOR is set, or if TERM tells of no terminal that shows colours (environ(7)). */
__attribute__((cold)) bool colours_are_allowed(void);

/* Flushes what goes to standard output. Returns -1 after a complaint, as on a full disk. */
__attribute__((cold)) int finish_output(struct text *text);

/* True for --quiet: hint() and note() write nothing. The one setting that is not passed along,
 * since every message anywhere depends on it. */
extern bool quiet;
