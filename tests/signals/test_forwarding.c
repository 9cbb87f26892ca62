/* Signals between nsrun and its child, and who outlives whom. Those of a terminal are in
 * terminals, each signal with each receiver in test_receivers. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static struct outcome outcome;
static struct process process;

static void send_and_count(int signal, unsigned interruptions, unsigned terminations)
{
	kill(process.id, signal);
	settle();
	assert_int_equal(count_in_output(&process, "got 2.\n"), interruptions);
	assert_int_equal(count_in_output(&process, "got 15.\n"), terminations);
}

static void test_forwarded_once(void **state)
{
	static const char *const ways[] = {"", "-U", "-Upf", "--map-auto -r", "--kill-child"};

	(void)state;
	need_subordinate_ids();
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start(&process, &outcome, &(struct launch){.who = USER},
		      "nsrun --forward-signals %s role count", ways[i]);
		await_output(&process, "ready");
		for (unsigned j = 1; j <= 3; j++) {
			send_and_count(SIGTERM, j - 1, j);
			send_and_count(SIGINT, j, j);
		}
		kill(program_of(process.id, "role"), SIGKILL);
		finish(&process);
		check_clean(&outcome);
		check_signal(&outcome, SIGKILL);
	}
}

/* Without the option nsrun waits, and the child is none the wiser. */
static void test_not_forwarded(void **state)
{
	(void)state;
	start(&process, &outcome, &(struct launch){.who = USER}, "nsrun -U --fork role count");
	await_output(&process, "ready");
	send_and_count(SIGTERM, 0, 0);
	send_and_count(SIGINT, 0, 0);
	kill(program_of(process.id, "role"), SIGKILL);
	finish(&process);
	check_clean(&outcome);
	check_signal(&outcome, SIGKILL);
}

static void test_program_ends_by_forwarded_signal(void **state)
{
	(void)state;
	start(&process, &outcome, &(struct launch){.who = USER},
	      "nsrun -U --forward-signals role stay");
	await_output(&process, "ready");
	kill(process.id, SIGTERM);
	finish(&process);
	check_clean(&outcome);
	check_signal(&outcome, SIGTERM);
}

/* Kills nsrun and looks whether its child goes, too. */
static void kill_launcher(enum who who, const char *options, bool expected)
{
	bool ended;
	pid_t child;

	start(&process, &outcome, &(struct launch){.who = who}, "nsrun %s role stay", options);
	await_output(&process, "ready");
	child = await_child(process.id);
	kill(process.id, SIGKILL);
	await_state(process.id, 'Z');
	settle();
	ended = state_of(child) == 0 || state_of(child) == 'Z';
	finish(&process);
	check_signal(&outcome, SIGKILL);
	assert_int_equal(outcome.mounts, 0);
	assert_int_equal(outcome.left > 0, !expected);
	if (ended != expected)
		fail_msg("'%s': the child %s", outcome.command, ended ? "died" : "lives on");
}

static void test_kill_child(void **state)
{
	(void)state;
	kill_launcher(USER, "--kill-child", true);
	kill_launcher(USER, "-Up --kill-child", true);
	kill_launcher(USER, "-rp --kill-child=SIGKILL --mount-proc", true);
	kill_launcher(USER, "-U --kill-child=TERM", true);
	/* One that the child can do without. */
	kill_launcher(USER, "-U --kill-child=CHLD", false);
	kill_launcher(USER, "-U --fork", false);
}

static void test_kill_child_with_other_ids(void **state)
{
	(void)state;
	need_root();
	kill_launcher(ROOT, "--kill-child --setuid=1234", true);
	kill_launcher(ROOT, "--kill-child --setgid=1234", true);
	kill_launcher(ROOT, "-p --kill-child --setuid=1234 --setgid=1235 --mount-proc", true);
	kill_launcher(USER, "--map-auto --kill-child --setuid=5 --setgid=6", true);
	kill_launcher(USER, "-c --keep-caps --kill-child", true);
}

/* A namespace's PID 1 takes all of it along. */
static void test_death_of_the_first_process(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -rpf sh -c 'sleep 30 & exit 5'");
	check_status(&outcome, 5);
}

/* What nsrun writes to standard error is not read, or is too much for its file. */
static void close_reader(void)
{
	int ends[2];

	if (pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		_exit(99);
	close(ends[0]);
	close(ends[1]);
}

static void limit_file(void)
{
	const struct rlimit none = {0, 0};
	int file = memfd_create("errors", 0);

	if (dup2(file, STDERR_FILENO) < 0 || setrlimit(RLIMIT_FSIZE, &none) < 0)
		_exit(99);
	close(file);
}

static void (*lose_errors)(void);
static bool ignores;

/* Signals that nsrun's writing does not end at once. */
static void prepare_to_lose_errors(void)
{
	lose_errors();
	if (ignores) {
		signal(SIGPIPE, SIG_IGN);
		signal(SIGXFSZ, SIG_IGN);
	} else {
		set_raw_mask(signal_bit(SIGPIPE) | signal_bit(SIGXFSZ));
	}
}

/* They are nobody's signals to the program. */
static void test_signals_of_own_writes(void **state)
{
	static const char *const ways[] = {"--init --trace", "--init --kill-child --trace",
					   "--fork --trace", "--trace"};
	static void (*const losses[])(void) = {close_reader, limit_file};
	const struct launch launch = {.on_terminal = true, .prepare = prepare_to_lose_errors};

	(void)state;
	need_root();
	for (unsigned i = 0; i < 4 * sizeof(ways) / sizeof(ways[0]); i++) {
		lose_errors = losses[i % 2];
		ignores = i / 2 % 2;
		start(&process, &outcome, &launch, "nsrun %s role count", ways[i / 4]);
		await_output(&process, "ready");
		settle();
		unsigned count = count_in_output(&process, "got ");

		break_off(&process);
		if (count > 0)
			fail_msg("nsrun %s: %u signals that nobody sent: %s", ways[i / 4], count,
				 outcome.output);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forwarded_once),
	    cmocka_unit_test(test_not_forwarded),
	    cmocka_unit_test(test_program_ends_by_forwarded_signal),
	    cmocka_unit_test(test_kill_child),
	    cmocka_unit_test(test_kill_child_with_other_ids),
	    cmocka_unit_test(test_death_of_the_first_process),
	    /* A checker writes to standard error too. */
	    cmocka_unit_test_setup_teardown(test_signals_of_own_writes, leave_valgrind,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
