/*
 * Whenever the launcher of `nsrun --init --kill-child` dies, all dies, and soon.
 *
 * Every run ends the launcher at a random moment of its start; RANDOM_SEED repeats a
 * sequence. What is soon depends on the machine, and on what else it does: so each end
 * comes after a whole run of the same command, from its start to its end, which takes as many
 * processes. All ends together must not take longer than several times all those runs. One by
 * itself may: a busy machine wakes everybody late.
 */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SOON = 10 };

/* How often; valgrind makes all of it slow. */
static unsigned moments = 200;

static struct outcome outcome;

static struct generator generator;

static const struct launch job = {.is_job = true};

/* What the launcher and its child go through on the way: with and without a helper. */
static const char *const ways[] = {
    "",
    "--mount-proc --uts",
    "--map-users=0:0:9 --map-groups=0:0:9",
    "-r --hostname inside",
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static double measure_run(const char *way)
{
	double before = milliseconds_now();

	run_freely(&outcome, &job, "nsrun %s --init --kill-child -- role exit 0", way);
	check_clean(&outcome);
	check_status(&outcome, 0);
	return milliseconds_now() - before;
}

/* A moment is less than the kernel's timers can hit: this waits by looking at the clock. */
static void wait_until(double moment)
{
	while (milliseconds_now() < moment)
		continue;
}

/* Whether the program ran by the time that the launcher got its signal. Fails the test if
 * anything outlives it. */
static bool end_at_random_moment(int number, const char *way, double most, double *took)
{
	double delay = most * number_below(&generator, 1U << 24) / (1U << 24);
	double begin = milliseconds_now();
	struct process process;

	start(&process, &outcome, &job, "nsrun %s --init --kill-child -- role stay", way);
	wait_until(begin + delay);
	begin = milliseconds_now();
	kill(process.id, number);
	/* Whoever loses his parent becomes a child of the tests; those in a PID namespace have
	 * ended when its init has. */
	finish(&process);
	*took = milliseconds_now() - begin;
	if (outcome.late || outcome.left > 0)
		fail_msg("signal %d after %.3f ms of '%s': %d left", number, delay, outcome.command,
			 outcome.left);
	return *outcome.output;
}

static void end_at_random_moments(int number)
{
	double took, ends = 0, runs = 0;
	unsigned started = 0;

	for (unsigned i = 0; i < moments; i++) {
		const char *way = ways[i % WAYS];

		runs += measure_run(way);
		/* Some come after the start, of which a run is the larger part. */
		started += end_at_random_moment(number, way, 2 * runs / (i + 1), &took);
		ends += took;
	}
	print_message("signal %d: ends took %.1f ms, whole runs %.1f ms, %u of %u programs ran\n",
		      number, ends, runs, started, moments);
	assert_true(ends < SOON * runs);
	/* Else the moments were not those of a start. */
	assert_in_range(started, 1, moments - 1);
}

static void test_terminated_at_any_moment(void **state)
{
	(void)state;
	end_at_random_moments(SIGTERM);
}

static void test_killed_at_any_moment(void **state)
{
	(void)state;
	end_at_random_moments(SIGKILL);
}

/* What the tests above would see of an init that does not watch its launcher. */
static void test_without_the_option_it_lives_on(void **state)
{
	struct process process;

	(void)state;
	start(&process, &outcome, &job, "nsrun --init role stay");
	await_output(&process, "ready");
	kill(process.id, SIGKILL);
	finish(&process);
	check_signal(&outcome, SIGKILL);
	assert_true(outcome.left > 0);
}

static void test_chosen_signal(void **state)
{
	struct process process;

	(void)state;
	start(&process, &outcome, &job, "nsrun --init --kill-child=USR2 role count");
	await_output(&process, "ready");
	kill(process.id, SIGKILL);
	await_state(process.id, 'Z');
	settle();
	assert_int_equal(count_in_output(&process, "got 12.\n"), 1);
	assert_int_equal(count_in_output(&process, "got"), 1);
	break_off(&process);
}

/* The program's children, sessions of their own included, go the same way. */
static void test_descendants_end_too(void **state)
{
	struct process process;

	(void)state;
	start(&process, &outcome, &job,
	      "nsrun --init --kill-child sh -c 'setsid role stay & role stay & setsid role count'");
	await_output(&process, "ready\nready\nready\n");
	kill(process.id, SIGKILL);
	finish(&process);
	check_clean(&outcome);
}

/* A report that nobody reads keeps the program from starting, and init in the middle of
 * it: even so the launcher's death ends all. */
static void report_to_third(void)
{
	dup2(3, STDERR_FILENO);
	close(3);
}

static void test_while_the_report_is_held_up(void **state)
{
	static char filling[1 << 16];
	struct launch launch = {.is_job = true, .prepare = report_to_third};
	struct process process;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], filling, sizeof(filling)), sizeof(filling));
	launch.third = ends[1];
	start(&process, &outcome, &launch, "nsrun --init --kill-child --report role stay");
	await_child(process.id);
	settle();
	kill(process.id, SIGKILL);
	finish(&process);
	check_clean(&outcome);
	assert_string_equal(outcome.output, "");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_terminated_at_any_moment),
	    cmocka_unit_test(test_killed_at_any_moment),
	    cmocka_unit_test(test_without_the_option_it_lives_on),
	    cmocka_unit_test(test_chosen_signal),
	    cmocka_unit_test(test_descendants_end_too),
	    cmocka_unit_test(test_while_the_report_is_held_up),
	};

	generator = seeded_generator((uint64_t)time(NULL));
	if (nsrun_is_under_valgrind())
		moments = 80;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
