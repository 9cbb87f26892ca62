/* What several unit tests share. */
#ifndef NSRUN_TESTS_SUPPORT_H
#define NSRUN_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A source of numbers that look random and are the same in every run. */
struct generator {
	uint64_t state;
};

uint64_t next_number(struct generator *generator);

/* A number from 0 to limit - 1. */
unsigned number_below(struct generator *generator, unsigned limit);

bool under_valgrind(void);

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

/* A file with that content in a place of its own, to be removed by remove_file(). */
struct temporary_file {
	char path[64];
};

void make_file(struct temporary_file *file, const char *content, size_t length);
void remove_file(const struct temporary_file *file);

enum { MOST_WORDS = 800 };

/* A command line cut up at its blanks, as argv. */
struct words {
	char buffer[16384];
	char *list[MOST_WORDS + 1];
	int count;
};

void split_words(struct words *words, const char *line);

#endif
