/* Files of lines, read one by one. */
#pragma once

#include "journal.h"

/* A line, which may be of fields with ':' between them. */
struct record {
	char line[1024];
	bool overlong; /* the line was longer, or had a NUL: this is not all of it */
};

/* A file that is read line by line. Start with {.descriptor = …}. */
struct line_reader {
	int descriptor;
	struct journal *journal;
	unsigned left_out; /* a bit for each field that is read as an empty one, however long */
	long length;       /* what read(2) has returned */
	long next;
	char buffer[1024];
};

/* Reads the next line into record. Returns false at the end, with errno 0, or after an error. */
__attribute__((cold)) bool next_record(struct line_reader *reader, struct record *record);

/* Cuts a field, counted from 0, out of the line. Returns NULL if it is not there in all its length.
 * Of the line only the first field is left. */
__attribute__((cold)) const char *cut_field(struct record *record, unsigned field);
