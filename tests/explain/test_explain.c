/* How --explain looks: on screens of different widths, with and without colours, as JSON. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static struct outcome outcome;

/* Each is explained as the user, who need not be allowed to do it. */
static const char *const sets[] = {
    "true",
    "-m true",
    "-u -i -n true",
    "-p true",
    "-C true",
    "-T true",
    "-T -f true",
    "-U true",
    "-a true",
    "-a -r -f true",
    "-f true",
    "-p -f --mount-proc true",
    "--mount-proc=/some/where --propagation slave true",
    "-m --propagation shared true",
    "-m --propagation unchanged true",
    "--kill-child=TERM -p true",
    "--forward-signals true",
    "--init true",
    "--init --kill-child true",
    "--init --kill-child=TERM --forward-signals --report true",
    "--hostname other --loopback true",
    "-r true",
    "-c --keep-caps true",
    "--map-user 5 --map-group 6 true",
    "--map-users 0:0:10 --map-groups 0:0:10 true",
    "--map-users 0:0:10 --map-groups 0:0:10 --setgroups deny true",
    "--map-users all --map-groups all -r true",
    "--owner 1000:1000 -r -f true",
    "--owner 1000:1000 -S 0 -G 0 true",
    "-U --setgroups allow true",
    "-T --monotonic 5 --boottime -7 true",
    "--root /some/where/else -w bin true",
    "--pivot-root /some/where --mount-proc --init true",
    "--clear-env /bin/echo a b c",
    "--report=json --report-fd 2 -p -f -T true",
    "-r -p -f -l ':name:M::magic::/bin/true:F' --pivot-root / true",
    "-r -p -f --mount-binfmt sh -c 'echo one two three; echo four five six seven'",
    "--uts=./uts --ipc=./ipc true",
    "--pid=pins/pid --time=pins/time --user=pins/user --net=pins/net -f true",
    "--uts=./a/rather/long/path/to/a/file/that/is/not/there --init --map-users 0:0:10 true",
    "--trace -q -u true",
    "-r /a/program/that/lies/in/a/very/deep/directory/of/the/file/system/program",
};
enum { SETS = sizeof(sets) / sizeof(sets[0]) };

static void explain(unsigned columns, const char *options)
{
	run(&outcome, USER, "env COLUMNS=%u nsrun --explain %s", columns, options);
	check_status(&outcome, 0);
	assert_string_equal(outcome.errors, "");
}

/* Over what a line begins with: the sides of frames, and blanks. */
static const char *skip_margin(const char *line)
{
	return line + strspn(line, "| ");
}

/* The next character of the text that is no blank, and whether a blank or an end of line comes
 * after it. Returns where to go on. */
static const char *next_letter(const char *text, char *letter, bool *ends_word)
{
	while (*text == ' ' || *text == '\n')
		text = *text == '\n' ? skip_margin(text + 1) : text + 1;
	*letter = *text;
	*ends_word = *text && strchr(" \n", text[1]);
	return *text ? text + 1 : text;
}

/* Both say the same, and a line of the narrow one ends only where a word does, or behind what a
 * call can be broken at. */
static void check_breaks(const char *set, const char *wide, const char *narrow)
{
	char expected, found;
	bool ends_there, ends_here;

	wide = skip_margin(wide), narrow = skip_margin(narrow);
	do {
		wide = next_letter(wide, &expected, &ends_there);
		narrow = next_letter(narrow, &found, &ends_here);
		if (expected != found)
			fail_msg("%s: '%.40s' is shown as '%.40s'", set, wide, narrow);
		if (ends_here && !ends_there && !strchr("|/,({", found))
			fail_msg("%s: a line is broken in a word before: %.40s", set, narrow);
	} while (expected);
}

/* Only a piece of a path that is longer than the screen may be. */
static void check_width(const char *set, const char *text, size_t columns)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		if (strcspn(line, "\n") > columns)
			fail_msg("%s: more than %zu columns: %.*s", set, columns,
				 (int)strcspn(line, "\n"), line);
	}
}

static void test_lines_end_between_words(void **state)
{
	static const unsigned widths[] = {120, 80, 60, 40};
	static char wide[sizeof(outcome.output)];

	(void)state;
	for (unsigned i = 0; i < SETS; i++) {
		explain(60000, sets[i]);
		memcpy(wide, outcome.output, sizeof(wide));
		for (unsigned j = 0; j < sizeof(widths) / sizeof(widths[0]); j++) {
			explain(widths[j], sets[i]);
			check_width(sets[i], outcome.output, widths[j]);
			check_breaks(sets[i], wide, outcome.output);
		}
	}
}

