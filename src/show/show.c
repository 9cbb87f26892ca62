#include "show.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "message.h"
#include "options.h"

enum { USUAL_WIDTH = 80, LEAST_ROOM = 12 };

/* Where the descriptions start, and from which width on there is room for two columns. */
enum { HELP_COLUMN = 29, NARROW_COLUMN = 10, TWO_COLUMNS = 60 };

struct page look_at_screen(void)
{
	struct page page = {.width = USUAL_WIDTH, .left = ""};
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t number;

	page.coloured = colours_are_allowed() && isatty(STDOUT_FILENO);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		page.width = size.ws_col;
	else if (columns && read_number(columns, UINT16_MAX, &number) && number > 0)
		page.width = (size_t)number;
	return page;
}

/* How many bytes of the words fit into so many columns. */
static size_t fitting(const char *words, size_t room)
{
	size_t columns = 0, good = 0, poor = 0, i;

	for (i = 0; words[i]; i++) {
		if (words[i] == ' ')
			good = i;
		/* The further bytes of a character in UTF-8 take no column (utf-8(7)). */
		columns += (words[i] & 0xc0) != 0x80;
		if (columns > room && (good || poor))
			return good ? good : poor;
		if (words[i] == '|')
			good = i + 1;
		else if (strchr("/,({", words[i]))
			poor = i + 1;
	}
	return i;
}

void add_wrapped(const struct page *page, size_t start, size_t column, const char *words)
{
	for (;; start = column) {
		size_t room = page->width > start + LEAST_ROOM ? page->width - start : LEAST_ROOM;
		size_t length = fitting(words, room);

		text_raw(page->text, words, length);
		text_character(page->text, '\n');
		words += length + (words[length] == ' ');
		if (!*words)
			return;
		text_column(page->text, page->left, column);
	}
}

static void add_option(const struct page *page, const struct option_row *option)
{
	char buffer[64];
	struct text form = text_in(buffer, sizeof(buffer));
	char letter[] = {option->letter, '\0'};
	size_t column = page->width < TWO_COLUMNS ? NARROW_COLUMN : HELP_COLUMN;

	text_print(&form, option->letter ? "  -%s, --%s" : "      %s--%s", letter, option->name);
	if (option->argument != NO_ARGUMENT)
		text_print(&form, option->argument == OPTIONAL_ARGUMENT ? "[=%s]" : " %s",
			   option->argument_name);
	text_end(&form);
	if (form.length >= column) {
		add_wrapped(page, 0, NARROW_COLUMN, form.start);
		*form.start = '\0';
	}
	text_column(page->text, form.start, column);
	add_wrapped(page, column, column, option->help);
}

static void add_help(struct text *text, bool all)
{
	char usage[NAME_MAX + 64];
	struct page page = look_at_screen();
	const char *last_group = NULL;

	page.text = text;
	print_into(usage, sizeof(usage), "Usage: %s [options] [program [argument ...]]",
		   own_name());
	add_wrapped(&page, 0, 0, usage);
	add_wrapped(
	    &page, 0, 0,
	    "Run a program (default: your shell) in new Linux namespaces. Manual: nsrun(1)");
	for (size_t i = 0; i < option_count; i++) {
		if (!all && !options[i].essential)
			continue;
		/* Without blank lines between them the essentials fit a screen. */
		if (options[i].group != last_group && all)
			text_character(text, '\n');
		if (options[i].group != last_group)
			add_wrapped(&page, 0, 0, options[i].group);
		last_group = options[i].group;
		add_option(&page, &options[i]);
	}
}

static void add_version(struct text *text, bool as_unshare)
{
	/* Scripts look for the pattern, the first number or the last word, and people for nsrun. */
	if (as_unshare)
		text_add(text,
			 "unshare from util-linux 2.43\n"
			 "This is nsrun " NSRUN_VERSION " with the options of unshare 2.43\n");
	else
		text_add(text, "nsrun " NSRUN_VERSION "\n");
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
		if (option->read != read_kill_child)
			continue;
		for (const struct named_signal *signal = named_signals; signal->name; signal++)
			text_print(text, "|%s", signal->name);
	}
}

/* Made by scripts.awk of nsrun.bash, nsrun.zsh and nsrun.fish. */
#include "scripts.h"

static const char *const *const scripts[] = {
    [SHOW_BASH] = bash_script, [SHOW_ZSH] = zsh_script, [SHOW_FISH] = fish_script};

static void add_completion(struct text *text, enum purpose shell)
{
	for (const char *const *part = scripts[shell]; *part; part++) {
		if (strcmp(*part, "@options@") == 0)
			add_options(text);
		else
			text_add(text, *part);
	}
}

int show(const struct request *request)
{
	char buffer[8192];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));
	bool as_unshare = strcmp(own_name(), "unshare") == 0;

	if (request->purpose >= SHOW_BASH)
		add_completion(&text, request->purpose);
	else if (request->purpose == SHOW_VERSION)
		add_version(&text, as_unshare);
	else
		add_help(&text, request->purpose == SHOW_WHOLE_HELP || as_unshare);
	return finish_output(&text) < 0 ? EXIT_NSRUN : EXIT_SUCCESS;
}
