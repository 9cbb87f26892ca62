/* The command line: one table of options, and the reader that walks argv by it. */
#pragma once

#include "request.h"

enum { RARE, ESSENTIAL };

struct option_row;

/* Stores what the option asks for. Returns -1 after a complaint about argument. */
typedef int option_reader(struct request *request, const struct option_row *option,
			  const char *argument);

struct option_row {
	const char *name;
	char letter;    /* 0: long form only */
	bool essential; /* shown in a short help too, which is to fit a screen of 80x24 */
	enum { NO_ARGUMENT, OPTIONAL_ARGUMENT, REQUIRED_ARGUMENT } argument;
	const char *argument_name;
	const char *group; /* its title in the help */
	const char *help;
	option_reader *read;
	size_t where; /* for a reader of many rows: a place in the request, or a value */
};

extern const struct option_row options[];
extern const size_t option_count;

/* readers.c: each turns one argument into a piece of the request. */
option_reader read_switch, read_string, read_word, read_namespace, read_proc, read_binfmt,
    read_interpreter, read_kill_child, read_wanted_id, read_map_self, read_kept_variables,
    read_descriptor, read_hostname, read_quiet, read_version;
__attribute__((cold)) option_reader read_map_source, read_map_both, read_owner, read_seconds;

/* The words that an argument may be, as in "a|b", and what the request gets: without an argument,
 * and then for each word. */
struct word_list {
	const char *argument_name;
	const char *words;
	unsigned meanings[5];
};

/* The words for the option's argument, or NULL if it has none. */
const struct word_list *list_words(const struct option_row *option);

/* Which of words, as in "a|b", the first length letters of word are, counted from 1, or 0. */
unsigned find_word(const char *words, const char *word, size_t length);

/* Where in argv the reader stands. Start with {.next = argv + 1, .letters = ""}. */
struct option_cursor {
	char **next;
	const char *letters;             /* the rest of a bundle such as -mpf */
	const struct option_row *option; /* what next_option() found; NULL: no option is left */
	const char *argument;            /* its argument; NULL: none was given */
};

/* Takes the next option as getopt_long(3) would with a leading '+': letters may be bundled, names
 * be cut while unambiguous, and "--" or another word ends them. Returns -1 after a complaint. */
int next_option(struct option_cursor *cursor);

/* Reads argv into *request, which must be zeroed but for its lists, and applies what options imply.
 * Makes no system call but to complain. Returns -1 after a complaint. */
int read_options(struct request *request, char **argv);

/* suggest.c: how many letters must be put in, left out, replaced, or swapped with their neighbours
 * to turn one word into the other, none of them touched twice (optimal string alignment, the
 * restricted form of Damerau and Levenshtein's distance). Words have at most LONGEST_COMPARED. */
enum { LONGEST_COMPARED = 40 };
__attribute__((cold)) size_t edit_distance(const char *a, size_t a_length, const char *b,
					   size_t b_length);

/* The row's name nearest to length letters of word, or NULL if none is within a third of them. */
__attribute__((cold)) const char *nearest_name(const struct option_row *rows, size_t count,
					       const char *word, size_t length);

/* Options that other tools have, with '|' between them, and what to use instead: what nsrun calls
 * it, or a sentence. Each ends with a NUL, and an empty one ends them all. */
extern const char foreign_options[];

/* Hints after a complaint about an option's name, of which length letters come before a "=": it is
 * unknown, or the start of several. Returns true if there was a hint. */
__attribute__((cold)) bool hint_name(const char *word, size_t length);

/* The same for a letter that is unknown. */
__attribute__((cold)) void hint_letter(const char *letter);
