#include "show.h"

#include <string.h>

#include "names.h"
#include "options.h"

static void add_signals(struct text *text)
{
	for (const struct named_signal *signal = named_signals; signal->name; signal++)
		text_print(text, "|%s", signal->name);
}

/* A line for each option, which the scripts cut at '@'. They have all of them in single quotes. */
static void add_options(struct text *text)
{
	static const char *const marks[] = {
	    [NO_ARGUMENT] = "", [OPTIONAL_ARGUMENT] = "=?", [REQUIRED_ARGUMENT] = "="};

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *option = &options[i];
		const char letter[] = {option->letter, '\0'};
		const struct word_list *list = list_words(option);

		text_add(text, i ? "\n" : "");
		text_print(text, "%s@%s@%s@%s@%s@%s", option->name, letter, marks[option->argument],
			   option->argument_name ? option->argument_name : "", option->help,
			   list ? list->words : "");
		if (option->argument_name && strcmp(option->argument_name, "signal") == 0)
			add_signals(text);
	}
}

/* Made by scripts.awk of nsrun.bash, nsrun.zsh and nsrun.fish. */
#include "scripts.h"

static const char *const *const scripts[] = {
    [SHOW_BASH] = bash_script, [SHOW_ZSH] = zsh_script, [SHOW_FISH] = fish_script};

void add_completion(struct text *text, enum purpose shell)
{
	for (const char *const *part = scripts[shell]; *part; part++) {
		if (strcmp(*part, "@options@") == 0)
			add_options(text);
		else
			text_add(text, *part);
	}
}
