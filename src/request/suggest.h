/* What a person may have meant by an option that nsrun does not have. */
#pragma once

#include "options.h"

/* How many letters must be put in, left out, replaced, or swapped with their neighbours to turn one
 * word into the other, where no letter is touched twice (optimal string alignment, the restricted
 * form of the distance of Damerau and Levenshtein). The words have at most LONGEST_COMPARED
 * letters. */
enum { LONGEST_COMPARED = 40 };
__attribute__((cold)) size_t edit_distance(const char *a, size_t a_length, const char *b,
					   size_t b_length);

/* The name, in that many rows, nearest to the first length letters of word, or NULL if none
 * is within a third of them. */
__attribute__((cold)) const char *nearest_name(const struct option_row *rows, size_t count,
					       const char *word, size_t length);

/* Options that other tools have, with '|' between them, and what to use instead: what nsrun calls
 * it, or a sentence. Each ends with a NUL, and an empty one ends them all. */
extern const char foreign_options[];

/* Hints after a complaint about an option's name, of which length letters come before a "=": it is
 * unknown, or the start of several. Returns true if there was a hint. */
__attribute__((cold)) bool hint_name(const char *word, size_t length);

/* The same for an unknown letter. */
__attribute__((cold)) void hint_letter(const char *letter);
