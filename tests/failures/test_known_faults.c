/* The faults of other implementations, one test for each. */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static struct outcome outcome;
static struct process process;

/* After a failure the helper waits for ever: run() sees who is left behind. */
static void test_the_helper_ends(void **state)
{
	static const char *const commands[] = {
	    "-r --owner=0:0",           "--map-auto --owner=0:0", "--map-users=1:5:1 -r",
	    "--map-auto -f -R missing", "--map-auto -S 4000000",  "--map-auto missing-program",
	};

	(void)state;
	need_subordinate_ids();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		run(&outcome, USER, "nsrun %s probe", commands[i]);
		assert_true(outcome.status == FAILED || outcome.status == NOT_FOUND);
		assert_string_equal(outcome.output, "");
	}
	/* The unshare(2) itself fails: no user namespace is left to be had. */
	run(&outcome, USER,
	    "nsrun -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec nsrun --map-auto "
	    "probe'");
	check_status(&outcome, FAILED);
	assert_string_equal(outcome.output, "");
}

static void test_an_unknown_name(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --map-user=no-such-user probe");
	check_refused(&outcome, "no-such-user");
	run(&outcome, USER, "nsrun --map-group=no-such-group probe");
	check_refused(&outcome, "no-such-group");
}

static void test_adjoining_takes_nothing(void **state)
{
	unsigned user = test_user.user, first = test_user.first;

	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-users=1:%u:100 -r probe", first);
	check(&outcome, "uid_map", "0 %u 1;1 %u 100", user, first);
	run(&outcome, USER, "nsrun --map-users=0:%u:100 --map-user=100 probe", first);
	check(&outcome, "uid_map", "100 %u 1;0 %u 100", user, first);
	run(&outcome, ROOT, "nsrun --map-users=10:1:5 --map-user=20 probe");
	check(&outcome, "uid_map", "20 0 1;10 1 5");
}

/* The kernel clears the parent-death signal when credentials change. */
static void test_death_signal_after_setuid(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun --kill-child --setuid=1234 probe");
	check(&outcome, "signals.death", "%d", SIGKILL);
	run(&outcome, ROOT,
	    "nsrun --kill-child=TERM --setgid=1234 --keep-caps -U --map-auto probe");
	check(&outcome, "signals.death", "%d", SIGTERM);
	run(&outcome, USER, "nsrun --kill-child -c --keep-caps probe");
	check(&outcome, "signals.death", "%d", SIGKILL);
}

static void be_traced(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/* Starts the command and stops the first process that it makes at its birth. */
static pid_t stop_first_child(enum who who, const char *command)
{
	unsigned long birth = 0;
	int status;

	start(&process, &outcome, &(struct launch){.who = who, .prepare = be_traced}, "%s",
	      command);
	assert_int_equal(waitpid(process.id, &status, __WALL), process.id);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, process.id, NULL,
				PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE),
			 0);
	/* valgrind executes itself and takes signals on the way. */
	do {
		int signal_number = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);

		assert_int_equal(ptrace(PTRACE_CONT, process.id, NULL, signal_number), 0);
		assert_int_equal(waitpid(process.id, &status, __WALL), process.id);
	} while (WIFSTOPPED(status) && status >> 16 == 0);
	if (!WIFSTOPPED(status))
		fail_msg("'%s' has started no process", command);
	assert_int_equal(ptrace(PTRACE_GETEVENTMSG, process.id, NULL, &birth), 0);
	assert_int_equal(waitpid((pid_t)birth, &status, __WALL), (pid_t)birth);
	return (pid_t)birth;
}

static void test_launcher_killed_before_the_signal_is_armed(void **state)
{
	static const char *const ways[] = {"", "-U", "-U --pid", "--kill-child=TERM -U"};
	char command[256];
	siginfo_t end;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		pid_t child;

		snprintf(command, sizeof(command), "nsrun --kill-child %s role stay", ways[i]);
		child = stop_first_child(USER, command);
		kill(process.id, SIGKILL);
		assert_int_equal(waitid(P_PID, (id_t)process.id, &end, WEXITED | WNOWAIT | __WALL),
				 0);
		ptrace(PTRACE_DETACH, child, NULL, NULL);
		finish(&process);
		if (outcome.left > 0)
			fail_msg("'%s': the child lives on", command);
		assert_string_equal(outcome.output, "");
	}
}

