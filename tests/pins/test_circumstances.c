/* Pins where not all is as usual: another namespace's proc, an older kernel, a file system that
 * lacks something, a death at the exec, a program that calls itself nsrun. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static struct outcome outcome;

static void pin(int expected, int status, const char *line)
{
	run_freely(&outcome, &(struct launch){.who = ROOT}, "%s", line);
	assert_false(outcome.late);
	assert_int_equal(outcome.left, 0);
	if (outcome.mounts != expected || outcome.status != status)
		fail_msg("'%s' left %d mounts, not %d, with status %d, not %d\n%s", outcome.command,
			 outcome.mounts, expected, outcome.status, status, outcome.errors);
	if (expected == 0)
		assert_false(is_there("pin"));
	remove_path("pin");
}

/* Both lines of the output are the same, and not empty. */
static void check_twice(void)
{
	size_t half = strlen(outcome.output) / 2;

	check_status(&outcome, 0);
	if (half == 0 || outcome.output[half - 1] != '\n' ||
	    memcmp(outcome.output, outcome.output + half, half) != 0)
		fail_msg("'%s' says:\n%s", outcome.command, outcome.output);
}

/* The launcher has one number in its PID namespace, and another one in the outer proc. */
static void test_proc_of_an_outer_namespace(void **state)
{
	static const char *const options[] = {"", "--fork", "--mount --init",
					      "-f --map-users 0:0:9 --map-groups 0:0:9"};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		run(&outcome, ROOT,
		    "nsrun --pid --fork --mount sh -c 'nsrun --net=pin %s readlink "
		    "/proc/self/ns/net && stat -c net:[%%i] pin && umount pin && rm pin'",
		    options[i]);
		check_twice();
	}
	run(&outcome, ROOT,
	    "nsrun --pid --fork --mount nsrun --map-users 0:0:9 --map-groups 0:0:9 probe");
	check(&outcome, "uid_map", "0 0 9");
	run(&outcome, ROOT,
	    "nsrun --pid --fork --mount nsrun --owner 5:5 -r -T --boottime 7 probe");
	check(&outcome, "uid_map", "0 0 1");
}

static void test_mappers_in_such_a_place(void **state)
{
	(void)state;
	need_root();
	need_subordinate_ids();
	run(&outcome, ROOT, "nsrun --pid --fork --mount -S %u -G %u nsrun --map-auto -r probe",
	    test_user.user, test_user.group);
	check(&outcome, "uid_map", "0 %u 1;1 %u %u", test_user.user, test_user.first,
	      test_user.count);
}

static void check_no_proc(const char *options)
{
	run(&outcome, ROOT, "nsenter --mount=inner nsrun %s getpid", options);
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "/proc/self"));
	assert_non_null(strstr(outcome.errors, "is not in the PID namespace that /proc shows"));
	assert_string_equal(outcome.output, "");
	assert_false(is_there("pin"));
}

static void test_proc_of_a_stranger(void **state)
{
	(void)state;
	need_root();
	run_freely(&outcome, &(struct launch){.who = ROOT},
		   "nsrun --mount=inner --pid --fork --mount-proc true");
	check_status(&outcome, 0);
	check_no_proc("--uts=pin");
	check_no_proc("--uts=pin -f --map-users 0:0:9");
	check_no_proc("--map-users 0:0:9 --map-groups 0:0:9");
	remove_path("inner");
}

#define WITHOUT(call, error) "strace -f -qq -o /dev/null -e inject=" call ":error=" error " nsrun "

static void test_kernels_before_5_2(void **state)
{
	static const char *const options[] = {"", "-f -p --mount-proc", "-m --init"};
	char line[256];

	(void)state;
	need_root();
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(line, sizeof(line), WITHOUT("open_tree", "ENOSYS") "--uts=pin %s true",
			 options[i]);
		pin(1, 0, line);
		snprintf(line, sizeof(line), WITHOUT("open_tree", "ENOSYS") "--uts=pin %s missing",
			 options[i]);
		pin(0, NOT_FOUND, line);
	}
}

/* One that cannot make a file without a name. */
static void test_a_file_system_that_lacks_something(void **state)
{
	(void)state;
	need_root();
	make_directory("place");
	assert_int_equal(mount("none", path_of("place"), "mqueue", 0, NULL), 0);
	run_freely(&outcome, &(struct launch){.who = ROOT}, "nsrun --uts=place/pin true");
	assert_int_equal(outcome.mounts, 1);
	assert_int_equal(umount2(path_of("place/pin"), 0), 0);
	assert_int_equal(unlink(path_of("place/pin")), 0);
	run(&outcome, ROOT, "nsrun --uts=place/pin missing");
	check_status(&outcome, NOT_FOUND);
	assert_false(is_there("place/pin"));
	assert_int_equal(umount2(path_of("place"), 0), 0);
	remove_path("place");
}

/* What is killed there has not run. Without --fork, Linux 6.15 is the first to tell of one that
 * somebody has waited for. */
static void test_killed_at_the_exec(void **state)
{
	static const char *const options[] = {
	    "-f", "-f -p --mount-proc", "-f -m --kill-child", "--init --mount-proc", "", "-m"};
	const size_t forks = 4;

	(void)state;
	need_root();
	for (size_t i = 0; i < (is_linux(6, 15) ? sizeof(options) / sizeof(options[0]) : forks);
	     i++) {
		run_freely(&outcome, &(struct launch){.who = ROOT},
			   "strace -f -qq -o /dev/null -P /bin/true -e trace=execve "
			   "-e inject=execve:signal=KILL nsrun --uts=pin %s /bin/true",
			   options[i]);
		assert_int_equal(outcome.left, 0);
		if (outcome.mounts != 0 || is_there("pin"))
			fail_msg("'%s' left a pin", options[i]);
	}
}

/* However it is called, and whatever session it is in, it runs. */
static void test_programs_like_nsrun(void **state)
{
	(void)state;
	need_root();
	pin(1, 0, "nsrun --uts=pin nsrun --ipc getpid");
	pin(1, 0, "nsrun --uts=pin -f nsrun --ipc -f getpid");
	pin(1, 0, "nsrun --uts=pin --init nsrun getpid");
	pin(1, 0, "nsrun --uts=pin -f setsid getpid");
	pin(1, 0, "nsrun --uts=pin --init setsid getpid");
	pin(1, 3, "nsrun --uts=pin nsrun probe --exit 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_proc_of_an_outer_namespace),
	    cmocka_unit_test(test_mappers_in_such_a_place),
	    /* They read /proc/self/exe. */
	    cmocka_unit_test_setup_teardown(test_proc_of_a_stranger, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test(test_kernels_before_5_2),
	    cmocka_unit_test(test_a_file_system_that_lacks_something),
	    cmocka_unit_test(test_killed_at_the_exec),
	    cmocka_unit_test(test_programs_like_nsrun),
	};

	return cmocka_run_group_tests(tests, set_up_on_one_processor, tear_down);
}
