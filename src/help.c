#include "help.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "options.h"

/* Where the explanations start. */
enum { HELP_COLUMN = 29 };

static const char *const group_titles[OPTION_GROUPS] = {
    [NAMESPACE_OPTIONS] = "Namespaces (=file keeps one for nsenter)",
    [PROCESS_OPTIONS] = "Process",
    [FILE_SYSTEM_OPTIONS] = "File systems",
    [ID_OPTIONS] = "Users and groups",
    [SETTING_OPTIONS] = "Names, clocks and environment",
    [OUTPUT_OPTIONS] = "Output",
};

static void add_option(struct text *text, const struct option_row *option)
{
	char buffer[64];
	struct text form = {.start = buffer, .capacity = sizeof(buffer), .descriptor = -1};
	char letter[] = {option->letter, '\0'};

	text_print(&form, option->letter ? "  -%s, " : "      %s", letter);
	text_print(&form, "--%s", option->name);
	if (option->argument == OPTIONAL_ARGUMENT)
		text_print(&form, "[=%s]", option->argument_name);
	if (option->argument == REQUIRED_ARGUMENT)
		text_print(&form, " %s", option->argument_name);
	while (form.length < HELP_COLUMN - 1)
		text_character(&form, ' ');
	text_raw(text, form.start, form.length);
	text_print(text, " %s\n", option->help);
}

static void add_group(struct text *text, enum option_group group)
{
	text_print(text, "\n%s:\n", group_titles[group]);
	for (size_t i = 0; i < option_count; i++) {
		if (options[i].group == group)
			add_option(text, &options[i]);
	}
}

/* In one piece, so that an error of the one write is an error of nsrun. */
static int print(const struct text *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t written = write(STDOUT_FILENO, text->start + done, text->length - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			complain_of(errno, "cannot write to standard output");
			return EXIT_NSRUN;
		}
		done += (size_t)written;
	}
	return EXIT_SUCCESS;
}

int show_help(void)
{
	char buffer[8192];
	struct text text = {.start = buffer, .capacity = sizeof(buffer), .descriptor = -1};

	text_print(&text, "Usage: nsrun [options] [program [argument ...]]\n"
			  "Run a program (default: your shell) in new Linux namespaces.\n");
	for (enum option_group group = 0; group < OPTION_GROUPS; group++)
		add_group(&text, group);
	text_print(&text, "\nManual: nsrun(1)\n");
	return print(&text);
}

int show_version(void)
{
	char buffer[64];
	struct text text = {.start = buffer, .capacity = sizeof(buffer), .descriptor = -1};

	text_print(&text, "nsrun %s\n", NSRUN_VERSION);
	return print(&text);
}