/* A terminal is as wide as it is, and an unknown one, or a pipe, has 80 columns. */
static void test_whose_width(void **state)
{
	static char expected[sizeof(outcome.output)];
	size_t length = 0;

	(void)state;
	explain(70, "-a -r --init true");
	memcpy(expected, outcome.output, sizeof(expected));
	run_freely(
	    &outcome, &(struct launch){.who = USER, .on_terminal = true},
	    "sh -c 'stty cols 70 -opost; TERM=dumb COLUMNS=50 nsrun --explain -a -r --init true'");
	assert_string_equal(outcome.output, expected);
	/* The variable counts although the program is not to have it. */
	run(&outcome, USER, "env COLUMNS=70 nsrun --explain --clear-env -a -r --init true");
	assert_string_not_equal(outcome.output, "");
	check_width("COLUMNS=70 --clear-env", outcome.output, 70);
	run(&outcome, USER, "nsrun --explain -a -r --init true");
	check_width("no COLUMNS", outcome.output, 80);
	for (const char *line = outcome.output; *line; line += strcspn(line, "\n") + 1)
		length = strcspn(line, "\n") > length ? strcspn(line, "\n") : length;
	assert_in_range(length, 71, 80);
}

/* A wide character is one column, not three bytes; a name with a newline cannot break a line. */
static void test_odd_names(void **state)
{
	(void)state;
	explain(40, "'/程序/程序/程序/程序/程序/程序/程序/程序/程序/程序/程序/程序'");
	assert_non_null(strstr(outcome.output, "/程序/程序/程序/程序/程序/程序/\n"));
	explain(80, "-u 'a\nb'");
	assert_non_null(strstr(outcome.output, "launcher  a\\nb: "));
}

/* The words before the steps, as a whole. */
static void check_overview(const char *options, const char *expected)
{
	explain(80, options);
	*strstr(outcome.output, "Steps:\n") = '\0';
	assert_string_equal(outcome.output, expected);
}

static void test_processes_and_notes(void **state)
{
	(void)state;
	check_overview("-r --net --mount-proc --init ./getpid",
		       "Processes and their namespaces:\n"
		       "\n"
		       "+- old namespaces\n"
		       "|  +- new mount, network, user\n"
		       "|  |  launcher  nsrun: waits, and ends as the program does\n"
		       "|  |  +- new PID\n"
		       "|  |  |  child     nsrun: init, pid 1 inside\n"
		       "|  |  |  program   ./getpid: pid 2 inside\n"
		       "\n"
		       "The new network has only the interface lo, and it is down: see "
		       "--loopback.\n"
		       "\n");
	check_overview("-p -T true",
		       "Processes and their namespaces:\n"
		       "\n"
		       "+- old namespaces\n"
		       "|  +- new time\n"
		       "|  |  launcher  true: nsrun itself becomes the program\n"
		       "|  |  +- new PID\n"
		       "\n"
		       "The program itself stays outside the new PID namespace; its first child "
		       "will be\n"
		       "pid 1 in there: see --fork.\n"
		       "\n");
	check_overview("-T -u -f true",
		       "Processes and their namespaces:\n"
		       "\n"
		       "+- old namespaces\n"
		       "|  +- new UTS\n"
		       "|  |  launcher  nsrun: waits, and ends as the program does\n"
		       "|  |  +- new time\n"
		       "|  |  |  child     true: the program\n"
		       "\n");
	check_overview("-f true", "Processes and their namespaces:\n"
				  "\n"
				  "+- old namespaces\n"
				  "|  launcher  nsrun: waits, and ends as the program does\n"
				  "|  child     true: the program\n"
				  "\n");
}

static void test_helpers_are_shown(void **state)
{
	(void)state;
	need_subordinate_ids();
	check_overview("--uts=./uts --map-auto -n --loopback -f true",
		       "Processes and their namespaces:\n"
		       "\n"
		       "+- old namespaces\n"
		       "|  helper    nsrun: pins what is made inside\n"
		       "|  guard     nsrun: to undo the pins if the run fails\n"
		       "|  mapper    newuidmap: maps user ids\n"
		       "|  mapper    newgidmap: maps group ids\n"
		       "|  +- new UTS, network, user\n"
		       "|  |  launcher  nsrun: waits, and ends as the program does\n"
		       "|  |  child     true: the program\n"
		       "\n");
}

/* " 5. child: map user id" and so on. */
static void check_headings(const char *options, const char *expected)
{
	static char headings[1 << 14];
	size_t length = 0;

	explain(80, options);
	*headings = '\0';
	for (const char *line = outcome.output; *line; line += strcspn(line, "\n") + 1) {
		if (strspn(line, " 0123456789") < strcspn(line, ".") || *line == '\n')
			continue;
		if (strspn(line, " 0123456789") == 2 || strspn(line, " 0123456789") == 3)
			length +=
			    (size_t)snprintf(headings + length, sizeof(headings) - length, "%.*s\n",
					     (int)strcspn(line, "\n") - 4, line + 4);
	}
	assert_string_equal(headings, expected);
}

static void test_headings(void **state)
{
	(void)state;
	check_headings("-r -m --mount-proc --init true", "launcher: default SIGCHLD\n"
							 "launcher: unshare\n"
							 "launcher: block signals\n"
							 "launcher: fork\n"
							 "child: map user id\n"
							 "child: deny setgroups\n"
							 "child: map group id\n"
							 "child: make mounts private\n"
							 "child: mount proc\n"
							 "child: open signals\n"
							 "child: start program\n"
							 "program: restore signals\n"
							 "program: execute\n"
							 "child: be init\n"
							 "launcher: wait\n");
	check_headings("-T --boottime 1 --monotonic 2 -m --propagation slave --mount-proc true",
		       "launcher: unshare\n"
		       "launcher: set clock boottime\n"
		       "launcher: set clock monotonic\n"
		       "launcher: enter time namespace\n"
		       "launcher: make mounts slave\n"
		       "launcher: make /proc private\n"
		       "launcher: mount proc\n"
		       "launcher: execute\n");
}

