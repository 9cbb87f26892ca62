/* The command line: one table of options, and the reader that walks argv by it. */
#pragma once

#include "option.h"

extern const struct option_row options[];
extern const size_t option_count;

/* readers.c: each turns one argument into a piece of the request. */
option_reader read_switch, read_string, read_word, read_namespace, read_proc, read_binfmt,
    read_interpreter, read_kill_child, read_wanted_id, read_map_self, read_map_source,
    read_map_both, read_owner, read_seconds, read_kept_variables, read_descriptor, read_hostname,
    read_quiet, read_purpose;

/* The words that an argument may be, as in "a|b", and what each stands for in the request. */
struct word_list {
	const char *argument_name;
	const char *words;
	unsigned meanings[4];
};

/* The words for the option's argument, or NULL if it has none. */
const struct word_list *list_words(const struct option_row *option);

/* Which of the words the argument is, counted from 0, or -1. */
int find_word(const struct word_list *list, const char *argument);

/* Where in argv the reader stands. Start with {.next = argv + 1, .letters = ""}. */
struct option_cursor {
	char **next;
	const char *letters;             /* the rest of a bundle such as -mpf */
	const struct option_row *option; /* what next_option() found; NULL: no option is left */
	const char *argument;            /* its argument; NULL: none was given */
};

/*
 * Takes the next option as getopt_long(3) would with a leading '+': letters may be
 * bundled, names may be cut as long as they stay unambiguous, options end at "--"
 * or at the first other word. Returns -1 after a complaint.
 */
int next_option(struct option_cursor *cursor);

/*
 * Reads argv into *request, which must be zeroed, and applies what options imply.
 * Makes no system call but to complain. Returns -1 after a complaint.
 */
int read_options(struct request *request, char **argv);
