/* Single sentences of nsrun(1), as commands: what no other test is about. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct outcome outcome, entered;

/* A program with no capabilities at all. */
static const char none[] = "0000000000000000";

static void check_capabilities(const char *options, bool kept)
{
	run(&outcome, USER, "nsrun %s probe --only capabilities.effective", options);
	check_status(&outcome, 0);
	if ((strcmp(value(&outcome, "capabilities.effective"), none) != 0) != kept)
		fail_msg("%s", outcome.output);
}

/* "... but a change from root inside to another user with --setuid clears them" */
static void test_capabilities_kept(void **state)
{
	(void)state;
	need_subordinate_ids();
	check_capabilities("-c --keep-caps", true);
	check_capabilities("-U --keep-caps", true);
	check_capabilities("--map-auto -c --keep-caps --setuid 5", true);
	check_capabilities("--map-auto -r --keep-caps --setuid 5", false);
	check_capabilities("--map-auto -r --keep-caps --setuid 0", true);
	check_capabilities("--map-auto -r --setuid 5", false);
}

/* "With -r it is this user who is mapped, not the caller" */
static void test_owner_is_mapped(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun -q --owner %u:%u -r probe", test_user.user, test_user.group);
	check(&outcome, "uid_map", "0 0 1");
	check(&outcome, "uid.effective", "65534");
}

/* "... as long as its process 1 lives" */
static void test_pinned_pid_namespace(void **state)
{
	struct process process;

	(void)state;
	need_root();
	start(&process, &outcome, &(struct launch){.who = ROOT},
	      "nsrun --fork --pid=pidpin role stay");
	await_output(&process, "ready");
	run_freely(&entered, &(struct launch){.who = ROOT}, "nsenter --pid=pidpin true");
	check_status(&entered, 0);
	break_off(&process);
	run(&outcome, ROOT, "nsenter --pid=pidpin true");
	assert_int_not_equal(outcome.status, 0);
	assert_non_null(strstr(outcome.errors, "Cannot allocate memory"));
	run(&outcome, ROOT, "umount pidpin");
	run(&outcome, ROOT, "rm pidpin");
}

/* EXIT STATUS: 127 is ENOENT of execve(2), also that of an interpreter; 126 any other. */
static void test_not_run(void **state)
{
	(void)state;
	make_file("script", "#!/no/such/interpreter\n");
	make_file("text", "exit 3\n");
	run(&outcome, ROOT, "chmod 755 script");
	run(&outcome, USER, "nsrun ./script");
	check_status(&outcome, NOT_FOUND);
	run(&outcome, USER, "nsrun ./text");
	check_status(&outcome, CANNOT_RUN);
	run(&outcome, USER, "nsrun ./text/below");
	check_status(&outcome, CANNOT_RUN);
	run(&outcome, USER, "nsrun ./missing/below");
	check_status(&outcome, NOT_FOUND);
	remove_path("script");
	remove_path("text");
}

/* "nsrun itself as process 1 ... then it ends with 128 + n" */
static void test_signal_of_its_own_in_process_1(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -r -pf nsrun -f sh -c 'kill -TERM $$'");
	check_status(&outcome, 128 + SIGTERM);
	run(&outcome, USER, "nsrun -r -pf nsrun -f sh -c 'kill -USR1 $$'");
	check_status(&outcome, 128 + SIGUSR1);
	run(&outcome, USER, "nsrun -f sh -c 'kill -TERM $$'");
	check_signal(&outcome, SIGTERM);
}

/* "... but where init itself is killed from outside, nsrun is too" */
static void test_init_killed_from_outside(void **state)
{
	struct process process;

	(void)state;
	start(&process, &outcome, &(struct launch){.who = USER}, "nsrun -r --init role stay");
	await_output(&process, "ready");
	kill(child_of(process.id), SIGKILL);
	finish(&process);
	check_signal(&outcome, SIGKILL);
}

/* "... made, empty and with mode 0444, less the umask" */
static void test_mode_of_a_pin(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT,
	    "sh -c 'umask 077; nsrun --uts=pin true; umount pin; stat -c %%a pin; rm pin'");
	check_output(&outcome, "400\n");
}

/* "An ordinary user can pin where root is he himself: below nsrun -rm" */
static void test_pin_of_a_user(void **state)
{
	(void)state;
	run(&outcome, USER,
	    "nsrun -rm sh -c 'mount -t tmpfs none /mnt && nsrun --uts=/mnt/pin "
	    "--hostname inner true && nsenter --uts=/mnt/pin uname -n'");
	check_output(&outcome, "inner\n");
	run(&outcome, USER, "nsrun -r --uts=pin true");
	check_refused(&outcome, "pin");
}

/* --setgid: "... where just one group is mapped, which holds for root too" */
static void test_groups_of_a_single_map(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun -r --setgid 0 true");
	check_refused(&outcome, "setgroups");
	run(&outcome, ROOT, "nsrun --map-groups 0:0:10 --map-users 0:0:10 --setgid 0 true");
	check_status(&outcome, 0);
}

/* "... show no result": execve(2); and the line of a vfork(2) comes after the child's. */
static void test_order_of_the_trace(void **state)
{
	const char *child, *fork;

	(void)state;
	run(&outcome, USER, "nsrun --trace -f true");
	child = strstr(outcome.errors, "child: execve(\"true\", {\"true\", NULL}, environ)\n");
	fork = strstr(outcome.errors, "launcher: vfork() = ");
	assert_non_null(child);
	assert_non_null(fork);
	assert_true(child < fork);
}