static void press_interrupt(const char *options)
{
	start(&process, &outcome, &(struct launch){.who = USER, .on_terminal = true},
	      "nsrun %s role count", options);
	await_output(&process, "ready");
	for (unsigned i = 1; i <= 3; i++) {
		press(&process, INTERRUPT);
		/* The terminal shows it after it has sent the signal. */
		await_output(&process, "^C");
		await_output(&process, "got 2.");
		settle();
		assert_int_equal(count_in_output(&process, "got 2."), 1);
		forget_output(&process);
	}
	break_off(&process);
}

static void test_one_key_one_signal(void **state)
{
	(void)state;
	press_interrupt("");
	press_interrupt("-U --fork");
	press_interrupt("-U --forward-signals");
	press_interrupt("-Upf --forward-signals --kill-child");
}

static void test_half_of_the_pins(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --uts=one --ipc=two --net=missing/three probe");
	check_refused(&outcome, "\"missing\"");
	assert_false(is_there("one") || is_there("two"));
	make_file("one", "");
	run(&outcome, ROOT, "nsrun --uts=one --net=missing/three --fork probe");
	check_refused(&outcome, "\"missing\"");
	assert_true(is_there("one"));
	remove_path("one");
}

static void test_whose_failure_it_is(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -rf probe --exit 1");
	check_status(&outcome, 1);
	run(&outcome, USER, "nsrun -rf -R missing probe --exit 1");
	check_status(&outcome, FAILED);
	run(&outcome, USER, "nsrun -rf missing-program");
	check_status(&outcome, NOT_FOUND);
	run(&outcome, USER, "nsrun -rf %s", work_directory);
	check_status(&outcome, CANNOT_RUN);
}

/* Makes scripts in place of the two, and returns how the user's nsrun finds them. */
static struct launch make_mappers(const char *newuidmap, const char *newgidmap)
{
	static char path[4096];
	static char *environment[] = {path, NULL};

	need_subordinate_ids();
	make_directory("fake");
	make_file("fake/newuidmap", newuidmap);
	make_file("fake/newgidmap", newgidmap);
	snprintf(path, sizeof(path), "PATH=%s/fake:%s:/usr/bin:/bin", work_directory,
		 program_directory);
	run(&outcome, geteuid() == 0 ? ROOT : USER, "chmod 755 fake/newuidmap fake/newgidmap");
	return (struct launch){.who = USER, .environment = environment};
}

/* A mapper that kills its parent, the helper. The other one is not done before that. */
static void test_helper_killed_by_its_mapper(void **state)
{
	struct launch launch = make_mappers("#!/bin/sh\nkill -KILL $PPID\n: >killed\n",
					    "#!/bin/sh\nuntil [ -e killed ]; do :; done\n");

	(void)state;
	run_freely(&outcome, &launch, "nsrun --map-auto -r probe");
	check_clean(&outcome);
	check_refused(&outcome, "helper was killed by SIGKILL");
	remove_path("fake");
	remove_path("killed");
}

/* Whoever kills the launcher has ended all of it: no mapper goes on, and nobody complains. */
static void test_launcher_killed_while_a_mapper_runs(void **state)
{
	static const char *const ways[] = {"--map-auto", "--map-auto -r --fork --pid",
					   "--map-auto --init --kill-child"};
	struct launch launch =
	    make_mappers("#!/bin/sh\necho mapping\nexec sleep 1000\n", "#!/bin/sh\nexit 0\n");

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start(&process, &outcome, &launch, "nsrun %s probe", ways[i]);
		await_output(&process, "mapping");
		kill(process.id, SIGKILL);
		finish(&process);
		check_clean(&outcome);
		check_signal(&outcome, SIGKILL);
		assert_string_equal(outcome.output, "mapping\n");
		assert_string_equal(outcome.errors, "");
	}
	remove_path("fake");
}

