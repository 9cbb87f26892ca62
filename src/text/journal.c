#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct journal *start_journal(struct journal *journal, bool traced)
{
	*journal = (struct journal){.traced = traced};
	/* It may have to end with that. */
	journal->kept = text_in(journal->calls, sizeof(journal->calls) - sizeof("..."));
	return journal;
}

void enter_call(struct journal *journal, const char *actor, long long result, const char *format,
		va_list arguments)
{
	const size_t room_for_result = journal->traced ? 64 : 0;
	char buffer[16384], *end = journal->kept.start + journal->kept.length;
	struct text call = text_in(buffer, sizeof(buffer) - room_for_result);
	int error = errno;

	if (journal->traced)
		text_print(&call, "%s: ", actor);
	text_format(&call, format, arguments);
	text_end(&call);
	if (journal->traced) {
		call.capacity = sizeof(buffer);
		if (result == NOT_RETURNED)
			text_character(&call, '\n');
		else if (result >= 0)
			text_print(&call, " = %l\n", result);
		else
			text_print(&call, " = -1 (%m)\n");
		call.descriptor = STDERR_FILENO;
		text_flush(&call);
		errno = error;
	} else if (!journal->kept.overflowed) {
		text_raw(&journal->kept, buffer, call.length + 1);
		/* What has no room, such as the reading of a very large file, is told as "...". */
		if (journal->kept.overflowed)
			memcpy(end, "...\0", sizeof("...\0"));
	}
}

void journal_call(struct journal *journal, long result, const char *format, ...)
{
	va_list arguments;

	if (!journal)
		return;
	va_start(arguments, format);
	enter_call(journal, "launcher", result, format, arguments);
	va_end(arguments);
}

int journal_open(struct journal *journal, const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	journal_call(journal, file, "open(%q, O_RDONLY|O_CLOEXEC)", path);
	return file;
}
