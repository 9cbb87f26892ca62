/* Jobs of an interactive bash: stopped by a key, continued by fg and bg, as bash sees them. */
#include "terminal.h"

#include <stdio.h>
#include <string.h>

static const char *const ways[] = {"--fork", "--forward-signals", "--init",
				   "--init --kill-child --mount-proc"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* What one test has in its terminal. */
static struct process shell;

static void open_shell(void)
{
	start_in_terminal(&shell, "bash --norc --noprofile -i");
	await_text(&shell, "prompt> ");
}

/* What is looked for below is what the shell says after this line. */
__attribute__((format(printf, 1, 2))) static void type(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	read_output(&shell);
	shell.length = 0;
	shell.text[0] = '\0';
	press(&shell, line);
}

static void close_shell(void)
{
	clear_up();
	close_process(&shell);
}

static void await_both(pid_t launcher, pid_t program, char state)
{
	if (await_state(launcher, state) && await_state(program, state))
		return;
	print_error("launcher %c, program %c, not %c\n", state_of(launcher), state_of(program),
		    state);
	close_shell();
	fail_msg("'%s'", shell.text);
}

static void suspend_job(pid_t launcher, pid_t program)
{
	shell.length = 0;
	press(&shell, SUSPEND);
	await_text(&shell, "Stopped");
	await_both(launcher, program, 'T');
}

static void test_suspend_and_foreground(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher, program;

		open_shell();
		type("nsrun %s role stay\n", ways[i]);
		await_text(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		for (int j = 0; j < 3; j++) {
			suspend_job(launcher, program);
			type("fg\n");
			await_both(launcher, program, 'S');
		}
		press(&shell, INTERRUPT);
		await_text(&shell, "prompt> ");
		type("echo status=$?\n");
		await_text(&shell, "status=130");
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
		await_text(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		for (int j = 0; j < 3; j++) {
			press(&shell, SUSPEND);
			kill(launcher, SIGTSTP);
			pause_milliseconds(SETTLED);
			await_both(launcher, program, 'S');
		}
		assert_int_equal(count_in_output(&shell, "Stopped"), 0);
		press(&shell, INTERRUPT);
		await_text(&shell, "prompt> ");
		type("echo status=$?\n");
		await_text(&shell, "status=130");
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
		await_text(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		for (int j = 0; j < 3; j++) {
			suspend_job(launcher, program);
			assert_int_equal(count_in_output(&shell, "caught"), 1);
			type("fg\n");
			await_text(&shell, "ready");
			await_both(launcher, program, 'S');
		}
		/* Somebody else may stop it too. */
		shell.length = 0;
		kill(program, SIGSTOP);
		await_text(&shell, "Stopped");
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
		await_text(&shell, "ready");
		launcher = child_of(shell.id);
		program = program_of(launcher, "role");
		suspend_job(launcher, program);
		type("bg\n");
		await_both(launcher, program, 'S');
		/* A key is for the foreground. */
		press(&shell, INTERRUPT);
		pause_milliseconds(SETTLED);
		await_both(launcher, program, 'S');
		type("fg\n");
		await_text(&shell, "role stay");
		pause_milliseconds(SETTLED);
		press(&shell, INTERRUPT);
		await_text(&shell, "prompt> ");
		type("echo status=$?\n");
		await_text(&shell, "status=130");
		close_shell();
	}
}

static void await_end_of(pid_t process)
{
	double end = milliseconds_now() + PATIENCE;

	while (state_of(process) && milliseconds_now() < end)
		pause_milliseconds(2);
}

/* bash sends SIGTERM, then SIGCONT to what is stopped: both have to arrive. */
static void test_stopped_job_is_killed(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		pid_t launcher;

		open_shell();
		type("nsrun %s role stay\n", ways[i]);
		await_text(&shell, "ready");
		launcher = child_of(shell.id);
		suspend_job(launcher, program_of(launcher, "role"));
		type("kill %%1\n");
		await_end_of(launcher);
		/* What bash says of an end by the signal, and of that exit status; it may find
		 * out only when it next waits for a command. */
		const char *end = strstr(ways[i], "--init") ? "Exit 143" : "Terminated";

		for (int j = 0; j < 50 && count_in_output(&shell, end) == 0; j++) {
			type("/bin/true\n");
			pause_milliseconds(100);
		}
		await_text(&shell, end);
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
		await_text(&shell, "]");
		await_state(child_of(shell.id), 'T');
		type("jobs\n");
		await_text(&shell, "Stopped");
		type("fg\n");
		await_text(&shell, "sh -c");
		pause_milliseconds(SETTLED);
		type("good\n");
		await_text(&shell, "it is good");
		close_shell();
	}
}

/* In a shell the launcher does not lead the session. */
static void test_one_key_one_signal_in_a_job(void **state)
{
	(void)state;
	open_shell();
	type("nsrun --init role count\n");
	await_text(&shell, "ready");
	press(&shell, INTERRUPT QUIT);
	await_text(&shell, "got 2.");
	await_text(&shell, "got 3.");
	pause_milliseconds(SETTLED);
	assert_int_equal(count_in_output(&shell, "got 2."), 1);
	assert_int_equal(count_in_output(&shell, "got 3."), 1);
	close_shell();
}

int main(int count, char **arguments)
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

	play_role(count, arguments);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
