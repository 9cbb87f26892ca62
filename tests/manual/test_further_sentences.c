/* More single sentences of nsrun(1), as commands: about ids, mounts, pins and ends. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct outcome outcome, entered;

/* "... unless something else holds it, such as a file or an open descriptor" */
static void test_namespace_held_by_a_descriptor(void **state)
{
	struct process process;
	char path[64];
	int held;

	(void)state;
	need_root();
	start(&process, &outcome, &(struct launch){.who = ROOT}, "nsrun --hostname held role stay");
	await_output(&process, "ready");
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", process.id);
	held = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(held >= 0);
	break_off(&process);
	run(&outcome, ROOT, "nsenter --uts=/proc/%d/fd/%d uname -n", getpid(), held);
	check_output(&outcome, "held\n");
	close(held);
}

/* "It starts a helper ... if maps, --setgroups or clocks are set for --owner" */
static void test_helper_for_the_owner(void **state)
{
	static const char *const options[] = {"-r", "--setgroups deny", "-T --boottime 5"};

	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun -q --trace --owner %u:%u true", test_user.user, test_user.group);
	assert_null(strstr(outcome.errors, "helper: "));
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strstr(options[i], "-T") && access("/proc/self/ns/time", F_OK) < 0)
			leave_out("needs Linux 5.6: time namespaces");
		run(&outcome, ROOT, "nsrun -q --trace --owner %u:%u %s true", test_user.user,
		    test_user.group, options[i]);
		check_status(&outcome, 0);
		assert_non_null(strstr(outcome.errors, "helper: write(file, "));
		assert_null(strstr(outcome.errors, "launcher: write("));
	}
}

static void check_shown_outside(const char *options, const char *mounts)
{
	run(&outcome, ROOT,
	    "sh -c 'mkdir place && mount -t tmpfs none place && mount --make-shared place && "
	    "mkdir place/inner && nsrun %s -m mount -t tmpfs none place/inner; "
	    "grep -c /place/inner /proc/self/mountinfo; umount -R place && rmdir place'",
	    options);
	check_output(&outcome, mounts);
}

/* "With a new user namespace the kernel first makes slaves of shared mounts" */
static void test_what_shows_outside(void **state)
{
	(void)state;
	need_root();
	check_shown_outside("", "0\n");
	check_shown_outside("--propagation slave", "0\n");
	check_shown_outside("--propagation shared", "1\n");
	check_shown_outside("--propagation unchanged", "1\n");
	check_shown_outside("-r --propagation shared", "0\n");
	check_shown_outside("-r --propagation unchanged", "0\n");
}

/* "... no part of which is covered, but for the empty directories ... to be mounted on" */
static void test_covered_proc(void **state)
{
	static const char empty[] = "/proc/sys/fs/binfmt_misc";
	static const char cover[] =
	    "nsrun -m sh -c 'mount -t tmpfs none %s && nsrun -r -pf --mount-proc true'";

	(void)state;
	need_root();
	run(&outcome, ROOT, cover, "/proc/sys/fs");
	check_refused(&outcome, "mount");
	if (access(empty, F_OK) == 0) { /* as in most kernels */
		run(&outcome, ROOT, cover, empty);
		check_status(&outcome, 0);
	}
}

/* "... and outside as far as they are mapped; and the maps, which tell programs" */
static void test_ids_in_the_report(void **state)
{
	char line[64];

	(void)state;
	run(&outcome, USER, "nsrun -U --report true");
	assert_non_null(strstr(outcome.errors, "uid  65534 inside, not mapped"));
	run(&outcome, USER, "nsrun -r --report=json true");
	snprintf(line, sizeof(line), "\"uid\":0,\"gid\":0,\"uid_map\":[[0,%u,1]]", test_user.user);
	assert_non_null(strstr(outcome.errors, line));
}

/* "The ids that it has left inside are paired, in order, with those ... outside" */
static void test_ids_are_paired(void **state)
{
	static const struct {
		const char *options, *map;
	} rows[] = {
	    {"--map-user 5 --map-users 0:1000:10", "5 0 1 0 1000 5 6 1005 4"},
	    {"--map-user 7 --map-users 100:0:10", "7 0 1 100 1 9"},
	    {"--map-user 105 --map-users 100:0:10", "105 0 1 100 1 5 106 6 4"},
	};

	(void)state;
	need_root();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run(&outcome, ROOT, "nsrun %s cat /proc/self/uid_map", rows[i].options);
		check_words(&outcome, rows[i].map);
	}
}

/* "A copy that is set-user-ID refuses to run, but for those whose ids that does not change" */
static void test_set_user_id_of_the_caller(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "sh -c 'cp %s/nsrun raised && chmod 4755 raised'", program_directory);
	run(&outcome, ROOT, "./raised -u true");
	check_status(&outcome, 0);
	run(&outcome, USER, "./raised -r true");
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "refusing to run"));
	remove_path("raised");
}

/* "From a mount namespace of their own they can still move the file, or remove it" */
static void test_pin_changed_from_elsewhere(void **state)
{
	static const char inside[] = "sh -c 'nsenter --mount=/proc/%d/ns/mnt %s'";
	static const struct launch root = {.who = ROOT};
	struct process process;

	(void)state;
	need_root();
	start(&process, &outcome, &root, "nsrun -m role stay");
	await_output(&process, "ready");
	run_freely(&entered, &root, "nsrun --uts=pin --hostname kept true");
	run_freely(&entered, &root, "rm -f pin");
	assert_int_not_equal(entered.status, 0);
	run_freely(&entered, &root, inside, process.id, "mv $PWD/pin $PWD/moved");
	run_freely(&entered, &root, "nsenter --uts=moved uname -n");
	check_output(&entered, "kept\n");
	run_freely(&entered, &root, inside, process.id, "rm $PWD/moved");
	check_status(&entered, 0);
	run_freely(&entered, &root, "sh -c 'grep uts: /proc/self/mountinfo; true'");
	check_output(&entered, "");
	break_off(&process);
}

static void allow_core(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
}

/* "... kills itself with the same signal, but writes no core" */
static void test_no_core_of_its_own(void **state)
{
	(void)state;
	run_freely(
	    &outcome, &(struct launch){.who = USER, .prepare = allow_core},
	    "sh -c 'exec 2>/dev/null; nsrun -f sh -c \"ulimit -c 0; kill -QUIT \\$\\$\"; echo $?; "
	    "ls | grep ^core; true'");
	check_output(&outcome, "131\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_namespace_held_by_a_descriptor),
	    cmocka_unit_test(test_helper_for_the_owner),
	    cmocka_unit_test(test_what_shows_outside),
	    cmocka_unit_test(test_covered_proc),
	    cmocka_unit_test(test_ids_in_the_report),
	    cmocka_unit_test(test_ids_are_paired),
	    cmocka_unit_test(test_set_user_id_of_the_caller),
	    cmocka_unit_test(test_pin_changed_from_elsewhere),
	    cmocka_unit_test(test_no_core_of_its_own),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
