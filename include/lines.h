/* Files of lines, read one by one. */
#pragma once

#include "journal.h"

enum { MOST_FIELDS = 8 };

/* A line of fields with ':' between them. */
struct record {
	char line[1024];
	char *fields[MOST_FIELDS];
	unsigned count;
	bool overlong; /* the line was longer, or had a NUL: the last field is not all of it */
};

/* A file that is read line by line. Start with {.descriptor = …}. */
struct line_reader {
	int descriptor;
	struct journal *journal;
	unsigned left_out; /* a bit for each field that is read as an empty one, however long */
	int error;         /* errno of a read that failed */
	size_t length;
	size_t next;
	char buffer[1024];
};

/* Reads the next line into record. Returns false at the end and after an error. */
__attribute__((cold)) bool next_record(struct line_reader *reader, struct record *record);

/* A field that is there in all its length, or NULL. */
__attribute__((cold)) const char *whole_field(const struct record *record, unsigned field);

/* The record as one line again; its fields are no longer apart. */
__attribute__((cold)) const char *whole_line(struct record *record);
