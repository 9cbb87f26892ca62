/* Cuts a line up into words. */
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void split_words(struct words *words, const char *line)
{
	char *to = words->buffer;

	assert_true(strlen(line) < sizeof(words->buffer));
	words->count = 0;
	line += strspn(line, " ");
	while (*line) {
		bool quoted = false;

		assert_true(words->count < MOST_WORDS);
		words->list[words->count++] = to;
		for (; *line && (quoted || *line != ' '); line++) {
			if (*line == '\'')
				quoted = !quoted;
			else
				*to++ = *line;
		}
		*to++ = '\0';
		line += strspn(line, " ");
	}
	words->list[words->count] = NULL;
}
