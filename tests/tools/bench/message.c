#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

void *must_allocate(void *pointer)
{
	if (!pointer)
		fail("out of memory");
	return pointer;
}
