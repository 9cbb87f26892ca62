/* A line cut up into words, as argv. */
#pragma once

enum { MOST_WORDS = 1024 };

struct words {
	char buffer[1 << 16];
	char *list[MOST_WORDS + 1]; /* ends with NULL */
	int count;
};

/* Cuts at blanks; single quotes hold blanks together, and '' is an empty word. Fails the test
 * where there is no room for them. */
void split_words(struct words *words, const char *line);
