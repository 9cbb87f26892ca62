#include "show.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "options.h"

/* Where the descriptions start, and from which width on there is room for two columns. */
enum { HELP_COLUMN = 29, NARROW_COLUMN = 10, TWO_COLUMNS = 60 };

static const char *const group_titles[OPTION_GROUPS] = {
    [NAMESPACE_OPTIONS] = "Namespaces (=file keeps one for nsenter):",
    [PROCESS_OPTIONS] = "Process:",
    [FILE_SYSTEM_OPTIONS] = "File systems:",
    [ID_OPTIONS] = "Users and groups:",
    [SETTING_OPTIONS] = "Names, clocks and environment:",
    [OUTPUT_OPTIONS] = "Output:",
};

/* What is shown of the options, and where their descriptions start. */
struct help {
	struct page page;
	bool all;
	size_t column;
};

static void add_option(const struct help *help, const struct option_row *option)
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
	text_end(&form);
	if (form.length >= help->column) {
		add_wrapped(&help->page, 0, NARROW_COLUMN, form.start);
		*form.start = '\0';
	}
	text_column(help->page.text, form.start, help->column);
	add_wrapped(&help->page, help->column, help->column, option->help);
}

static bool is_shown(const struct help *help, const struct option_row *option,
		     enum option_group group)
{
	return (option->group & ~(unsigned)ESSENTIAL) == group &&
	       (help->all || option->group & ESSENTIAL);
}

static void add_group(const struct help *help, enum option_group group)
{
	bool has_title = false;

	for (size_t i = 0; i < option_count; i++) {
		if (!is_shown(help, &options[i], group))
			continue;
		/* Without blank lines between them the essentials fit a screen. */
		if (!has_title && help->all)
			text_character(help->page.text, '\n');
		if (!has_title)
			add_wrapped(&help->page, 0, 0, group_titles[group]);
		has_title = true;
		add_option(help, &options[i]);
	}
}

static int show_help(bool all, char **environment)
{
	char buffer[8192], usage[NAME_MAX + 64];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));
	struct help help = {.page = look_at_screen(environment), .all = all};

	help.page.text = &text;
	help.column = help.page.width < TWO_COLUMNS ? NARROW_COLUMN : HELP_COLUMN;
	print_into(usage, sizeof(usage), "Usage: %s [options] [program [argument ...]]",
		   own_name());
	add_wrapped(&help.page, 0, 0, usage);
	add_wrapped(
	    &help.page, 0, 0,
	    "Run a program (default: your shell) in new Linux namespaces. Manual: nsrun(1)");
	for (enum option_group group = 0; group < OPTION_GROUPS; group++)
		add_group(&help, group);
	return finish_output(&text);
}

static bool is_in_place_of_unshare(void)
{
	return strcmp(own_name(), "unshare") == 0;
}

static int show_version(void)
{
	static const char theirs[] = "2.43"; /* of the unshare(1) whose options these are */
	char buffer[128];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));

	/* Scripts look for the pattern, the first number or the last word, and people for nsrun. */
	if (is_in_place_of_unshare())
		text_print(&text,
			   "unshare from util-linux %s\n"
			   "This is nsrun %s with the options of unshare %s\n",
			   theirs, NSRUN_VERSION, theirs);
	else
		text_print(&text, "nsrun %s\n", NSRUN_VERSION);
	return finish_output(&text);
}

int show(const struct request *request, char **environment)
{
	if (request->purpose == SHOW_COMPLETION)
		return show_completion(request->what);
	if (request->purpose == SHOW_VERSION)
		return show_version();
	return show_help(request->what != NULL || is_in_place_of_unshare(), environment);
}