/* Lets the process make that many entries to and exits from system calls. False if it
 * ended before. */
static bool step_through(pid_t traced, int stops)
{
	int status;

	while (stops-- > 0) {
		if (ptrace(PTRACE_SYSCALL, traced, NULL, NULL) < 0 ||
		    waitpid(traced, &status, __WALL) != traced || !WIFSTOPPED(status))
			return false;
	}
	return true;
}

/* Either nothing has happened, or the program runs and has all that was asked for. */
static void check_all_or_nothing(const char *command, int stops, int pins, const char *map)
{
	bool ran = *outcome.output != '\0';

	if (outcome.late || outcome.left > 0)
		fail_msg("'%s', helper killed at stop %d: %s", command, stops,
			 outcome.late ? "it hangs" : "a process is left");
	if (outcome.mounts != (ran ? pins : 0) || is_there("one") != (ran && pins > 0) ||
	    is_there("two") != (ran && pins > 1))
		fail_msg(
		    "'%s', helper killed at stop %d: the program %s, and of %d pins there are %d",
		    command, stops, ran ? "ran" : "did not run", pins, outcome.mounts);
	if (!ran && outcome.status != FAILED)
		fail_msg("'%s', helper killed at stop %d: exit status %d", command, stops,
			 outcome.status);
	if (ran && strcmp(value(&outcome, "uid_map"), map) != 0)
		fail_msg("'%s', helper killed at stop %d: the program ran without its map", command,
			 stops);
}

static void kill_helper_everywhere(enum who who, const char *command, int pins, const char *map)
{
	enum { BEYOND = 1000 };
	/* valgrind makes a thousand calls of its own. */
	int step = nsrun_is_under_valgrind() ? 101 : 1;
	bool killed = true;

	for (int stops = 0; killed; stops += step) {
		pid_t helper = stop_first_child(who, command);

		assert_true(stops < BEYOND * step);
		ptrace(PTRACE_SETOPTIONS, helper, NULL, NULL);
		ptrace(PTRACE_DETACH, process.id, NULL, NULL);
		killed = step_through(helper, stops);
		/* A dead process is shown to the one who traces it before its parent. */
		if (killed && kill(helper, SIGKILL) == 0)
			waitpid(helper, NULL, __WALL);
		finish(&process);
		check_all_or_nothing(command, stops, pins, map);
		if (!killed)
			check_status(&outcome, 0);
		remove_path("one");
		remove_path("two");
	}
}

static void test_killed_helper(void **state)
{
	char map[64];

	(void)state;
	need_root();
	snprintf(map, sizeof(map), "0 %u 1;1 %u %u", test_user.user, test_user.first,
		 test_user.count);
	kill_helper_everywhere(USER, "nsrun --map-auto -r probe", 0, map);
	kill_helper_everywhere(ROOT, "nsrun --map-users=0:0:9 probe", 0, "0 0 9");
	kill_helper_everywhere(ROOT, "nsrun --uts=one --ipc=two probe", 2, "0 0 4294967295");
	kill_helper_everywhere(ROOT, "nsrun --uts=one --ipc=two -mf probe", 2, "0 0 4294967295");
	kill_helper_everywhere(ROOT, "nsrun --uts=one --map-users=0:0:9 probe", 1, "0 0 9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_helper_ends),
	    cmocka_unit_test(test_an_unknown_name),
	    cmocka_unit_test(test_adjoining_takes_nothing),
	    cmocka_unit_test(test_death_signal_after_setuid),
	    cmocka_unit_test(test_launcher_killed_before_the_signal_is_armed),
	    cmocka_unit_test(test_one_key_one_signal),
	    cmocka_unit_test(test_half_of_the_pins),
	    cmocka_unit_test(test_whose_failure_it_is),
	    cmocka_unit_test(test_helper_killed_by_its_mapper),
	    cmocka_unit_test(test_launcher_killed_while_a_mapper_runs),
	    cmocka_unit_test(test_killed_helper),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
