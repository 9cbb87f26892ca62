#include "lines.h"

#include <errno.h>
#include <string.h>

/* Reads more when all is used up. Returns false at the end and after an error. */
static bool fill(struct line_reader *reader)
{
	ssize_t length;

	if (reader->next < reader->length)
		return true;
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
	return true;
}

static void split_fields(struct record *record)
{
	char *rest = record->line;

	for (record->count = 0; rest && record->count < MOST_FIELDS - 1;)
		record->fields[record->count++] = strsep(&rest, ":");
	if (rest)
		record->fields[record->count++] = rest;
}

static bool is_left_out(const struct line_reader *reader, unsigned field)
{
	return field < MOST_FIELDS && reader->left_out >> field & 1;
}

bool next_record(struct line_reader *reader, struct record *record)
{
	size_t length = 0, kept = 0;
	unsigned field = 0;
	char byte = '\0';
	bool any = false;

	while (byte != '\n' && fill(reader)) {
		byte = reader->buffer[reader->next++];
		any = true;
		field += byte == ':';
		if (byte == '\n' || (byte != ':' && is_left_out(reader, field)))
			continue;
		if (kept < sizeof(record->line) - 1)
			record->line[kept++] = byte;
		length++;
	}
	record->line[kept] = '\0';
	/* What stands behind a NUL would be read by nobody. */
	record->overlong = strlen(record->line) < length;
	split_fields(record);
	return any;
}

const char *whole_field(const struct record *record, unsigned field)
{
	return field < record->count - record->overlong ? record->fields[field] : NULL;
}

const char *whole_line(struct record *record)
{
	for (unsigned i = 1; i < record->count; i++) {
		char *separator = record->fields[i] - 1;
		*separator = ':';
	}
	return record->line;
}
