#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool quiet;

const char *own_name(void)
{
	return *program_invocation_short_name ? program_invocation_short_name : "nsrun";
}

bool colours_are_allowed(void)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return !(no_colour && *no_colour) && terminal && strcmp(terminal, "dumb") != 0;
}

/* One buffer, so that a line of usual length is one write and stays in one piece
 * when several processes share a terminal or a log. */
static void say(const char *name, const char *label, const char *colour, const char *format,
		va_list arguments)
{
	char buffer[512];
	struct text line = text_to(STDERR_FILENO, buffer, sizeof(buffer));
	int error = errno;
	bool coloured = colours_are_allowed() && isatty(STDERR_FILENO);

	if (coloured)
		text_add(&line, colour);
	text_print(&line, "%s%s", name, label);
	if (coloured)
		text_add(&line, "\033[m");
	errno = error;
	text_format(&line, format, arguments);
	text_character(&line, '\n');
	text_flush(&line);
	errno = error;
}

int complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(own_name(), ": ", "\033[1;31m", format, arguments);
	va_end(arguments);
	return -1;
}

void complain_of_call(const char *format, va_list arguments)
{
	char buffer[1024];
	struct text call = text_in(buffer, sizeof(buffer));

	text_format(&call, format, arguments);
	text_end(&call);
	complain("cannot %r: %m", buffer, call.length);
}

bool hint(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (!quiet)
		say("hint", ": ", "\033[1;36m", format, arguments);
	va_end(arguments);
	return true;
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (!quiet)
		say(own_name(), ": note: ", "\033[1;33m", format, arguments);
	va_end(arguments);
}

int finish_output(struct text *text)
{
	text_flush(text);
	errno = text->error;
	return text->error ? complain("cannot write to standard output: %m") : 0;
}
