/* --init: orphans, exit statuses, signals passed on, and what the program is left with. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static struct outcome outcome;

static const struct launch job = {.is_job = true};

/* Of PID 1's duties (pid_namespaces(7)) most programs do none. */
static void test_orphans_are_reaped(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --init --mount-proc role orphans 1000");
	check_output(&outcome, "zombies 0\n");
	run(&outcome, ROOT, "nsrun --pid --fork --mount-proc role orphans 1000");
	check_output(&outcome, "zombies 1000\n");
}

/* Each sleeps until the shell lets go of it, and is gone before the shell goes on. */
static void test_orphans_as_a_user_sees_them(void **state)
{
	(void)state;
	run(&outcome, ROOT,
	    "nsrun --init --mount-proc sh -c 'for i in $(seq 300); do (sleep 1000 &) ; done; "
	    "while pkill sleep || ps -e -o comm | grep -q sleep; do :; done; "
	    "ps ax | grep -c \"[d]efunct\"'");
	assert_string_equal(outcome.output, "0\n");
}

static void check_exit(int status, const char *command)
{
	run(&outcome, ROOT, "nsrun %s", command);
	check_status(&outcome, status);
}

static void test_exit_status(void **state)
{
	static const int fatal[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGABRT, SIGKILL, SIGSEGV,
				    SIGTERM, SIGUSR1, SIGALRM, SIGPIPE, 34,      64};
	char command[64];

	(void)state;
	check_exit(0, "--init role exit 0");
	check_exit(7, "--init role exit 7");
	check_exit(255, "--init --kill-child role exit 255");
	check_exit(127, "--init missing-program");
	check_exit(126, "--init /");
	check_exit(FAILED, "--init --root /missing role exit 0");
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		snprintf(command, sizeof(command), "--init role die %d", fatal[i]);
		check_exit(128 + fatal[i], command);
	}
}

/* SIGKILL and SIGSTOP cannot be caught; SIGCHLD tells of children. */
static bool is_forwarded(int number)
{
	return number != SIGKILL && number != SIGSTOP && number != SIGCHLD;
}

/* A stop signal would also stop the launcher, and SIGCONT continues it: two of them. */
static bool is_job_control(int number)
{
	return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU || number == SIGCONT;
}

static unsigned count_lost(struct process *process, pid_t receiver, const char *name)
{
	unsigned lost = 0;
	char line[32];

	for (int i = 1; i <= 64; i++) {
		unsigned before;

		if (!is_forwarded(i) || is_job_control(i))
			continue;
		if (state_of(process->id) == 'Z') {
			print_error("the launcher has died of signal %d\n", i - 1);
			return lost + 1;
		}
		snprintf(line, sizeof(line), "got %d.\n", i);
		before = count_in_output(process, line);
		kill(receiver, i);
		settle();
		if (count_in_output(process, line) == before + 1)
			continue;
		print_error("signal %d to the %s reached the program %u times\n", i, name,
			    count_in_output(process, line) - before);
		lost++;
	}
	return lost;
}

static void test_every_signal_is_forwarded(void **state)
{
	struct process process;
	unsigned lost = 0;

	(void)state;
	start(&process, &outcome, &job, "nsrun --init role count");
	await_output(&process, "ready");
	lost += count_lost(&process, child_of(process.id), "init");
	/* Last, as it may kill the launcher. */
	lost += count_lost(&process, process.id, "launcher");
	/* Each just once from either. */
	assert_int_equal(count_in_output(&process, "got 15.\n"), 2);
	assert_int_equal(count_in_output(&process, "got 1.\n"), 2);
	break_off(&process);
	if (lost > 0)
		fail_msg("%u signals were not passed on just once", lost);
}

/* Not for a moment is one let in that would kill the launcher instead. */
static void test_launcher_lets_only_one_in(void **state)
{
	(void)state;
	run(&outcome, ROOT,
	    "sh -c 'strace -o calls nsrun --init role exit 0; sed \"1,/clone\\|fork/d\" calls | "
	    "grep -o \"SIG_UNBLOCK, [^ ]*\"'");
	check_output(&outcome, "SIG_UNBLOCK, [CONT],\n");
	remove_path("calls");
}

