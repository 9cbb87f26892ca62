#include "show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "names.h"
#include "options.h"

/* How each shell completes what an option's help calls its argument. */
static const struct argument_kind {
	const char *name;
	const char *bash, *zsh, *fish;
} kinds[] = {
    {"file", "-f", "_files", "(__fish_complete_path)"},
    {"dir", "-d", "_files -/", "(__nsrun_directories)"},
    {"signal", "signal", "_nsrun_signals", "(__nsrun_signals)"},
    {"uid|name", "-u", "_users", "(__fish_complete_users)"},
    {"gid|name", "-g", "_groups", "(__fish_complete_groups)"},
    {"uid", "$(getent passwd | cut -d: -f3)", " _nsrun_ids passwd", "(__fish_complete_user_ids)"},
    {"gid", "$(getent group | cut -d: -f3)", " _nsrun_ids group", "(__fish_complete_group_ids)"},
    {"a,b,c", "-e", "_sequence _parameters -g \"*export*\"",
     "(__fish_append , (set --names --export))"},
};

static const struct argument_kind *find_kind(const struct option_row *option)
{
	for (size_t i = 0; option->argument_name && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(option->argument_name, kinds[i].name) == 0)
			return &kinds[i];
	}
	return NULL;
}

static void add_words(struct text *text, const char *words)
{
	for (; *words; words++) {
		char character = *words;

		if (character == '|')
			character = ' ';
		text_character(text, character);
	}
}

/* For a place between single quotes, where the shell minds those characters also. */
static void add_quoted(struct text *text, const char *string, const char *also)
{
	for (; *string; string++) {
		if (*string == '\'')
			text_add(text, "'\\'");
		else if (strchr(also, *string))
			text_character(text, '\\');
		text_character(text, *string);
	}
}

static void add_signals(struct text *text)
{
	const char *name;

	for (unsigned i = 0; (name = signal_name_at(i)); i++)
		text_print(text, i ? " %s" : "%s", name);
}

static void add_names(struct text *text)
{
	for (size_t i = 0; i < option_count; i++)
		text_print(text, i ? " %s" : "%s", options[i].name);
}

static void add_taking_names(struct text *text)
{
	const char *format = "%s";

	for (size_t i = 0; i < option_count; i++) {
		if (options[i].argument != REQUIRED_ARGUMENT)
			continue;
		text_print(text, format, options[i].name);
		format = " %s";
	}
}

static void add_taking_letters(struct text *text)
{
	for (size_t i = 0; i < option_count; i++) {
		if (options[i].letter && options[i].argument == REQUIRED_ARGUMENT)
			text_character(text, options[i].letter);
	}
}

static void add_bash_options(struct text *text)
{
	static const char *const marks[] = {
	    [NO_ARGUMENT] = "", [OPTIONAL_ARGUMENT] = "?", [REQUIRED_ARGUMENT] = "="};

	for (size_t i = 0; i < option_count; i++) {
		const struct argument_kind *kind = find_kind(&options[i]);
		const char *words = argument_words(&options[i]);

		text_add(text, i ? "\n        " : "");
		text_print(text, "[%s]='%s", options[i].name, marks[options[i].argument]);
		if (kind)
			text_add(text, kind->bash);
		else if (words)
			add_words(text, words);
		text_character(text, '\'');
	}
}

static void add_bash_letters(struct text *text)
{
	for (size_t i = 0; i < option_count; i++) {
		if (!options[i].letter)
			continue;
		text_add(text, i ? " [" : "[");
		text_character(text, options[i].letter);
		text_print(text, "]=%s", options[i].name);
	}
}

/* zshcompsys(1), _arguments: the options that exclude this one, and its name. */
static void start_zsh_option(struct text *text, const struct option_row *option)
{
	text_character(text, '\'');
	if (option->argument_name && strcmp(option->argument_name, "range") == 0)
		text_character(text, '*');
	else if (option->letter) {
		text_add(text, "(-");
		text_character(text, option->letter);
		text_print(text, " --%s)", option->name);
	}
}

static void end_zsh_option(struct text *text, const struct option_row *option, bool has_argument)
{
	const struct argument_kind *kind = find_kind(option);
	const char *words = argument_words(option);

	text_character(text, '[');
	add_quoted(text, option->help, "\\[]:");
	text_character(text, ']');
	if (has_argument) {
		text_add(text, option->argument == OPTIONAL_ARGUMENT ? "::" : ":");
		add_quoted(text, option->argument_name, "\\:");
		text_character(text, ':');
		if (kind)
			text_add(text, kind->zsh);
		else if (words) {
			text_character(text, '(');
			add_words(text, words);
			text_character(text, ')');
		} else
			text_character(text, ' ');
	}
	text_character(text, '\'');
}

static void add_zsh_options(struct text *text)
{
	static const char next_line[] = " \\\n        ";
	static const char *const marks[] = {
	    [NO_ARGUMENT] = "", [OPTIONAL_ARGUMENT] = "=-", [REQUIRED_ARGUMENT] = "="};

	for (size_t i = 0; i < option_count; i++) {
		bool takes = options[i].argument == REQUIRED_ARGUMENT;

		text_add(text, i ? next_line : "");
		if (options[i].letter) {
			start_zsh_option(text, &options[i]);
			text_character(text, '-');
			text_character(text, options[i].letter);
			text_add(text, takes ? "+" : "");
			end_zsh_option(text, &options[i], takes);
			text_add(text, next_line);
		}
		start_zsh_option(text, &options[i]);
		text_print(text, "--%s%s", options[i].name, marks[options[i].argument]);
		end_zsh_option(text, &options[i], options[i].argument != NO_ARGUMENT);
	}
}

static void start_fish_option(struct text *text, const struct option_row *option)
{
	text_add(text, "complete -c nsrun -n __nsrun_options -d '");
	add_quoted(text, option->help, "\\");
	text_character(text, '\'');
}

static void add_fish_letter(struct text *text, const struct option_row *option)
{
	text_add(text, " -s ");
	text_character(text, option->letter);
}

static void add_fish_options(struct text *text)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct argument_kind *kind = find_kind(&options[i]);
		const char *words = argument_words(&options[i]);

		/* An optional argument belongs to the name alone. */
		if (options[i].letter && options[i].argument == OPTIONAL_ARGUMENT) {
			start_fish_option(text, &options[i]);
			add_fish_letter(text, &options[i]);
			text_character(text, '\n');
		}
		start_fish_option(text, &options[i]);
		if (options[i].letter && options[i].argument != OPTIONAL_ARGUMENT)
			add_fish_letter(text, &options[i]);
		text_print(text, " -l %s", options[i].name);
		if (options[i].argument == REQUIRED_ARGUMENT)
			text_add(text, " -x");
		if (kind)
			text_print(text, " -a '%s'", kind->fish);
		else if (words) {
			text_add(text, " -a '");
			add_words(text, words);
			text_character(text, '\'');
		}
		text_character(text, '\n');
	}
}

/* A part of a script: words, and what comes after them unless that is NULL. */
struct part {
	const char *words;
	void (*add)(struct text *text);
};

/* Made by scripts.awk of nsrun.bash, nsrun.zsh and nsrun.fish. */
#include "scripts.h"

static const struct shell {
	const char *name;
	const struct part *script;
} shells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

int show_completion(const char *shell)
{
	char buffer[4096];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));
	size_t i = 0;

	while (strcmp(shell, shells[i].name) != 0)
		i++;
	for (const struct part *part = shells[i].script; part->words; part++) {
		text_add(&text, part->words);
		if (part->add)
			part->add(&text);
	}
	return finish_output(&text);
}
