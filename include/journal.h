/* The journal tells of calls, in C notation, for --explain and --trace. */
#pragma once

#include <limits.h>

#include "text.h"

/* Ordinary runs have none: NULL wherever one can be given. */
struct journal {
	bool traced; /* write each call to standard error at once; else keep it */
	struct text kept;
	char calls[20480]; /* each ends with a NUL, and an empty one ends them all */
};

/* The result of a call that has not returned, and will not if it succeeds. */
#define NOT_RETURNED LONG_MIN

/* Returns the journal, which is empty. */
__attribute__((cold)) struct journal *start_journal(struct journal *journal, bool traced);

/* Enters a call that the launcher has made before there is a plan, and its result. Keeps errno. */
__attribute__((cold)) void journal_call(struct journal *journal, long result, const char *format,
					...);

/* Opens the file for reading, and enters that. */
__attribute__((cold)) int journal_open(struct journal *journal, const char *path);

/* The same for any actor, in a journal that is not NULL. */
__attribute__((cold)) void enter_call(struct journal *journal, const char *actor, long long result,
				      const char *format, va_list arguments);