static void test_continue_signal_is_forwarded(void **state)
{
	struct process process;

	(void)state;
	start(&process, &outcome, &job, "nsrun --init role count");
	await_output(&process, "ready");
	kill(process.id, SIGCONT);
	await_output(&process, "got 18.\n");
	kill(process.id, SIGTSTP);
	await_output(&process, "got 20.\n");
	break_off(&process);
}

static void test_orphans_end_with_the_program(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --init sh -c 'role stay & setsid role stay & exit 3'");
	check_status(&outcome, 3);
	/* What the tests would see if they did not. */
	run_freely(&outcome, &job, "nsrun --fork sh -c 'role stay & exit 3'");
	check_status(&outcome, 3);
	assert_int_equal(outcome.left, 1);
}

/* The alarm of a caller that executes nsrun goes to the launcher alone (alarm(2)). */
static long alarm_milliseconds;

static void set_alarm(void)
{
	const struct itimerval timer = {
	    .it_value = {alarm_milliseconds / 1000, alarm_milliseconds % 1000 * 1000}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* One that comes too soon kills nsrun, or the program that does not count yet: then a later
 * one. */
static void test_alarm_of_the_caller(void **state)
{
	const struct launch launch = {.is_job = true, .prepare = set_alarm};
	struct process process;

	(void)state;
	for (alarm_milliseconds = 40;; alarm_milliseconds *= 2) {
		start(&process, &outcome, &launch, "nsrun --init role count");
		if (output_comes_to_hold(&process, "ready"))
			break;
		finish(&process);
		assert_true(outcome.signal == SIGALRM || outcome.status == 128 + SIGALRM);
		assert_true(alarm_milliseconds < BOUND);
	}
	await_output(&process, "got 14.\n");
	break_off(&process);
}

static uint64_t left_mask;

static void leave_signals(void)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	set_raw_mask(left_mask);
}

static void test_program_has_the_callers_signals(void **state)
{
	static const char *const ways[] = {"", "--fork", "--forward-signals", "--init",
					   "--init --kill-child"};
	const uint64_t never = signal_bit(SIGKILL) | signal_bit(SIGSTOP);
	const uint64_t masks[] = {0, signal_bit(SIGINT) | signal_bit(SIGUSR2), ~UINT64_C(0)};
	struct process process;

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(ways) / sizeof(ways[0]); i++) {
		const struct launch launch = {.is_job = true, .prepare = leave_signals};

		left_mask = masks[i % 3];
		start(&process, &outcome, &launch, "nsrun %s role stay", ways[i / 3]);
		await_output(&process, "ready");
		pid_t program = program_of(process.id, "role");
		uint64_t blocked = signals_of(program, "SigBlk");
		uint64_t ignored = signals_of(program, "SigIgn");

		break_off(&process);
		if (blocked != (masks[i % 3] & ~never))
			fail_msg("nsrun %s: the program has %#lx blocked, not %#lx", ways[i / 3],
				 (unsigned long)blocked, (unsigned long)(masks[i % 3] & ~never));
		assert_int_equal(ignored,
				 signal_bit(SIGUSR1) | signal_bit(SIGCHLD) | signal_bit(SIGTSTP));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_orphans_are_reaped),
	    cmocka_unit_test(test_orphans_as_a_user_sees_them),
	    cmocka_unit_test(test_exit_status),
	    /* valgrind takes SIGILL and the like for faults. */
	    cmocka_unit_test_setup_teardown(test_every_signal_is_forwarded, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_launcher_lets_only_one_in, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test(test_continue_signal_is_forwarded),
	    cmocka_unit_test(test_orphans_end_with_the_program),
	    cmocka_unit_test(test_alarm_of_the_caller),
	    cmocka_unit_test(test_program_has_the_callers_signals),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
