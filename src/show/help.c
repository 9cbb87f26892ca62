#include "show.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "environment.h"
#include "message.h"
#include "number.h"
#include "options.h"

/* Where the descriptions start, and from which width on there is room for two columns. */
enum { HELP_COLUMN = 29, NARROW_COLUMN = 10, TWO_COLUMNS = 60, USUAL_WIDTH = 80 };

static const char *const group_titles[OPTION_GROUPS] = {
    [NAMESPACE_OPTIONS] = "Namespaces (=file keeps one for nsenter):",
    [PROCESS_OPTIONS] = "Process:",
    [FILE_SYSTEM_OPTIONS] = "File systems:",
    [ID_OPTIONS] = "Users and groups:",
    [SETTING_OPTIONS] = "Names, clocks and environment:",
    [OUTPUT_OPTIONS] = "Output:",
};

/* The text, and how it is laid out on the terminal. */
struct page {
	struct text *text;
	bool all;
	size_t width;
	size_t column;
};

static size_t find_width(char **environment)
{
	struct winsize size;
	const char *columns = find_variable(environment, "COLUMNS");
	uint64_t number;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns && read_number(columns, UINT16_MAX, &number) && number > 0)
		return (size_t)number;
	return USUAL_WIDTH;
}

/* Adds words, the first of which stands at column; so do further lines. */
static void add_words(const struct page *page, size_t column, const char *words)
{
	size_t position = column;

	while (*words) {
		size_t length = strcspn(words, " ");

		if (position > column && position + 1 + length > page->width) {
			text_character(page->text, '\n');
			text_column(page->text, "", column);
			position = column;
		} else if (position > column) {
			text_character(page->text, ' ');
			position++;
		}
		text_raw(page->text, words, length);
		position += length;
		words += length + (words[length] == ' ');
	}
	text_character(page->text, '\n');
}

static void add_option(const struct page *page, const struct option_row *option)
{
	char buffer[64];
	struct text form = text_in(buffer, sizeof(buffer));
	char letter[] = {option->letter, '\0'};

	text_print(&form, option->letter ? "  -%s, " : "      %s", letter);
	text_print(&form, "--%s", option->name);
	if (option->argument == OPTIONAL_ARGUMENT)
		text_print(&form, "[=%s]", option->argument_name);
	if (option->argument == REQUIRED_ARGUMENT)
		text_print(&form, " %s", option->argument_name);
	text_raw(page->text, form.start, form.length);
	if (form.length >= page->column) {
		text_character(page->text, '\n');
		form.length = 0;
	}
	text_column(page->text, "", page->column - form.length);
	add_words(page, page->column, option->help);
}

static bool is_shown(const struct page *page, const struct option_row *option,
		     enum option_group group)
{
	return (option->group & ~(unsigned)ESSENTIAL) == group &&
	       (page->all || option->group & ESSENTIAL);
}

static void add_group(const struct page *page, enum option_group group)
{
	bool has_title = false;

	for (size_t i = 0; i < option_count; i++) {
		if (!is_shown(page, &options[i], group))
			continue;
		/* Without blank lines between them the essentials fit a screen. */
		if (!has_title && page->all)
			text_character(page->text, '\n');
		if (!has_title)
			add_words(page, 0, group_titles[group]);
		has_title = true;
		add_option(page, &options[i]);
	}
}

int show_help(bool all, char **environment)
{
	char buffer[8192];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));
	struct page page = {.text = &text, .all = all, .width = find_width(environment)};

	page.column = page.width < TWO_COLUMNS ? NARROW_COLUMN : HELP_COLUMN;
	add_words(&page, 0, "Usage: nsrun [options] [program [argument ...]]");
	add_words(&page, 0,
		  "Run a program (default: your shell) in new Linux namespaces. Manual: nsrun(1)");
	for (enum option_group group = 0; group < OPTION_GROUPS; group++)
		add_group(&page, group);
	return finish_output(&text);
}

int show_version(void)
{
	char buffer[64];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));

	text_print(&text, "nsrun %s\n", NSRUN_VERSION);
	return finish_output(&text);
}
