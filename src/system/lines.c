#include "lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Reads more. Returns false at the end, with errno 0, or after an error. */
static bool fill(struct line_reader *reader)
{
	reader->next = 0;
	do {
		errno = 0;
		reader->length = read(reader->descriptor, reader->buffer, sizeof(reader->buffer));
		journal_call(reader->journal, reader->length, "read(file, buffer, %l)",
			     (long long)sizeof(reader->buffer));
	} while (errno == EINTR);
	return reader->length > 0;
}

bool next_record(struct line_reader *reader, struct record *record)
{
	size_t length = 0, kept = 0;
	unsigned left_out = reader->left_out;
	char byte = '\0';

	while (byte != '\n' && (reader->next < reader->length || fill(reader))) {
		byte = reader->buffer[reader->next++];
		if (byte == ':')
			left_out >>= 1;
		else if (byte == '\n' || left_out & 1)
			continue;
		if (kept < sizeof(record->line) - 1)
			record->line[kept++] = byte;
		length++;
	}
	record->line[kept] = '\0';
	/* What stands behind a NUL would be read by nobody. */
	record->overlong = strlen(record->line) < length;
	return byte == '\n' || (length > 0 && !errno);
}

const char *cut_field(struct record *record, unsigned field)
{
	char *rest = record->line;
	const char *found = NULL;

	for (unsigned i = 0; i <= field; i++)
		found = strsep(&rest, ":");
	return rest || !record->overlong ? found : NULL;
}
