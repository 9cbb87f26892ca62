/*
 * A program that has left the process group of its job, or its session, as timeout(1) and
 * setsid(1) do, or that is the shell of other jobs: a key at the terminal reaches it nevertheless,
 * and once, and so does whatever else is sent to nsrun. A terminal signals its foreground group
 * (termios(3)), and when it goes away that one and its session's leader (tty_ioctl(4)).
 */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct outcome outcome;
static struct process shell;

static const char *const shells[] = {"bash --norc --noprofile -i", "dash -i"};
enum { SHELLS = sizeof(shells) / sizeof(shells[0]) };

static void open_shell(enum who who, unsigned number)
{
	start(&shell, &outcome, &(struct launch){.who = who, .on_terminal = true}, "%s",
	      shells[number]);
	await_output(&shell, "prompt> ");
}

/* A user needs a user namespace. */
static void type_nsrun(enum who who, const char *arguments)
{
	char line[512];

	snprintf(line, sizeof(line), "nsrun %s%s\n", who == USER ? "-r " : "", arguments);
	forget_output(&shell);
	press(&shell, line);
}

/* Each as root and as the user, in each of the shells. */
static void in_each_shell(void (*look)(enum who who, const char *arguments), const char *arguments)
{
	for (enum who who = ROOT; who <= USER; who++) {
		for (unsigned i = 0; i < SHELLS && (who == USER || geteuid() == 0); i++) {
			open_shell(who, i);
			look(who, arguments);
			break_off(&shell);
		}
	}
}

/* What it has been sent has come by the time all is at rest. */
static void check_count(const char *arguments, const char *sent, int number)
{
	char line[32];
	unsigned count;

	snprintf(line, sizeof(line), "got %d.", number);
	await_output(&shell, line);
	settle();
	count = count_in_output(&shell, line);
	forget_output(&shell);
	if (count != 1)
		fail_msg("nsrun %s: %s: '%s' %u times", arguments, sent, line, count);
}

static void check_keys(enum who who, const char *arguments)
{
	const struct winsize size = {.ws_row = 33, .ws_col = 100};
	bool has_init = strstr(arguments, "--init");

	type_nsrun(who, arguments);
	await_output(&shell, "ready");
	settle();
	for (int i = 0; i < 2; i++) {
		forget_output(&shell);
		press(&shell, INTERRUPT);
		check_count(arguments, "Ctrl-C", SIGINT);
		if (!has_init)
			continue;
		press(&shell, QUIT);
		check_count(arguments, "Ctrl-\\", SIGQUIT);
		press(&shell, SUSPEND);
		check_count(arguments, "Ctrl-Z", SIGTSTP);
	}
	assert_int_equal(ioctl(shell.terminal, TIOCSWINSZ, &size), 0);
	if (has_init)
		check_count(arguments, "a new size", SIGWINCH);
}

