/* What a person would try first: the commands of the README and of the manual page. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

static void test_getpid(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -p --fork getpid");
	check_output(&outcome, "pid:1\n");
	run(&outcome, ROOT, "nsrun -p getpid");
	check_status(&outcome, 0);
	assert_string_not_equal(outcome.output, "pid:1\n");
	assert_memory_equal(outcome.output, "pid:", 4);
}

static void test_the_letters_of_the_getpid_experiment(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -mpuinf getpid");
	check_output(&outcome, "pid:1\n");
	run(&outcome, ROOT, "nsrun -mpuin --fork -- getpid");
	check_output(&outcome, "pid:1\n");
}

static void test_root_for_everybody(void **state)
{
	char path[512];
	struct stat status;

	(void)state;
	run(&outcome, USER, "nsrun -r id -u");
	check_output(&outcome, "0\n");
	run(&outcome, USER, "nsrun --map-root id -g");
	check_output(&outcome, "0\n");
	run(&outcome, USER, "nsrun -r sh -c 'echo mine >file'");
	check_output(&outcome, "");
	snprintf(path, sizeof(path), "%s/file", work_directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, test_user.user);
	remove_path("file");
}

static void test_a_whole_range_of_users(void **state)
{
	char expected[256];

	(void)state;
	need_subordinate_ids();
	snprintf(expected, sizeof(expected), "%10u %10u %10u\n%10u %10u %10u\n", 0U, test_user.user,
		 1U, 1U, test_user.first, test_user.count);
	run(&outcome, USER, "nsrun --map-auto -r cat /proc/self/uid_map");
	check_output(&outcome, expected);
	run(&outcome, USER,
	    "nsrun --map-auto -r sh -c 'touch file && chown 5:6 file && stat -c %%u:%%g file'");
	check_output(&outcome, "5:6\n");
	run(&outcome, USER, "stat -c %%u:%%g file");
	snprintf(expected, sizeof(expected), "%u:%u\n", test_user.first + 4, test_user.first + 5);
	check_output(&outcome, expected);
	remove_path("file");
}

static void test_a_process_list_of_its_own(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -p -f --mount-proc ps ax --no-headers -o pid,args");
	check_words(&outcome, "1 ps ax --no-headers -o pid,args");
}

static void test_mounts_of_its_own(void **state)
{
	(void)state;
	need_root();
	make_directory("place");
	run(&outcome, ROOT,
	    "nsrun -m sh -c 'mount -t tmpfs none place && touch place/file && ls place'");
	check_output(&outcome, "file\n");
	assert_false(is_there("place/file"));
	assert_int_equal(count_mounts("place"), 0);
	remove_path("place");
}

static void test_a_hostname_that_stays(void **state)
{
	(void)state;
	need_root();
	run_freely(&outcome, &(struct launch){.who = ROOT}, "nsrun --uts=name hostname x");
	check_output(&outcome, "");
	assert_int_equal(outcome.left, 0);
	run(&outcome, ROOT, "nsenter --uts=name hostname");
	check_output(&outcome, "x\n");
	remove_path("name");
}

static void test_a_later_boot(void **state)
{
	(void)state;
	run(&outcome, USER,
	    "nsrun -rTf --boottime=3153600000 sh -c 'read seconds rest </proc/uptime && echo "
	    "${seconds%%%%.*}'");
	check_status(&outcome, 0);
	assert_memory_equal(outcome.output, "3153", 4);
}

static void test_help_and_version(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --help");
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "--map-root-user"));
	assert_string_equal(outcome.errors, "");
	run(&outcome, USER, "nsrun -V");
	check_status(&outcome, 0);
	assert_memory_equal(outcome.output, "nsrun ", 6);
	/* Neither runs anything. */
	run(&outcome, USER, "nsrun -r -h probe");
	check_status(&outcome, 0);
	assert_null(value(&outcome, "uid"));
}

static void test_nested(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -rpf --mount-proc nsrun -rpf --mount-proc nsrun -c probe");
	check(&outcome, "pid", "1");
	check(&outcome, "uid", "0");
	check(&outcome, "children", "none");
	run(&outcome, USER, "nsrun -r nsrun -c nsrun -r probe --exit 9");
	check_status(&outcome, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_getpid),
	    cmocka_unit_test(test_the_letters_of_the_getpid_experiment),
	    cmocka_unit_test(test_root_for_everybody),
	    cmocka_unit_test(test_a_whole_range_of_users),
	    cmocka_unit_test(test_a_process_list_of_its_own),
	    cmocka_unit_test(test_mounts_of_its_own),
	    cmocka_unit_test(test_a_hostname_that_stays),
	    cmocka_unit_test(test_a_later_boot),
	    cmocka_unit_test(test_help_and_version),
	    cmocka_unit_test(test_nested),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
