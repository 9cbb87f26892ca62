#include <string.h>
#include <sys/mount.h>

#include "options.h"

const struct word_list *list_words(const struct option_row *option)
{
	static const struct word_list lists[] = {
	    {"mode",
	     "private|shared|slave|unchanged",
	     {MS_REC | MS_PRIVATE, MS_REC | MS_SHARED, MS_REC | MS_SLAVE, 0}},
	    {"range", "auto|subids|all", {AUTO_RANGE, SUBORDINATE_RANGE, ALL_RANGES}},
	    {"shell", "bash|zsh|fish", {0}},
	    {"allow|deny", "allow|deny", {SETGROUPS_ALLOW, SETGROUPS_DENY}},
	    {"text|json", "text|json", {TEXT_OUTPUT, JSON_OUTPUT}},
	    {"all", "all", {0}},
	};

	for (size_t i = 0; option->argument_name && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(option->argument_name, lists[i].argument_name) == 0)
			return &lists[i];
	}
	return NULL;
}

int find_word(const struct word_list *list, const char *argument)
{
	const char *word = list->words;

	for (int i = 0;; i++) {
		size_t length = strcspn(word, "|");

		if (strlen(argument) == length && memcmp(word, argument, length) == 0)
			return i;
		if (!word[length])
			return -1;
		word += length + 1;
	}
}