static void test_one_key_one_signal(void **state)
{
	static const char *const runs[] = {
	    "--init role count",
	    "--init role count-apart group",
	    "--init role count-apart session",
	    "--init --kill-child --mount-proc setsid role count",
	    "--init sh -c 'set -m; role count'",
	    "--forward-signals role count-apart group",
	    "--forward-signals --pid --kill-child role count-apart session",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		in_each_shell(check_keys, runs[i]);
}

static void check_keys_for_launcher(enum who who, const char *arguments)
{
	pid_t launcher;

	type_nsrun(who, arguments);
	await_output(&shell, "ready");
	launcher = child_of(shell.id);
	settle();
	press(&shell, SUSPEND);
	await_state(launcher, 'T');
	await_output(&shell, "prompt> ");
	press(&shell, "fg\n");
	await_state(launcher, 'S');
	settle();
	press(&shell, QUIT);
	await_state(launcher, 0);
	settle();
	assert_int_equal(count_in_output(&shell, "got "), 0);
}

/* Only an init passes on all that a terminal sends. */
static void test_keys_that_are_not_forwarded(void **state)
{
	(void)state;
	in_each_shell(check_keys_for_launcher, "--forward-signals role count-apart group");
	in_each_shell(check_keys_for_launcher, "--pid --forward-signals role count-apart session");
	in_each_shell(check_keys_for_launcher, "--fork role count-apart group");
}

/* A shell shows no values. */
static bool runs_shell(const char *arguments)
{
	return strstr(arguments, "set -m");
}

static void check_sender(const char *arguments, pid_t receiver, int number)
{
	const union sigval value = {.sival_int = 4711};

	settle();
	forget_output(&shell);
	kill(receiver, number);
	check_count(arguments, "kill", number);
	sigqueue(receiver, number, value);
	if (!runs_shell(arguments))
		await_output(&shell, "value 4711.");
	check_count(arguments, "sigqueue", number);
}

/* Whoever sends it, and to whom. */
static void check_senders(enum who who, const char *arguments)
{
	const int numbers[] = {SIGTERM, SIGINT, SIGUSR1, 40};
	int count = !strstr(arguments, "--init") ? 2 : runs_shell(arguments) ? 3 : 4;
	pid_t launcher;

	type_nsrun(who, arguments);
	await_output(&shell, "ready");
	launcher = child_of(shell.id);
	for (int i = 0; i < count; i++) {
		check_sender(arguments, launcher, numbers[i]);
		check_sender(arguments, child_of(launcher), numbers[i]);
	}
}

/* It has a job, which would say the same; what is sent to nsrun is for the shell alone. */
#define SHELL_WITH_JOB                                                                             \
	"'set -m; trap \"echo got 15.\" TERM; trap \"echo got 2.\" INT; "                          \
	"trap \"echo got 10.\" USR1; role count & while :; do wait; done'"

static void test_one_signal_from_each_sender(void **state)
{
	static const char *const runs[] = {
	    "--init role count",
	    "--init role count-apart group",
	    "--init --kill-child role count-apart session",
	    "--init sh -c " SHELL_WITH_JOB,
	    "--init --kill-child bash -c " SHELL_WITH_JOB,
	    "--forward-signals role count",
	    "--forward-signals --pid role count-apart group",
	    "--forward-signals role count-apart session",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		in_each_shell(check_senders, runs[i]);
}

static void await_end_of_job(const char *status)
{
	await_output(&shell, "prompt> ");
	forget_output(&shell);
	press(&shell, "echo status=$?\n");
	await_output(&shell, status);
}

/* timeout(1) is in a group of its own, so that it can end all that it has started. */
static void check_timeout(enum who who, const char *arguments)
{
	pid_t launcher, program;

	type_nsrun(who, arguments);
	await_child(shell.id);
	launcher = child_of(shell.id);
	program = program_of(launcher, "timeout");
	await_child(program);
	settle();
	if (strstr(arguments, "--init")) {
		press(&shell, SUSPEND);
		await_state(program, 'T');
		await_state(launcher, 'T');
		await_output(&shell, "prompt> ");
		press(&shell, "fg\n");
		await_state(program, 'S');
		await_state(launcher, 'S');
		settle();
	}
	forget_output(&shell);
	press(&shell, INTERRUPT);
	await_end_of_job("status=130");
}

static void test_keys_for_timeout(void **state)
{
	(void)state;
	in_each_shell(check_timeout, "--init timeout 900 sleep 900");
	in_each_shell(check_timeout, "--init --kill-child --mount-proc timeout 900 sleep 900");
	in_each_shell(check_timeout, "--forward-signals timeout 900 sleep 900");
}

/* Without a key: the shell sees what becomes of the program. */
static void check_changes(enum who who, const char *arguments)
{
	pid_t launcher, program;

	type_nsrun(who, arguments);
	await_output(&shell, "ready");
	launcher = child_of(shell.id);
	program = child_of(child_of(launcher));
	for (int i = 0; i < 2; i++) {
		settle();
		forget_output(&shell);
		kill(program, SIGSTOP);
		await_state(launcher, 'T');
		await_output(&shell, "prompt> ");
		kill(program, SIGCONT);
		await_state(launcher, 'S');
		await_state(program, 'S');
		forget_output(&shell);
		press(&shell, "fg\n");
		await_output(&shell, "nsrun");
	}
	settle();
	forget_output(&shell);
	kill(program, SIGSTOP);
	await_state(launcher, 'T');
	await_output(&shell, "prompt> ");
	kill(program, SIGKILL);
	await_state(program, 0);
	settle();
	/* One shell looks only before it prompts again. */
	press(&shell, "\n");
	await_state(launcher, 0);
}

static void test_program_stopped_and_continued(void **state)
{
	static const char *const runs[] = {
	    "--init role stay",
	    "--init timeout 900 role stay",
	    "--init --kill-child setsid role stay",
	    "--init sh -c 'set -m; role stay'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		in_each_shell(check_changes, runs[i]);
}

/* Somebody stops a shell inside that has the terminal. Once continued, it has it again. */
static void check_stopped_shell(enum who who, const char *arguments)
{
	pid_t launcher, program;

	type_nsrun(who, arguments);
	await_output(&shell, "prompt> ");
	launcher = child_of(shell.id);
	program = child_of(child_of(launcher));
	for (int i = 0; i < 3; i++) {
		settle();
		forget_output(&shell);
		kill(program, SIGSTOP);
		await_state(launcher, 'T');
		await_output(&shell, "prompt> ");
		forget_output(&shell);
		press(&shell, "fg\n");
		await_state(program, 'S');
		settle();
		press(&shell, "echo I am $$.\n");
		await_output(&shell, "I am 2.");
	}
}

static void test_shell_inside_is_stopped(void **state)
{
	static const char *const runs[] = {
	    "--init bash --norc --noprofile -i",
	    "--init --kill-child dash -i",
	    "--init --mount-proc sh -c 'exec bash --norc --noprofile -i 2>/dev/tty' 2>/dev/null",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		in_each_shell(check_stopped_shell, runs[i]);
}

/* By keys first, then by kill(2). */
static void change_job(pid_t launcher, bool by_key)
{
	pid_t job;

	forget_output(&shell);
	press(&shell, "role stay\n");
	await_output(&shell, "ready");
	job = program_of(launcher, "role");
	settle();
	forget_output(&shell);
	if (by_key)
		press(&shell, SUSPEND);
	else
		kill(job, SIGSTOP);
	await_state(job, 'T');
	await_output(&shell, "prompt> ");
	settle();
	assert_int_equal(state_of(launcher), 'S');
	if (!by_key)
		kill(job, SIGCONT);
	forget_output(&shell);
	press(&shell, "fg\n");
	await_output(&shell, "role stay");
	await_state(job, 'S');
	settle();
	if (by_key)
		press(&shell, INTERRUPT);
	else
		kill(job, SIGKILL);
	await_state(job, 0);
	await_output(&shell, "prompt> ");
	settle();
	assert_int_equal(state_of(launcher), 'S');
}

static void check_jobs_inside(enum who who, const char *arguments)
{
	type_nsrun(who, arguments);
	await_output(&shell, "prompt> ");
	for (int i = 0; i < 4; i++)
		change_job(child_of(shell.id), i % 2 == 0);
}

/* What becomes of a job is for the shell inside that has started it: nsrun goes on. */
static void test_jobs_of_a_shell_inside(void **state)
{
	static const char *const runs[] = {
	    "--init bash --norc --noprofile -i",
	    "--init --kill-child --mount-proc dash -i",
	    "--pid --forward-signals bash --norc --noprofile -i",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		in_each_shell(check_jobs_inside, runs[i]);
}

/* No process is left, not even for a moment longer than it needs. */
static void check_hang_up(enum who who, const char *arguments)
{
	type_nsrun(who, arguments);
	program_of(await_child(await_child(shell.id)), "sleep");
	settle();
	hang_up(&shell);
	await_state(shell.id, 'Z');
	settle();
	if (break_off(&shell) > 0)
		fail_msg("nsrun %s: some outlive their terminal", arguments);
}

static void test_hang_up(void **state)
{
	static const char *const runs[] = {
	    "--init --kill-child timeout 900 sleep 900",
	    "--init setsid sleep 900",
	    "--init sleep 900",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		in_each_shell(check_hang_up, runs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_key_one_signal),
	    cmocka_unit_test(test_one_signal_from_each_sender),
	    /* valgrind ignores a signal that stops by default. */
	    cmocka_unit_test_setup_teardown(test_keys_for_timeout, leave_valgrind,
					    return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_keys_that_are_not_forwarded, leave_valgrind,
					    return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_program_stopped_and_continued, leave_valgrind,
					    return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_jobs_of_a_shell_inside, leave_valgrind,
					    return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_shell_inside_is_stopped, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test(test_hang_up),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
