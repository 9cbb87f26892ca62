/* The files of /etc that list users, groups and subordinate ids, of any length and any kind. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

/* A group of so many members, whose line is ten times as long, before another group. */
static char *make_groups(int members)
{
	char *text = malloc((size_t)members * 10 + 2000), *end = text;

	end += sprintf(end, "root:x:0:\n%*s:x:4000:\nlarge:x:5000:", 1100, "wide");
	for (int i = 0; i < members; i++)
		end += sprintf(end, "%suser%05d", i ? "," : "", i);
	strcpy(end, "\nlast:x:5001:\n");
	return text;
}

static void test_lines_of_any_length(void **state)
{
	static const int lengths[] = {90, 100, 101, 102, 103, 200, 6553, 99999};

	(void)state;
	need_root();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *groups = make_groups(lengths[i]);

		cover("/etc/group", groups);
		run(&outcome, USER, "nsrun --map-group large probe");
		check(&outcome, "gid", "5000");
		run(&outcome, ROOT, "nsrun -G large probe");
		check(&outcome, "gid", "5000");
		run(&outcome, USER, "nsrun --map-group last probe");
		check(&outcome, "gid", "5001");
		uncover("/etc/group");
		free(groups);
	}
}

static void test_user_with_a_long_description(void **state)
{
	static char users[4096];

	(void)state;
	need_root();
	sprintf(users,
		"%.*d:x:1:1::/:/bin/sh\nwordy:x:%u:%u:%.*d:/:/bin/sh\nnext:x:6:6::/:/bin/sh\n",
		1500, 0, test_user.user, test_user.group, 2000, 0);
	cover("/etc/passwd", users);
	cover("/etc/subuid", "wordy:300:5\n");
	cover("/etc/subgid", "wordy:400:5\n");
	run(&outcome, USER, "nsrun --map-user wordy probe");
	check(&outcome, "uid", "%u", test_user.user);
	run(&outcome, USER, "nsrun --map-user next probe");
	check(&outcome, "uid", "6");
	run(&outcome, USER, "nsrun --map-auto --explain id");
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "\"0\", \"300\", \"5\""));
	uncover("/etc/subgid");
	uncover("/etc/subuid");
	uncover("/etc/passwd");
}

/* Covers the user's entry by one with fields of such lengths, and starts the shell it names. */
static void run_shell(int password, int description, int home, const char *shell)
{
	static char users[70000];
	char *environment[] = {NULL};

	sprintf(users, "next:x:1:1::/:/bin/false\nnsrun-test:%0*d:%u:%u:%0*d:/%0*d:%s\n", password,
		0, test_user.user, test_user.group, description, 0, home, 0, shell);
	cover("/etc/passwd", users);
	run_freely(&outcome, &(struct launch){.who = USER, .environment = environment}, "nsrun -r");
	uncover("/etc/passwd");
}

static void test_shell_behind_long_fields(void **state)
{
	char shell[1200];

	(void)state;
	need_root();
	snprintf(shell, sizeof(shell), "%s/probe", program_directory);
	for (int length = 900; length < 1030; length++) {
		run_shell(1, length, 1, shell);
		check(&outcome, "argument.000", "-probe");
	}
	run_shell(2000, 1, 1, shell);
	check(&outcome, "argument.000", "-probe");
	run_shell(1, 60000, 5000, shell);
	check(&outcome, "argument.000", "-probe");
	snprintf(shell, sizeof(shell), "/%.*d%s/probe", 1000, 0, program_directory);
	run_shell(1, 1, 1, shell);
	check_refused(&outcome, "the shell of user nsrun-test is too long");
}

/* Each is read for that command line. */
static const struct {
	const char *path, *line;
} readings[] = {
    {"/etc/subuid", "nsrun --map-users=auto true"},
    {"/etc/subgid", "nsrun --map-groups subids true"},
    {"/etc/passwd", "nsrun --map-user daemon true"},
    {"/etc/group", "nsrun -rG daemon true"},
    {"/etc/passwd", "nsrun --map-auto --explain id"},
    {"/etc/passwd", "env -u SHELL nsrun -r"},
};

