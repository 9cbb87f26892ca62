/* nsrun under the name unshare, by which scripts find out what it can do; and under others. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct outcome outcome;

static int set_up_links(void **state)
{
	char target[512];
	int result = set_up(state);

	snprintf(target, sizeof(target), "%s/nsrun", program_directory);
	make_directory("bin");
	make_link(target, "bin/unshare");
	make_link(target, "bin/other");
	return result;
}

static void test_version(void **state)
{
	static const char *const options[] = {"--version", "-V", "--ver"};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		run(&outcome, USER, "bin/unshare %s", options[i]);
		check_output(&outcome,
			     "unshare from util-linux 2.43\n"
			     "This is nsrun " NSRUN_VERSION " with the options of unshare 2.43\n");
		run(&outcome, USER, "bin/other %s", options[i]);
		check_output(&outcome, "nsrun " NSRUN_VERSION "\n");
	}
}

/* All options that unshare has, as --help shows them. */
static void test_help(void **state)
{
	static char all[sizeof(outcome.output)];
	static const char *const theirs[] = {
	    "--mount",      "--uts",          "--ipc",           "--net",
	    "--pid",        "--user",         "--cgroup",        "--time",
	    "--mount-proc", "--mount-binfmt", "--load-interp",   "--propagation",
	    "--root",       "--wd",           "--setuid",        "--setgid",
	    "--map-user",   "--map-group",    "--map-root-user", "--map-current-user",
	    "--map-users",  "--map-groups",   "--map-auto",      "--map-subids",
	    "--owner",      "--fork",         "--kill-child",    "--forward-signals",
	    "--setgroups",  "--keep-caps",    "--monotonic",     "--boottime",
	    "--clear-env",  "--whitelist-env"};
	const char *usage = "Usage: unshare [options]";

	(void)state;
	run(&outcome, USER, "nsrun --help=all");
	strcpy(all, strchr(outcome.output, '\n'));
	run(&outcome, USER, "bin/unshare --help");
	check_status(&outcome, 0);
	assert_memory_equal(outcome.output, usage, strlen(usage));
	assert_string_equal(strchr(outcome.output, '\n'), all);
	for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		assert_non_null(strstr(outcome.output, theirs[i]));
	run(&outcome, USER, "bin/unshare -h");
	assert_string_equal(strchr(outcome.output, '\n'), all);
	run(&outcome, USER, "bin/other --help");
	assert_string_not_equal(strchr(outcome.output, '\n'), all);
}

static void check_errors(const char *command, const char *start)
{
	run(&outcome, USER, "%s", command);
	check_status(&outcome, FAILED);
	if (strncmp(outcome.errors, start, strlen(start)) != 0)
		fail_msg("'%s' does not begin with '%s':\n%s", command, start, outcome.errors);
}

static void test_messages(void **state)
{
	(void)state;
	check_errors("bin/unshare --nonsense", "unshare: unrecognized option '--nonsense'\n");
	check_errors("bin/unshare -mz", "unshare: unrecognized option '-z' in '-mz'\n");
	check_errors("nsrun --nonsense", "nsrun: unrecognized option '--nonsense'\n");
	check_errors("bin/unshare -n true", "unshare: cannot unshare(CLONE_NEWNET): ");
	check_errors("bin/other -rfp -R missing true", "other: cannot chroot(\"missing\"): ");
}

/* execve(2) gives it what name it likes. */
static void test_any_name(void **state)
{
	(void)state;
	run(&outcome, USER, "bash -c 'exec -a \"\" nsrun --nonsense'");
	check_refused(&outcome, "unrecognized option");
	run(&outcome, USER, "bash -c 'exec -a /x/ nsrun --nonsense'");
	check_refused(&outcome, "unrecognized option");
	run(&outcome, USER, "bash -c 'exec -a \"a\033[2Jb\" nsrun --nonsense'");
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "a\\033[2Jb: unrecognized"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_version),
	    cmocka_unit_test(test_help),
	    cmocka_unit_test(test_messages),
	    cmocka_unit_test(test_any_name),
	};

	return cmocka_run_group_tests(tests, set_up_links, tear_down);
}
