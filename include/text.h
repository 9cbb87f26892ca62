/* Text that is put together piece by piece, without stdio and without a heap. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A buffer that empties itself into its descriptor when it is full. */
struct text {
	char *start;
	size_t length;
	size_t capacity;
	int descriptor;  /* -1: nowhere to empty it, and what does not fit is left out */
	bool overflowed; /* something was left out */
	int error;       /* errno of a write that failed, or 0 */
};

/* A text that is put together in the buffer, or that goes to the descriptor through it. */
struct text text_in(char *buffer, size_t size);
__attribute__((cold)) struct text text_to(int descriptor, char *buffer, size_t size);

/* Ends a text of text_in() with a NUL, for which that has kept room. One that did not fit ends with
 * "...", for which there must be room, and no part of a character is left. Returns its start. */
char *text_end(struct text *text);

void text_character(struct text *text, char character);

/* Adds a string as the format %s does, and blanks until it takes up width columns. */
__attribute__((cold)) void text_column(struct text *text, const char *string, size_t width);

/* Add a string as it is: length characters of it, or all. */
void text_raw(struct text *text, const char *string, size_t length);
void text_add(struct text *text, const char *string);

/* Adds what format says. It knows only what nsrun's messages and calls need:
 *
 *   %s  a string, control characters shown as C escapes
 *   %q  a string as a C literal in double quotes, or NULL
 *   %j  a string in JSON
 *   %r  a string and its size_t length, as they are
 *   %d  int      %u  unsigned int      %o  the same, octal      %l  long long
 *   %N  unsigned long of CLONE_NEW* bits       %M  unsigned long of MS_* bits
 *   %G  int, a signal's name      %m  errno's message      %%  a percent sign */
void text_format(struct text *text, const char *format, va_list arguments);
void text_print(struct text *text, const char *format, ...);

/* Puts a string together in the buffer, and returns that, as text_end() does. */
char *print_into(char *buffer, size_t size, const char *format, ...);

/* Writes out what is left in the buffer. */
void text_flush(struct text *text);
