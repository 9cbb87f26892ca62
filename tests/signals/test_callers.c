/* However the caller has left the signals, and whenever the launcher or the whole job is
 * stopped, $? tells how the program ended. The single signals are in test_receivers. */
#include "harness.h"

#include <signal.h>
#include <string.h>

static struct outcome outcome;

static const struct launch job = {.is_job = true};

enum { WAYS = 4 };

static const char *const ways[WAYS] = {"--fork", "--forward-signals", "--pid --fork", "--init"};

/* Ended by that signal, which an init tells as a status. */
static void check_end(const char *options, int signal)
{
	if (strstr(options, "--init"))
		check_status(&outcome, 128 + signal);
	else
		check_signal(&outcome, signal);
}

/* Nothing can hold back SIGSTOP: nsrun misses the end of the program, but hears of it. */
static void test_launcher_stopped_and_continued(void **state)
{
	struct process process;

	(void)state;
	for (unsigned way = 0; way < WAYS; way++) {
		start(&process, &outcome, &job, "nsrun %s role stay", ways[way]);
		await_output(&process, "ready");
		pid_t program = program_of(process.id, "role");

		kill(process.id, SIGSTOP);
		await_state(process.id, 'T');
		await_state(program, 'S');
		kill(program, SIGKILL);
		settle();
		assert_int_equal(state_of(process.id), 'T');
		kill(process.id, SIGCONT);
		finish(&process);
		check_end(ways[way], SIGKILL);
	}
}

static void stop_and_continue(const char *options, bool whole_group)
{
	struct process process;

	start(&process, &outcome, &job, "nsrun %s role stay", options);
	await_output(&process, "ready");
	pid_t program = program_of(process.id, "role");
	pid_t target = whole_group ? -process.id : process.id;

	for (int i = 0; i < 3; i++) {
		kill(target, SIGTSTP);
		await_state(process.id, 'T');
		await_state(program, 'T');
		kill(target, SIGCONT);
		settle();
		assert_int_equal(state_of(process.id), 'S');
		assert_int_equal(state_of(program), 'S');
	}
	break_off(&process);
}

static void test_job_stopped_and_continued(void **state)
{
	(void)state;
	stop_and_continue("--fork", true);
	stop_and_continue("--forward-signals", true);
	stop_and_continue("--init", true);
	stop_and_continue("--init", false);
}

/* It may take a moment, but nobody stays stopped. */
static bool both_run(pid_t launcher, pid_t program)
{
	settle();
	return state_of(launcher) != 'T' && state_of(program) != 'T';
}

enum { PAIRS = 200, MOST_LOST = 4 };

/* How many of the pairs leave somebody stopped; another SIGCONT helps them on. */
static unsigned continue_after_stop(const char *options, bool whole_group)
{
	struct process process;
	unsigned lost = 0;

	start(&process, &outcome, &job, "nsrun %s role stay", options);
	await_output(&process, "ready");
	pid_t program = program_of(process.id, "role");
	pid_t target = whole_group ? -process.id : process.id;

	for (int i = 0; i < PAIRS; i++) {
		double moment = milliseconds_now() + i % 20 * 0.005;

		kill(target, SIGTSTP);
		while (milliseconds_now() < moment)
			continue;
		kill(target, SIGCONT);
		if (both_run(process.id, program))
			continue;
		lost++;
		kill(target, SIGCONT);
		if (lost > MOST_LOST || !both_run(process.id, program))
			break;
	}
	break_off(&process);
	return lost;
}

static void check_continued(const char *options, bool whole_group, unsigned most)
{
	unsigned lost = continue_after_stop(options, whole_group);

	if (lost > most)
		fail_msg("nsrun %s, SIGTSTP and SIGCONT to the %s: %u times stopped for good",
			 options, whole_group ? "group" : "launcher", lost);
}

/*
 * In whatever order the two are seen, the last one counts, as with no nsrun between. Under
 * --init the launcher stops itself, by a signal, and that discards a SIGCONT that comes at
 * this very moment (signal(7)): this cannot be ruled out, but must be rare.
 */
static void test_continued_right_after_a_stop(void **state)
{
	(void)state;
	check_continued("--fork", false, 0);
	check_continued("--fork", true, 0);
	check_continued("--forward-signals", true, 0);
	check_continued("--init", false, MOST_LOST);
	check_continued("--init", true, MOST_LOST);
}

static void ignore_all(void)
{
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
}

static void block_all(void)
{
	set_raw_mask(~UINT64_C(0));
}

static void ignore_child_signal(void)
{
	signal(SIGCHLD, SIG_IGN);
}

static void (*const habits[])(void) = {NULL, ignore_child_signal, ignore_all, block_all};

/* However the caller has left the signals, $? tells how the program ended. */
static void test_status_in_every_case(void **state)
{
	static const char *const both[] = {"--fork", "--forward-signals", "--init",
					   "--map-users=0:0:9 --fork", "--map-users=0:0:9 --init"};
	(void)state;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		for (size_t j = 0; j < sizeof(habits) / sizeof(habits[0]); j++) {
			const struct launch launch = {.is_job = true, .prepare = habits[j]};

			run_freely(&outcome, &launch, "nsrun %s role exit 7", both[i]);
			check_status(&outcome, 7);
			run_freely(&outcome, &launch, "nsrun %s role die 15", both[i]);
			check_end(both[i], SIGTERM);
			run_freely(&outcome, &launch, "nsrun %s role die 9", both[i]);
			check_end(both[i], SIGKILL);
		}
	}
}

static void test_child_signal_stays_ignored(void **state)
{
	static const char *const all[] = {"", "--fork", "--forward-signals", "--init"};
	const struct launch launch = {.is_job = true, .prepare = ignore_child_signal};
	struct process process;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		start(&process, &outcome, &launch, "nsrun %s role stay", all[i]);
		await_output(&process, "ready");
		assert_int_equal(signals_of(program_of(process.id, "role"), "SigIgn"),
				 signal_bit(SIGCHLD));
		break_off(&process);
	}
}

/* nohup(1) ignores SIGHUP, and so does all that it starts. */
static void test_nohup(void **state)
{
	struct process process;

	(void)state;
	for (unsigned way = 0; way < WAYS; way++) {
		start(&process, &outcome, &job, "nohup nsrun %s role stay", ways[way]);
		await_output(&process, "ready");
		pid_t program = program_of(process.id, "role");

		kill(-process.id, SIGHUP);
		kill(process.id, SIGHUP);
		settle();
		assert_int_equal(state_of(process.id), 'S');
		assert_int_equal(state_of(program), 'S');
		kill(program, SIGKILL);
		finish(&process);
		check_end(ways[way], SIGKILL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_launcher_stopped_and_continued),
	    /* valgrind ignores a signal that stops by default. */
	    cmocka_unit_test_setup_teardown(test_job_stopped_and_continued, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test(test_continued_right_after_a_stop),
	    cmocka_unit_test(test_status_in_every_case),
	    cmocka_unit_test(test_child_signal_stays_ignored),
	    cmocka_unit_test(test_nohup),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