/* "--setgroups does not imply --user" and "--root needs privilege" */
static void test_what_is_not_implied(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --setgroups deny true");
	check_refused(&outcome, "/proc/self/setgroups");
	run(&outcome, USER, "nsrun -U --setgroups deny cat /proc/self/setgroups");
	check_output(&outcome, "deny\n");
	run(&outcome, USER, "nsrun --root / true");
	check_refused(&outcome, "chroot");
	run(&outcome, USER, "nsrun -r --root / true");
	check_status(&outcome, 0);
}

/* "/sys still shows the host's network" */
static void test_sys_is_the_hosts(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -n sh -c 'ls /sys/class/net >in'");
	run(&outcome, ROOT, "sh -c 'ls /sys/class/net | cmp - in'");
	check_status(&outcome, 0);
	remove_path("in");
}

/* "Only these two are held back ... others end nsrun, and leave the child" */
static void test_other_signals_end_the_launcher(void **state)
{
	static const int ending[] = {SIGQUIT, SIGHUP, SIGUSR1};
	static const char *const options[] = {"-f", "--forward-signals"};
	struct process process;
	pid_t program;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		start(&process, &outcome, &(struct launch){.who = USER}, "nsrun %s role stay",
		      options[i % 2]);
		await_output(&process, "ready");
		program = child_of(process.id);
		kill(process.id, ending[i / 2]);
		await_state(process.id, 'Z');
		settle();
		assert_int_equal(state_of(program), 'S');
		assert_int_equal(kill(program, SIGKILL), 0);
		finish(&process);
		check_signal(&outcome, ending[i / 2]);
	}
}

/* "The descriptor stays open in the program" */
static void test_report_descriptor_stays(void **state)
{
	(void)state;
	run(&outcome, USER, "sh -c 'nsrun --report-fd 7 readlink /proc/self/fd/7 7>report'");
	assert_non_null(strstr(outcome.output, "/report\n"));
	remove_path("report");
}

/* "... set-user-ID ... unless its owner or its group is not mapped" */
static void test_set_user_id_needs_both_ids(void **state)
{
	(void)state;
	need_root();
	need_subordinate_ids();
	run(&outcome, ROOT, "sh -c 'cp %s/probe raised && chown %u:%u raised && chmod 4755 raised'",
	    program_directory, test_user.user, test_user.group);
	run(&outcome, ROOT, "nsrun --map-users 0:0:2000 --map-groups 0:0:2000 ./raised");
	check(&outcome, "uid.effective", "%u", test_user.user);
	run(&outcome, ROOT, "nsrun --map-users 0:0:2000 --map-groups 0:0:2 ./raised");
	check(&outcome, "uid.effective", "0");
	run(&outcome, ROOT, "nsrun --map-users 0:0:2 --map-groups 0:0:2000 ./raised");
	check(&outcome, "uid.effective", "0");
	remove_path("raised");
}

/* Given twice: a pin stays, names and ranges add up, of all others the last one counts. */
static void test_given_twice(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT,
	    "sh -c 'nsrun --uts=pin --uts --hostname one --hostname two true; "
	    "nsenter --uts=pin uname -n; umount pin; rm pin'");
	check_output(&outcome, "two\n");
	run(&outcome, ROOT, "nsrun --map-users 0:5:1 --map-users 1:7:1 cat /proc/self/uid_map");
	check_words(&outcome, "0 5 1 1 7 1");
	run(&outcome, ROOT, "nsrun -r -c --map-user 3 -r cat /proc/self/uid_map");
	check_words(&outcome, "0 0 1");
	run(&outcome, ROOT, "nsrun -T --monotonic 5 --monotonic 7 cat /proc/self/timens_offsets");
	check_words(&outcome, "monotonic 7 0 boottime 0 0");
	run(&outcome, ROOT, "nsrun --explain --kill-child=TERM --kill-child true");
	assert_non_null(strstr(outcome.output, "prctl(PR_SET_PDEATHSIG, SIGKILL)"));
	run(&outcome, ROOT, "nsrun --explain --mount-proc=/mnt --mount-proc true");
	assert_non_null(strstr(outcome.output, "mount(\"proc\", \"/proc\""));
	run(&outcome, ROOT, "nsrun --explain=json --explain true");
	assert_non_null(strstr(outcome.output, "Steps:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_capabilities_kept),
	    cmocka_unit_test(test_owner_is_mapped),
	    cmocka_unit_test(test_pinned_pid_namespace),
	    cmocka_unit_test(test_not_run),
	    cmocka_unit_test(test_signal_of_its_own_in_process_1),
	    cmocka_unit_test(test_init_killed_from_outside),
	    cmocka_unit_test(test_mode_of_a_pin),
	    cmocka_unit_test(test_pin_of_a_user),
	    cmocka_unit_test(test_groups_of_a_single_map),
	    cmocka_unit_test(test_order_of_the_trace),
	    cmocka_unit_test(test_what_is_not_implied),
	    cmocka_unit_test(test_sys_is_the_hosts),
	    cmocka_unit_test(test_other_signals_end_the_launcher),
	    cmocka_unit_test(test_report_descriptor_stays),
	    cmocka_unit_test(test_set_user_id_needs_both_ids),
	    cmocka_unit_test(test_given_twice),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
