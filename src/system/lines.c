#include "lines.h"

#include <errno.h>

static bool next_character(struct line_reader *reader, char *character)
{
	if (reader->next == reader->length) {
		ssize_t length;
		do {
			length = journal_read(reader->journal, reader->descriptor, reader->buffer,
					      sizeof(reader->buffer));
		} while (length < 0 && errno == EINTR);
		if (length < 0)
			reader->error = errno;
		if (length <= 0)
			return false;
		reader->length = (size_t)length;
		reader->next = 0;
	}
	*character = reader->buffer[reader->next++];
	return true;
}

bool next_record(struct line_reader *reader, struct record *record)
{
	size_t length = 0;
	size_t wanted = 0;
	char character;
	bool more;

	record->count = 1;
	record->fields[0] = record->line;
	while ((more = next_character(reader, &character)) && character != '\n') {
		wanted++;
		/* What stands behind a NUL would be read by nobody. */
		if (character == '\0' || length == sizeof(record->line) - 1)
			continue;
		record->line[length++] = character;
		if (character != ':' || record->count == sizeof(record->fields) / sizeof(char *))
			continue;
		record->line[length - 1] = '\0';
		record->fields[record->count++] = record->line + length;
	}
	record->line[length] = '\0';
	record->overlong = wanted > length;
	return more || wanted > 0;
}

const char *whole_line(struct record *record)
{
	for (unsigned i = 1; i < record->count; i++) {
		char *separator = record->fields[i] - 1;
		*separator = ':';
	}
	return record->line;
}
