/* Text that is put together piece by piece, without stdio and without a heap. */
#ifndef NSRUN_TEXT_H
#define NSRUN_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A buffer that empties itself into descriptor when it is full. With descriptor
 * -1 there is nowhere to empty it: what does not fit is left out and `overflowed`
 * says so.
 */
struct text {
	char *start;
	size_t length;
	size_t capacity;
	int descriptor;
	bool overflowed;
	int error; /* errno of a write that failed, or 0 */
};

void text_character(struct text *text, char character);

/* Adds length characters as they are. */
void text_raw(struct text *text, const char *string, size_t length);

/* Adds a decimal number. */
void text_number(struct text *text, long long number);

/*
 * Adds what format says. It knows only what nsrun's messages and calls need:
 *
 *   %s  a string, control characters shown as C escapes
 *   %q  a string as a C literal in double quotes, or NULL
 *   %j  a string in JSON
 *   %r  a string and its size_t length, as they are
 *   %d  int          %u  unsigned int          %l  long long
 *   %o  unsigned int, octal                    %%  a percent sign
 *   %N  unsigned long of CLONE_NEW* bits       %M  unsigned long of MS_* bits
 *   %G  int, a signal's name
 */
void text_format(struct text *text, const char *format, va_list arguments);
void text_print(struct text *text, const char *format, ...);

/* Ends a text that did not fit with "...", for which there must be room, and with no part of
 * a character. */
void text_show_cut(struct text *text);

/* Writes out what is left in the buffer. */
void text_flush(struct text *text);

#endif
