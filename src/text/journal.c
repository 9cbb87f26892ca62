#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

struct journal *start_journal(struct journal *journal, bool traced)
{
	journal->traced = traced;
	journal->length = 0;
	journal->calls[0] = '\0';
	return journal;
}

void trace_call(const char *actor, long long result, const char *format, va_list arguments)
{
	char buffer[16384];
	struct text call = text_in(buffer, sizeof(buffer) - 64);
	int error = errno;

	text_print(&call, "%s: ", actor);
	text_format(&call, format, arguments);
	text_end(&call);
	call.capacity = sizeof(buffer);
	if (result == NOT_RETURNED)
		text_character(&call, '\n');
	else if (result >= 0)
		text_print(&call, " = %l\n", result);
	else
		text_print(&call, " = -1 (%s)\n", strerror(error));
	call.descriptor = STDERR_FILENO;
	text_flush(&call);
	errno = error;
}

/* What has no room, such as the reading of a very large file, is told as "...". */
static void keep_call(struct journal *journal, const char *format, va_list arguments)
{
	static const char rest[] = "...";
	size_t room = sizeof(journal->calls) - journal->length;
	struct text call = text_in(journal->calls + journal->length, room - 1);

	if (room < sizeof(rest) + 1)
		return;
	text_format(&call, format, arguments);
	journal->length += call.length + 1;
	if (call.overflowed) {
		call.length = sizeof(rest) - 1;
		memcpy(call.start, rest, sizeof(rest));
		journal->length = sizeof(journal->calls);
	}
	memcpy(call.start + call.length, "\0", 2);
}

void journal_call(struct journal *journal, long result, const char *format, ...)
{
	va_list arguments;

	if (!journal)
		return;
	va_start(arguments, format);
	if (journal->traced)
		trace_call("launcher", result, format, arguments);
	else
		keep_call(journal, format, arguments);
	va_end(arguments);
}

int journal_open(struct journal *journal, const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	journal_call(journal, file, "open(%q, O_RDONLY|O_CLOEXEC)", path);
	return file;
}
