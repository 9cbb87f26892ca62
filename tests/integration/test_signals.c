/* Signals between nsrun and its child, and who outlives whom: for those of a terminal see
 * test_known_faults. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct outcome outcome;
static struct process process;

__attribute__((format(printf, 2, 3))) static void begin(enum who who, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	start(&process, &outcome, &(struct launch){.who = who}, "%s", line);
	await_output(&process, "ready=yes");
}

static void end(void)
{
	finish(&process);
	check_clean(&outcome);
}

static void send_and_await(int signal, int interruptions, int terminations)
{
	char line[32];

	kill(process.id, signal);
	snprintf(line, sizeof(line), "INT %d, TERM %d\n", interruptions, terminations);
	await_output(&process, line);
}

static void test_forwarded_once(void **state)
{
	static const char *const ways[] = {"", "-U", "-Upf", "--map-auto -r", "--kill-child"};

	(void)state;
	need_subordinate_ids();
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		begin(USER, "nsrun --forward-signals %s probe --quiet --count 250", ways[i]);
		for (int j = 1; j <= 3; j++) {
			send_and_await(SIGTERM, j - 1, j);
			send_and_await(SIGINT, j, j);
		}
		end();
		check(&outcome, "received.TERM", "3");
		check(&outcome, "received.INT", "3");
	}
}

/* Without the option nsrun waits, and the child is none the wiser. */
static void test_not_forwarded(void **state)
{
	(void)state;
	begin(USER, "nsrun -U --fork probe --quiet --count 100");
	kill(process.id, SIGTERM);
	kill(process.id, SIGINT);
	end();
	check(&outcome, "received.TERM", "0");
	check(&outcome, "received.INT", "0");
}

static void test_program_ends_by_forwarded_signal(void **state)
{
	(void)state;
	begin(USER, "nsrun -U --forward-signals sh -c 'echo ready=yes; exec sleep 30'");
	/* The shell may not have got to the exec yet: both die of it. */
	kill(process.id, SIGTERM);
	end();
	assert_int_equal(outcome.signal, SIGTERM);
}

/* The child's id on the outside: it is the only child of nsrun. */
static pid_t find_child(pid_t parent)
{
	char line[64];
	long child = 0;
	FILE *output;

	snprintf(line, sizeof(line), "ps -o pid= --ppid %d", (int)parent);
	output = popen(line, "re");
	assert_non_null(output);
	if (fgets(line, sizeof(line), output))
		child = strtol(line, NULL, 10);
	pclose(output);
	return (pid_t)child;
}

/* Kills nsrun and looks whether its child goes, too. */
static void kill_launcher(enum who who, const char *options, bool expected)
{
	bool ended;
	pid_t child;

	begin(who, "nsrun %s probe --quiet --count 1 --sleep 20", options);
	/* From here on it takes no signal for one to be counted. */
	await_output(&process, "received.TERM");
	child = find_child(process.id);
	assert_true(child > 0);
	kill(process.id, SIGKILL);
	ended = ends_soon(child, expected ? 2000 : 200);
	if (!ended)
		kill(child, SIGKILL);
	finish(&process);
	assert_int_equal(outcome.mounts, 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forwarded_once),
	    cmocka_unit_test(test_not_forwarded),
	    cmocka_unit_test(test_program_ends_by_forwarded_signal),
	    cmocka_unit_test(test_kill_child),
	    cmocka_unit_test(test_kill_child_with_other_ids),
	    cmocka_unit_test(test_death_of_the_first_process),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
