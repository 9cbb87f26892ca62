/* What an init tells its launcher, and what somebody else may write there: a program that may
 * look into /proc/1/fd. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct outcome outcome;
static struct process process;

/* The program writes to each pipe of its init before it stays. */
#define WRITE_NEWS "for i in /proc/1/fd/*; do case $(readlink $i) in pipe:*) %s >$i;; esac; done; "

static void write_byte(enum who who, const char *options, const char *byte)
{
	char command[64];

	snprintf(command, sizeof(command), "printf \"\\%s\"", byte);
	start(&process, &outcome, &(struct launch){.who = who, .is_job = true},
	      "nsrun %s --mount-proc sh -c '" WRITE_NEWS "exec role stay'", options, command);
	await_output(&process, "ready");
	settle();
	char launcher = state_of(process.id);

	if (launcher != 'S') {
		break_off(&process);
		fail_msg("nsrun %s: a program wrote \\%s: launcher %c", options, byte, launcher);
	}
	kill(program_of(process.id, "role"), SIGKILL);
	finish(&process);
	check_clean(&outcome);
	check_status(&outcome, 128 + SIGKILL);
}

/* None of these is news. */
static void test_no_byte_is_obeyed(void **state)
{
	static const char *const bytes[] = {"000", "001", "011", "017", "022", "100", "101",
					    "102", "103", "177", "200", "310", "377"};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		write_byte(USER, "-r --init", bytes[i]);
		if (geteuid() == 0)
			write_byte(ROOT, "--init", bytes[i]);
	}
}

/* Whoever stops it, continues it or ends it, and from where: without the launcher. */
static void await_stop(pid_t program)
{
	kill(program, SIGSTOP);
	await_state(program, 'T');
	await_state(process.id, 'T');
}

static void await_both_going(pid_t program)
{
	await_state(program, 'S');
	await_state(process.id, 'S');
	settle();
	assert_int_equal(state_of(program), 'S');
	assert_int_equal(state_of(process.id), 'S');
}

static void stop_and_continue(enum who who, const char *options)
{
	pid_t program;

	start(&process, &outcome, &(struct launch){.who = who, .is_job = true},
	      "nsrun %s role stay", options);
	await_output(&process, "ready");
	program = program_of(process.id, "role");
	for (int i = 0; i < 3; i++) {
		await_stop(program);
		kill(program, SIGCONT);
		await_both_going(program);
	}
	await_stop(program);
	kill(program, SIGKILL);
	finish(&process);
	check_clean(&outcome);
	check_status(&outcome, 128 + SIGKILL);
}

static void test_program_goes_on_by_itself(void **state)
{
	static const char *const ways[] = {"--init", "--init --kill-child --mount-proc",
					   "--init --forward-signals --kill-child=TERM -u"};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char user_way[64];

		snprintf(user_way, sizeof(user_way), "-r %s", ways[i]);
		stop_and_continue(USER, user_way);
		if (geteuid() == 0)
			stop_and_continue(ROOT, ways[i]);
	}
}

/* Somebody in the namespace does that, once it is stopped; whose group it may have left, too. A
 * shell needs a terminal for its jobs. */
static void change_from_inside(const char *place, const char *signal, int status)
{
	for (enum who who = geteuid() == 0 ? ROOT : USER; who <= USER; who++) {
		run_freely(&outcome, &(struct launch){.who = who, .on_terminal = true},
			   "nsrun %s --init --mount-proc %s sh -c '(until grep -q \"^State:.T\" "
			   "/proc/2/status; do :; done; kill -%s 2) & kill -STOP 2; exit 5'",
			   who == USER ? "-r" : "", place, signal);
		check_clean(&outcome);
		check_status(&outcome, status);
	}
}

static void test_program_goes_on_from_inside(void **state)
{
	/* The last is a shell, and one of its jobs does that to it. */
	static const char *const places[] = {"", "setsid", "timeout 900",
					     "bash -c 'set -m; \"$@\"; exit $?' -"};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		change_from_inside(places[i], "CONT", 5);
		change_from_inside(places[i], "KILL", 128 + SIGKILL);
	}
	/* It waits until the program goes on. */
	change_from_inside("", "TERM 2; kill -CONT", 128 + SIGTERM);
}

static int full_pipe[2];

/* Who writes a report there waits. */
static void fill_pipe(void)
{
	static char bytes[1 << 16];

	assert_int_equal(pipe(full_pipe), 0);
	assert_int_equal(write(full_pipe[1], bytes, sizeof(bytes)), sizeof(bytes));
}

static void drain_pipe(void)
{
	close(full_pipe[0]);
	close(full_pipe[1]);
}

/* The program waits before its exec, and so does its init: nobody else can. */
static pid_t start_waiting(const char *options)
{
	pid_t init, program;

	fill_pipe();
	start(&process, &outcome, &(struct launch){.is_job = true, .third = full_pipe[1]},
	      "nsrun --init --report --report-fd 3 %s role stay", options);
	init = await_child(process.id);
	program = await_child(init);
	settle();
	return program;
}

static void test_stop_before_the_exec(void **state)
{
	static const int ends[] = {SIGKILL, SIGTERM};
	char byte[1 << 16];

	(void)state;
	need_root();
	for (int i = 0; i < 2; i++) {
		pid_t program = start_waiting(i ? "--kill-child" : "");

		await_stop(program);
		kill(program, SIGCONT);
		await_both_going(program);
		await_stop(program);
		kill(program, ends[i]);
		kill(program, SIGCONT);
		finish(&process);
		drain_pipe();
		check_clean(&outcome);
		check_status(&outcome, 128 + ends[i]);
	}
	/* The whole job, which then goes on to the program. */
	pid_t program = start_waiting("");

	kill(-process.id, SIGTSTP);
	await_state(process.id, 'T');
	await_state(program, 'T');
	kill(-process.id, SIGCONT);
	await_both_going(program);
	assert_true(read(full_pipe[0], byte, sizeof(byte)) > 0);
	await_output(&process, "ready");
	break_off(&process);
	drain_pipe();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_byte_is_obeyed),
	    cmocka_unit_test(test_program_goes_on_by_itself),
	    cmocka_unit_test(test_program_goes_on_from_inside),
	    /* valgrind ignores a signal that stops by default. */
	    cmocka_unit_test_setup_teardown(test_stop_before_the_exec, leave_valgrind,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
