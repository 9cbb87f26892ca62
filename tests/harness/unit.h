/* What unit tests share: they call nsrun's own functions, in this process. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "leave_out.h"
#include "random.h"
#include "words.h"

/* Whether the test itself runs under valgrind. */
bool test_is_under_valgrind(void);

/* How many cases a generated test tries: fewer of them under valgrind, which is slow. */
unsigned long case_count(unsigned long usual);

/* What has been written to standard error since the start. Nothing may be asserted in
 * between, since cmocka's own messages would be caught too. */
struct capture {
	int standard_error;
	int file;
	char text[16384];
};

void start_capture(struct capture *capture);
void end_capture(struct capture *capture);

/* The number that a file would get now. */
int lowest_free_descriptor(void);

/* A file with that content in a place of its own, until it is removed. */
struct temporary_file {
	char path[64];
};

void make_temporary_file(struct temporary_file *file, const char *content, size_t length);
void remove_temporary_file(const struct temporary_file *file);
