#include <string.h>

#include "options.h"

const char *argument_words(const struct option_row *option)
{
	static const struct {
		const char *name, *words;
	} lists[] = {
	    {"mode", "private|shared|slave|unchanged"},
	    {"range", "auto|subids|all"},
	    {"shell", "bash|zsh|fish"},
	    {"allow|deny", "allow|deny"},
	    {"text|json", "text|json"},
	    {"all", "all"},
	};

	for (size_t i = 0; option->argument_name && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(option->argument_name, lists[i].name) == 0)
			return lists[i].words;
	}
	return NULL;
}

int find_word(const struct option_row *option, const char *argument)
{
	const char *word = argument_words(option);

	for (int i = 0;; i++) {
		size_t length = strcspn(word, "|");

		if (strlen(argument) == length && memcmp(word, argument, length) == 0)
			return i;
		if (!word[length])
			return -1;
		word += length + 1;
	}
}
