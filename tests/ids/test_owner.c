/* --owner: the user namespace belongs to somebody else, whose own files in /proc the launcher may
 * no longer write. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct outcome outcome;

/* What is written by the helper, with a fork, an init and maps or without. */
static void test_files_in_proc(void **state)
{
	static const char *const ways[] = {"",   "-f",    "--init",
					   "-r", "-r -f", "--map-users 0:0:5 --map-groups 0:0:5"};

	(void)state;
	need_root();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const char *way = ways[i];

		run(&outcome, ROOT,
		    "nsrun --owner %u:%u -T --boottime 1000 %s tail -n 1 /proc/self/timens_offsets",
		    test_user.user, test_user.group, way);
		check_output(&outcome, "boottime         1000         0\n");
		run(&outcome, ROOT,
		    "nsrun --owner %u:%u -T --monotonic 7 --setgroups deny %s head -n 1 "
		    "/proc/self/timens_offsets /proc/self/setgroups",
		    test_user.user, test_user.group, way);
		check_output(&outcome, "==> /proc/self/timens_offsets <==\n"
				       "monotonic           7         0\n\n"
				       "==> /proc/self/setgroups <==\ndeny\n");
	}
	run(&outcome, ROOT, "nsrun --owner %u:%u --setgroups allow cat /proc/self/setgroups",
	    test_user.user, test_user.group);
	check_output(&outcome, "allow\n");
	run(&outcome, USER, "nsrun -q --owner %u:%u --setgroups deny true", test_user.user,
	    test_user.group);
	check_refused(&outcome, "setgroups");
}

static void test_files_that_refuse(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun --owner %u:%u -T --boottime -99999999999 true", test_user.user,
	    test_user.group);
	check_refused(&outcome, "-99999999999");
	run(&outcome, ROOT, "nsrun --owner %u:%u -T --monotonic 1 --uts=missing/pin true",
	    test_user.user, test_user.group);
	check_refused(&outcome, "\"missing\"");
}

/* Root's environment and descriptors are in the launcher: that user must not look into it. */
static void test_launcher_is_closed(void **state)
{
	struct process process;
	int status = 0;
	char path[64];
	pid_t other;

	(void)state;
	need_root();
	start(&process, &outcome, &(struct launch){.who = ROOT},
	      "nsrun --owner %u:%u -T --boottime 1 --setgroups deny -f role stay", test_user.user,
	      test_user.group);
	await_output(&process, "ready");
	snprintf(path, sizeof(path), "/proc/%d/environ", process.id);
	other = fork();
	if (other == 0) {
		become_user();
		_exit(open(path, O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? 7 : 8);
	}
	assert_int_equal(waitpid(other, &status, 0), other);
	break_off(&process);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files_in_proc),
	    cmocka_unit_test(test_files_that_refuse),
	    cmocka_unit_test(test_launcher_is_closed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
