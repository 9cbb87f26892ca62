/* Jobs of an interactive bash: stopped by a key, continued by fg and bg, as bash sees them. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const ways[] = {"--fork", "--forward-signals", "--init",
				   "--init --kill-child --mount-proc"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* What one test has in its terminal. */
static struct process shell;
static struct outcome outcome;

static void open_shell(void)
{
	start(&shell, &outcome, &(struct launch){.on_terminal = true},
	      "bash --norc --noprofile -i");
	await_output(&shell, "prompt> ");
}

/* What is looked for below is what the shell says after this line. */
__attribute__((format(printf, 1, 2))) static void type(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	forget_output(&shell);
	press(&shell, line);
}

static void close_shell(void)
{
	break_off(&shell);
}

/* Both come to it, and stay so. */
static void await_both(pid_t launcher, pid_t program, char state)
{
	await_state(launcher, state);
	await_state(program, state);
	settle();
	assert_int_equal(state_of(launcher), state);
	assert_int_equal(state_of(program), state);
}

static void suspend_job(pid_t launcher, pid_t program)
{
	forget_output(&shell);
	press(&shell, SUSPEND);
	await_output(&shell, "Stopped");
	await_both(launcher, program, 'T');
}

/* Once the shell has said so, it waits for the job, which is in the foreground. */
static void continue_job(pid_t launcher, pid_t program)
{
	type("fg\n");
	await_both(launcher, program, 'S');
}

static void test_suspend_and_foreground(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher, program;

		open_shell();
		type("nsrun %s role stay\n", ways[i]);
		await_output(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		for (int j = 0; j < 3; j++) {
			suspend_job(launcher, program);
			continue_job(launcher, program);
		}
		press(&shell, INTERRUPT);
		await_output(&shell, "prompt> ");
		type("echo status=$?\n");
		await_output(&shell, "status=130");
		close_shell();
	}
}

/* Below an init the job stops if the program does, and not if it does not want to. */
static void test_program_that_does_not_stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher, program;

		if (!strstr(ways[i], "--init"))
			continue;
		open_shell();
		type("nsrun %s role stay-deaf %d\n", ways[i], SIGTSTP);
		await_output(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		for (int j = 0; j < 3; j++) {
			forget_output(&shell);
			press(&shell, SUSPEND);
			await_output(&shell, "^Z");
			kill(launcher, SIGTSTP);
			await_both(launcher, program, 'S');
			assert_int_equal(count_in_output(&shell, "Stopped"), 0);
		}
		press(&shell, INTERRUPT);
		await_output(&shell, "prompt> ");
		type("echo status=$?\n");
		await_output(&shell, "status=130");
		close_shell();
	}
}

static void test_program_that_stops_later(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher, program;

		if (!strstr(ways[i], "--init"))
			continue;
		open_shell();
		type("nsrun %s role stop-later\n", ways[i]);
		await_output(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		for (int j = 0; j < 3; j++) {
			forget_output(&shell);
			press(&shell, SUSPEND);
			await_output(&shell, "caught");
			await_both(launcher, program, 'S');
			kill(program, SIGUSR1);
			await_output(&shell, "Stopped");
			await_both(launcher, program, 'T');
			assert_int_equal(count_in_output(&shell, "caught"), 1);
			type("fg\n");
			await_output(&shell, "ready");
			await_both(launcher, program, 'S');
		}
		/* Somebody else may stop it too. */
		forget_output(&shell);
		kill(program, SIGSTOP);
		await_output(&shell, "Stopped");
		await_both(launcher, program, 'T');
		type("bg\n");
		await_both(launcher, program, 'S');
		close_shell();
	}
}

static void test_background(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher, program;

		open_shell();
		type("nsrun %s role stay\n", ways[i]);
		await_output(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		suspend_job(launcher, program);
		type("bg\n");
		await_both(launcher, program, 'S');
		/* A key is for the foreground. */
		forget_output(&shell);
		press(&shell, INTERRUPT);
		await_output(&shell, "^C");
		await_both(launcher, program, 'S');
		type("fg\n");
		await_output(&shell, "role stay");
		settle();
		press(&shell, INTERRUPT);
		await_output(&shell, "prompt> ");
		type("echo status=$?\n");
		await_output(&shell, "status=130");
		close_shell();
	}
}

/* bash sends SIGTERM, then SIGCONT to what is stopped: both have to arrive. */
static void test_stopped_job_is_killed(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher;

		open_shell();
		type("nsrun %s role stay\n", ways[i]);
		await_output(&shell, "ready");
		launcher = child_of(shell.id);
		suspend_job(launcher, program_of(launcher, "role"));
		type("kill %%1\n");
		/* What bash says of an end by the signal, and of that exit status. It may find
		 * out at once, or only when it next waits for a command. */
		const char *end = strstr(ways[i], "--init") ? "Exit 143" : "Terminated";
		double begin = milliseconds_now();

		while (count_in_output(&shell, end) == 0 && !is_beyond_bound(begin)) {
			unsigned prompts = count_in_output(&shell, "prompt> ");

			press(&shell, "/bin/true\n");
			while (count_in_output(&shell, "prompt> ") == prompts &&
			       !is_beyond_bound(begin))
				settle();
		}
		assert_int_equal(count_in_output(&shell, end), 1);
		assert_int_equal(state_of(launcher), 0);
		close_shell();
	}
}

/* Who reads from the terminal in the background is stopped (termios(3)). */
static void test_read_in_the_background(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		open_shell();
		type("nsrun %s sh -c 'read line; echo it is $line' &\n", ways[i]);
		await_output(&shell, "]");
		await_state(child_of(shell.id), 'T');
		type("jobs\n");
		await_output(&shell, "Stopped");
		type("fg\n");
		await_output(&shell, "sh -c");
		settle();
		type("good\n");
		await_output(&shell, "it is good");
		close_shell();
	}
}

/* In a shell the launcher does not lead the session. */
static void test_one_key_one_signal_in_a_job(void **state)
{
	(void)state;
	open_shell();
	type("nsrun --init role count\n");
	await_output(&shell, "ready");
	press(&shell, INTERRUPT QUIT);
	await_output(&shell, "got 2.");
	await_output(&shell, "got 3.");
	settle();
	assert_int_equal(count_in_output(&shell, "got 2."), 1);
	assert_int_equal(count_in_output(&shell, "got 3."), 1);
	close_shell();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    /* valgrind ignores a signal that stops by default. */
	    cmocka_unit_test_setup_teardown(test_suspend_and_foreground, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test(test_program_that_does_not_stop),
	    cmocka_unit_test(test_program_that_stops_later),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_background, leave_valgrind, return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_stopped_job_is_killed, leave_valgrind,
					    return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_read_in_the_background, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test(test_one_key_one_signal_in_a_job),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
