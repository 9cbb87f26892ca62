/*
 * What --help shows on a screen, and the shell that nsrun without arguments is: both depend
 * on the terminal.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last line is for the shell's prompt. */
enum { SCREEN_WIDTH = 80, SCREEN_LINES = 24 - 1, MOST_LINES = 512 };

static struct outcome outcome;

/* A help text, and where its lines start. */
struct help {
	char text[1 << 15];
	char *lines[MOST_LINES];
	size_t count;
};

static void take_help(struct help *help)
{
	size_t length = 0;

	/* The terminal puts a carriage return in front of each newline. */
	for (const char *from = outcome.output; *from; from++) {
		if (*from != '\r')
			help->text[length++] = *from;
		assert_true(length < sizeof(help->text));
	}
	help->text[length] = '\0';
	help->count = 0;
	for (char *line = strtok(help->text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(help->count < MOST_LINES);
		help->lines[help->count++] = line;
	}
	assert_true(help->count > 0);
}

/* On a terminal of that many columns. */
static void show_in_terminal(struct help *help, unsigned columns, const char *command)
{
	run_freely(&outcome, &(struct launch){.who = USER, .on_terminal = true},
		   "sh -c 'stty cols %u; %s; echo end'", columns, command);
	check_clean(&outcome);
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "end\r\n"));
	*strstr(outcome.output, "end\r\n") = '\0';
	take_help(help);
}

static void show_in_pipe(struct help *help, const char *command)
{
	run(&outcome, USER, "%s", command);
	check_status(&outcome, 0);
	take_help(help);
}

static size_t longest_line(const struct help *help)
{
	size_t longest = 0;

	for (size_t i = 0; i < help->count; i++) {
		size_t length = strlen(help->lines[i]);
		longest = length > longest ? length : longest;
	}
	return longest;
}

/* The words of all lines, each behind one blank. */
static void join_words(const struct help *help, char *words, size_t size)
{
	char line[512], *rest;
	size_t length = 0;

	*words = '\0';
	for (size_t i = 0; i < help->count; i++) {
		snprintf(line, sizeof(line), "%s", help->lines[i]);
		for (char *word = strtok_r(line, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			length += (size_t)snprintf(words + length, size - length, " %s", word);
			assert_true(length < size);
		}
	}
}

static bool is_title(const char *line)
{
	return line[0] != ' ' && line[strlen(line) - 1] == ':';
}

static void test_essentials_fit_a_screen(void **state)
{
	static struct help help;
	unsigned titles = 0;

	(void)state;
	show_in_terminal(&help, SCREEN_WIDTH, "nsrun --help");
	assert_true(longest_line(&help) <= SCREEN_WIDTH);
	assert_true(help.count <= SCREEN_LINES);
	for (size_t i = 0; i < help.count; i++) {
		titles += is_title(help.lines[i]);
		/* A title stands above options, and each option has one line. */
		if (is_title(help.lines[i]))
			assert_true(i + 1 < help.count && strchr(help.lines[i + 1], '-'));
		else if (titles > 0)
			assert_non_null(strstr(help.lines[i], "--"));
	}
	assert_true(titles >= 4);
	assert_non_null(strstr(help.lines[help.count - 1], "--help[=all]"));
}

/* All of it has one above each title; with them the essentials would not fit a screen. */
static void test_blank_lines(void **state)
{
	static struct help help;
	unsigned blank = 0, titles = 0;

	(void)state;
	show_in_pipe(&help, "nsrun --help");
	assert_null(strstr(outcome.output, "\n\n"));
	show_in_pipe(&help, "nsrun --help=all");
	for (const char *at = outcome.output; (at = strstr(at, "\n\n")); at += 2) {
		assert_true(at[2] != ' ' && at[2] != '\n');
		blank++;
	}
	for (size_t i = 0; i < help.count; i++)
		titles += is_title(help.lines[i]);
	assert_int_equal(blank, titles);
}

static bool has_line(const struct help *help, const char *line)
{
	for (size_t i = 0; i < help->count; i++) {
		if (strcmp(help->lines[i], line) == 0)
			return true;
	}
	return false;
}

static void test_essentials_are_among_all(void **state)
{
	static struct help some, all;

	(void)state;
	show_in_pipe(&some, "nsrun -h");
	show_in_pipe(&all, "nsrun --help=all");
	assert_true(all.count > some.count);
	for (size_t i = 0; i < some.count; i++) {
		if (!has_line(&all, some.lines[i]))
			fail_msg("not in --help=all: %s", some.lines[i]);
	}
}

static void test_each_group_fits_a_screen(void **state)
{
	static struct help help;
	size_t lines = 0;

	(void)state;
	show_in_terminal(&help, SCREEN_WIDTH, "nsrun --help=all");
	for (size_t i = 0; i < help.count; i++) {
		lines = is_title(help.lines[i]) ? 1 : lines + 1;
		assert_true(lines <= SCREEN_LINES);
	}
}

static void test_width_of_the_terminal(void **state)
{
	static const unsigned widths[] = {40, 59, 60, 79, 80, 81, 132, 400};
	static struct help help;
	static char usual[1 << 14], words[1 << 14];
	size_t count = 0;

	(void)state;
	show_in_pipe(&help, "nsrun --help=all");
	assert_true(longest_line(&help) <= SCREEN_WIDTH);
	join_words(&help, usual, sizeof(usual));
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		/* The terminal counts, whatever COLUMNS says. */
		show_in_terminal(&help, widths[i], "COLUMNS=100 nsrun --help=all");
		if (longest_line(&help) > widths[i])
			fail_msg("%u columns: a line has %zu", widths[i], longest_line(&help));
		join_words(&help, words, sizeof(words));
		assert_string_equal(words, usual);
		/* Room is used where there is more of it. */
		assert_true(i == 0 || help.count <= count);
		count = help.count;
	}
	/* Each line but the titles is an option's. */
	for (size_t i = 2; i < help.count; i++)
		assert_true(is_title(help.lines[i]) || strstr(help.lines[i], "--"));
}