/* Every one is refused while the file lies there instead. */
static void check_refusals(const char *file, const char *reason)
{
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		char quoted[256];

		assert_int_equal(mount(path_of(file), readings[i].path, NULL, MS_BIND, NULL), 0);
		run(&outcome, USER, "%s", readings[i].line);
		uncover(readings[i].path);
		snprintf(quoted, sizeof(quoted), "cannot read %s: %s", readings[i].path, reason);
		if (!strstr(readings[i].line, "--explain"))
			check_refused(&outcome, quoted);
		assert_non_null(strstr(outcome.errors, quoted));
	}
}

/* As where a directory service knows users that no file lists. */
static void test_names_that_only_getent_knows(void **state)
{
	(void)state;
	need_root();
	cover("/usr/bin/getent", "#!/bin/sh\n"
				 "case $# in 3) ;; *) exit 1 ;; esac\n"
				 "case \"$*\" in\n"
				 "'passwd -- far') echo far:x:4001:4001::/:/bin/sh ;;\n"
				 "'group -- far') echo far:x:4002: ;;\n"
				 "*) exit 2 ;;\n"
				 "esac\n");
	assert_int_equal(chmod("/usr/bin/getent", 0755), 0);
	run(&outcome, USER, "nsrun --map-user far --map-group far probe");
	check(&outcome, "uid", "4001");
	check(&outcome, "gid", "4002");
	run(&outcome, ROOT, "nsrun --setuid far --setgid far probe");
	check(&outcome, "uid", "4001");
	check(&outcome, "gid", "4002");
	/* With both closed, getent's end of the pipe is its standard output already. */
	run(&outcome, USER, "sh -c 'exec 3>&1 >&- && nsrun --map-user far sh -c \"id -u >&3\"'");
	check_output(&outcome, "4001\n");
	run(&outcome, USER,
	    "sh -c 'exec 3>&1 <&- >&- && nsrun --map-user far sh -c \"id -u >&3\"'");
	check_output(&outcome, "4001\n");
	run(&outcome, USER, "nsrun --map-user near probe");
	check_refused(&outcome, "unknown user 'near'");
	uncover("/usr/bin/getent");
}

static void test_what_is_no_file(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(mkfifo(path_of("fifo"), 0666), 0);
	check_refusals("fifo", "it is not a regular file");
	make_file("device", "");
	assert_int_equal(mount("/dev/zero", path_of("device"), NULL, MS_BIND, NULL), 0);
	check_refusals("device", "it is not a regular file");
	uncover(path_of("device"));
}

static void test_files_without_end(void **state)
{
	(void)state;
	need_root();
	make_file("giant", "");
	assert_int_equal(truncate(path_of("giant"), 1L << 40), 0);
	check_refusals("giant", "File too large");
	/* Such as a file system leaves after a crash. */
	make_file("zeros", "nsrun-test:100000:10\n");
	assert_int_equal(truncate(path_of("zeros"), 60 << 20), 0);
	assert_int_equal(mount(path_of("zeros"), "/etc/subuid", NULL, MS_BIND, NULL), 0);
	run(&outcome, USER, "nsrun --map-users auto probe");
	check(&outcome, "uid_map", "0 100000 10");
	run(&outcome, ROOT, "nsrun --map-users auto probe");
	check_refused(&outcome, "no line for user 0 in /etc/subuid");
	uncover("/etc/subuid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines_of_any_length),
	    cmocka_unit_test(test_user_with_a_long_description),
	    cmocka_unit_test(test_shell_behind_long_fields),
	    cmocka_unit_test(test_names_that_only_getent_knows),
	    cmocka_unit_test(test_what_is_no_file),
	    cmocka_unit_test(test_files_without_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
