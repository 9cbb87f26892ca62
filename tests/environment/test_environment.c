/* The environment, the shell that is run for want of a program, and the clocks. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static struct outcome outcome;

static void test_environment_is_kept(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -rf probe");
	check(&outcome, "environment.SAMPLE", "a b");
	check(&outcome, "environment.HOME", "/");
	check(&outcome, "environment.SHELL", "/bin/sh");
	check(&outcome, "umask", "022");
	check(&outcome, "descriptors", "0 1 2");
}

static void test_clear_env(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --clear-env %s/probe --only environment", program_directory);
	check_output(&outcome, "");
	run(&outcome, USER, "nsrun -rf --clear-env %s/probe --only environment", program_directory);
	check_output(&outcome, "");
}

static void test_whitelist_env(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --whitelist-env SAMPLE,HOME %s/probe --only environment",
	    program_directory);
	check_output(&outcome, "environment.HOME=/\nenvironment.SAMPLE=a b\n");
	run(&outcome, USER, "nsrun --whitelist-env=MISSING,SAM,HOME %s/probe --only environment",
	    program_directory);
	check_output(&outcome, "environment.HOME=/\n");
	run(&outcome, USER,
	    "nsrun --whitelist-env=HOME --uts -r --whitelist-env SAMPLE %s/probe "
	    "--only environment",
	    program_directory);
	check_output(&outcome, "environment.HOME=/\nenvironment.SAMPLE=a b\n");
	run(&outcome, USER, "nsrun --clear-env --whitelist-env=HOME %s/probe --only environment",
	    program_directory);
	check_output(&outcome, "environment.HOME=/\n");
	run(&outcome, USER, "nsrun --whitelist-env= %s/probe --only environment",
	    program_directory);
	check_output(&outcome, "");
}

static void run_with(char *const *environment, const char *options)
{
	run_freely(&outcome, &(struct launch){.who = USER, .environment = environment}, "nsrun %s",
		   options);
	check_clean(&outcome);
}

static void test_shell(void **state)
{
	char shell[512];
	char *environment[] = {shell, NULL};

	(void)state;
	snprintf(shell, sizeof(shell), "SHELL=%s/probe", program_directory);
	run_with(environment, "");
	check(&outcome, "argument.000", "-probe");
	assert_null(value(&outcome, "argument.001"));
	run_with(environment, "-r --");
	check(&outcome, "argument.000", "-probe");
	/* The login shell of the user, which ends at once: its input is /dev/null. */
	strcpy(shell, "SHELL=");
	run_with(environment, "-r");
	check_output(&outcome, "");
	environment[0] = NULL;
	run_with(environment, "-r");
	check_output(&outcome, "");
}

static void test_shell_of_the_passwd_entry(void **state)
{
	char *environment[] = {NULL, NULL};
	char entry[512];

	(void)state;
	need_root();
	snprintf(entry, sizeof(entry), "nsrun-test:x:%u:%u::/:%s/probe\n", test_user.user,
		 test_user.group, program_directory);
	cover("/etc/passwd", entry);
	run_with(environment, "");
	check(&outcome, "argument.000", "-probe");
	assert_null(value(&outcome, "argument.001"));
	environment[0] = (char *)"SHELL=";
	run_with(environment, "-r");
	uncover("/etc/passwd");
	check(&outcome, "argument.000", "-probe");
}

/* Where the field of the shell is missing, the field of the line before does not stand in. */
static void test_no_shell_in_the_passwd_entry(void **state)
{
	char *environment[] = {NULL};
	char start[64], entries[1024];
	int length =
	    snprintf(start, sizeof(start), "nsrun-test:x:%u:%u::", test_user.user, test_user.group);

	(void)state;
	need_root();
	snprintf(entries, sizeof(entries), "%0*d:x:1:1::/:/bin/false\n%s%s/probe\n", length - 9, 0,
		 start, program_directory);
	cover("/etc/passwd", entries);
	run_with(environment, "");
	uncover("/etc/passwd");
	check_output(&outcome, "");
}

static void test_offsets(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -T --monotonic=100 --boottime=-7 probe");
	check(&outcome, "clocks", "monotonic 100 0;boottime -7 0");
	check_new(&outcome, "time_for_children", true);
	run(&outcome, ROOT, "nsrun --time --fork --monotonic 86400 probe");
	check(&outcome, "clocks", "monotonic 86400 0;boottime 0 0");
	check_new(&outcome, "time", true);
	run(&outcome, USER, "nsrun -rT --boottime 31536000 probe");
	check(&outcome, "clocks", "monotonic 0 0;boottime 31536000 0");
	run(&outcome, USER, "nsrun -rTf --boottime 1000000000 cat /proc/uptime");
	check_status(&outcome, 0);
	assert_true(strlen(outcome.output) > strlen("1000000000.00 0.00"));
}

static void test_offset_before_the_beginning(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -T --monotonic=-9000000000 probe");
	check_refused(&outcome, "-9000000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_environment_is_kept),
	    cmocka_unit_test(test_clear_env),
	    cmocka_unit_test(test_whitelist_env),
	    cmocka_unit_test(test_shell),
	    cmocka_unit_test(test_shell_of_the_passwd_entry),
	    cmocka_unit_test(test_no_shell_in_the_passwd_entry),
	    cmocka_unit_test(test_offsets),
	    cmocka_unit_test(test_offset_before_the_beginning),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