/* Each heading says more than which call is made. */
static void test_no_heading_says_too_little(void **state)
{
	static const char *const bare[] = {": write\n", ": mount\n", ": tell\n", ": await\n",
					   ": pin\n"};

	(void)state;
	for (unsigned i = 0; i < SETS; i++) {
		explain(80, sets[i]);
		for (unsigned j = 0; j < sizeof(bare) / sizeof(bare[0]); j++) {
			if (strstr(outcome.output, bare[j]))
				fail_msg("%s: a step is called '%s'", sets[i], bare[j] + 2);
		}
	}
}

static void explain_on_terminal(const char *variables)
{
	run_freely(&outcome, &(struct launch){.who = USER, .on_terminal = true},
		   "env %s nsrun --explain --whitelist-env TERM -u true", variables);
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "launcher"));
}

static void test_bold_and_dim(void **state)
{
	(void)state;
	explain_on_terminal("TERM=xterm");
	assert_non_null(strstr(outcome.output, " 1. \033[1mlauncher\033[m: unshare\r\n"));
	assert_non_null(strstr(outcome.output, "\033[2m(new namespaces for this process and its "
					       "children)\r\n\033[m"));
	assert_non_null(strstr(outcome.output, "|  |  \033[1mlauncher\033[m  true: "));
	/* It counts although the program is not to have it. */
	explain_on_terminal("TERM=xterm NO_COLOR=1");
	assert_null(strchr(outcome.output, '\033'));
	explain_on_terminal("TERM=dumb");
	assert_null(strchr(outcome.output, '\033'));
	run(&outcome, USER, "env TERM=xterm nsrun --explain -u true");
	assert_null(strchr(outcome.output, '\033'));
}

static void test_json_has_what_the_text_has(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --explain=json -n -p -f true");
	check_status(&outcome, 0);
	*strstr(outcome.output, "],\"steps\":[") = '\0';
	assert_string_equal(
	    outcome.output,
	    "{\"processes\":[\n"
	    "{\"process\":\"launcher\",\"command\":\"nsrun\",\"remark\":\"waits, and ends as the "
	    "program does\",\"new\":[\"network\"]},\n"
	    "{\"process\":\"child\",\"command\":\"true\",\"remark\":\"pid 1 inside\","
	    "\"new\":[\"network\", \"PID\"]}\n"
	    "],\"notes\":[\n"
	    "\"ps(1) still shows the host's processes: see --mount-proc.\",\n"
	    "\"The new network has only the interface lo, and it is down: see --loopback.\"\n");
}

/* What must be known is not: the reading of it can be explained, and no more. */
static void test_where_a_run_would_end(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --explain --map-user nobody-has-this-name true");
	check_status(&outcome, FAILED);
	assert_string_equal(outcome.errors, "nsrun: unknown user 'nobody-has-this-name'\n");
	assert_memory_equal(outcome.output, "Steps:\n\n 1. launcher: read\n", 27);
	assert_non_null(strstr(outcome.output, "open(\"/etc/passwd\""));
	assert_non_null(strstr(outcome.output, "execve(\"/usr/bin/getent\""));
	assert_non_null(
	    strstr(outcome.output, "\n\nHere the run would end, with exit status 125.\n"));
	assert_null(strstr(outcome.output, "unshare"));
	/* A shell whose name has no room, which is looked for after all else. */
	run(&outcome, USER, "env SHELL=/bin/%0300d nsrun --explain -r", 0);
	check_status(&outcome, FAILED);
	assert_string_equal(outcome.output,
			    "Steps:\n\nHere the run would end, with exit status 125.\n");
	run(&outcome, USER, "env COLUMNS=40 nsrun --explain --map-user nobody-has-this-name true");
	check_width("a run that would end", outcome.output, 40);
	run(&outcome, USER, "nsrun --explain=json --map-user nobody-has-this-name true");
	check_status(&outcome, FAILED);
	assert_memory_equal(outcome.output, "{\"processes\":[\n],\"notes\":[\n],\"steps\":[\n{",
			    40);
	assert_null(strstr(outcome.output, "unshare"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines_end_between_words),
	    cmocka_unit_test(test_whose_width),
	    cmocka_unit_test(test_odd_names),
	    cmocka_unit_test(test_processes_and_notes),
	    cmocka_unit_test(test_helpers_are_shown),
	    cmocka_unit_test(test_headings),
	    cmocka_unit_test(test_no_heading_says_too_little),
	    cmocka_unit_test(test_bold_and_dim),
	    cmocka_unit_test(test_json_has_what_the_text_has),
	    cmocka_unit_test(test_where_a_run_would_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