/* What is wrapped goes on below where it began. */
static void test_column_of_descriptions(void **state)
{
	static struct help help;
	unsigned wrapped = 0;
	size_t column = 0;

	(void)state;
	show_in_pipe(&help, "env COLUMNS=79 nsrun --help=all");
	for (size_t i = 2; i < help.count; i++) {
		const char *line = help.lines[i];

		if (is_title(line))
			continue;
		if (strstr(line, "--mount[=file]"))
			column = (size_t)(strstr(line, "mounts of its own") - line);
		assert_true(column > 0);
		assert_true(line[column - 1] == ' ');
		assert_true(line[column] != ' ');
		wrapped += strspn(line, " ") == column;
	}
	assert_true(wrapped > 0);
}

static void test_width_without_a_terminal(void **state)
{
	static const struct {
		const char *columns;
		unsigned width;
	} cases[] = {{"50", 50},  {"120", 120}, {"1000", 1000}, {"", 80},     {"0", 80},
		     {"-50", 80}, {"50x", 80},  {" 50", 80},    {"65536", 80}};
	static struct help help, expected;
	static char command[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(command, sizeof(command), "env 'COLUMNS=%s' nsrun --help=all",
			 cases[i].columns);
		show_in_pipe(&help, command);
		show_in_terminal(&expected, cases[i].width, "nsrun --help=all");
		assert_int_equal(help.count, expected.count);
		for (size_t j = 0; j < help.count; j++)
			assert_string_equal(help.lines[j], expected.lines[j]);
	}
	/* A terminal that does not know its size, as over a serial line. */
	show_in_terminal(&help, 0, "COLUMNS=50 nsrun --help=all");
	assert_true(longest_line(&help) <= 50);
}

static void test_nothing_can_be_written(void **state)
{
	(void)state;
	run(&outcome, USER, "sh -c 'exec nsrun --help >/dev/full'");
	check_refused(&outcome, "cannot write to standard output");
	run(&outcome, USER, "sh -c 'exec nsrun -V >/dev/full'");
	check_status(&outcome, FAILED);
	run(&outcome, USER, "nsrun --help=some");
	check_refused(&outcome, "'some'");
}

/* What a shell says of itself that was started by the command alone. What is typed waits
 * in the terminal until somebody reads it. */
static void ask_shell(const char *command)
{
	struct process process;

	start(&process, &outcome, &(struct launch){.who = USER, .on_terminal = true},
	      "env SHELL=/bin/sh %s", command);
	press(&process, "case $- in *i*) echo \"this is ($0)\";; esac; exit 7\n");
	finish(&process);
	check_clean(&outcome);
	check_status(&outcome, 7);
	assert_non_null(strstr(outcome.output, "this is (-sh)"));
}

static void test_no_arguments_is_a_shell(void **state)
{
	(void)state;
	ask_shell("nsrun");
	ask_shell("unshare");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_essentials_fit_a_screen),
	    cmocka_unit_test(test_blank_lines),
	    cmocka_unit_test(test_essentials_are_among_all),
	    cmocka_unit_test(test_each_group_fits_a_screen),
	    cmocka_unit_test(test_width_of_the_terminal),
	    cmocka_unit_test(test_column_of_descriptions),
	    cmocka_unit_test(test_width_without_a_terminal),
	    cmocka_unit_test(test_nothing_can_be_written),
	    cmocka_unit_test(test_no_arguments_is_a_shell),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
