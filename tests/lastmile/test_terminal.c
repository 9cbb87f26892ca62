/*
 * Keys, windows and jobs in a pseudo-terminal. The kernel sends what a key means to all of
 * the terminal's foreground process group (termios(3), tty_ioctl(4)): to the program, to
 * its init and to the launcher alike, so nobody need pass it on.
 */
#include "terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void end_with_key(const char *options, const char *key, int expected)
{
	struct process process;
	double before;
	int status;

	start_in_terminal(&process, "nsrun %s role stay", options);
	await_text(&process, "ready");
	before = milliseconds_now();
	press(&process, key);
	status = await_end(&process);
	close_process(&process);
	if (status != expected)
		fail_msg("nsrun %s: wait status %#x, not %#x", options, (unsigned)status,
			 (unsigned)expected);
	/* At once; a busy machine may need a moment for it. */
	assert_true(milliseconds_now() - before < 1000);
}

static void test_key_ends_the_program(void **state)
{
	(void)state;
	end_with_key("--init", INTERRUPT, 130 << 8);
	end_with_key("--init", QUIT, 131 << 8);
	end_with_key("--init --kill-child --mount-proc", INTERRUPT, 130 << 8);
	end_with_key("--fork", INTERRUPT, SIGINT);
	end_with_key("--forward-signals", INTERRUPT, SIGINT);
}

static void press_three_times(const char *options, const char *key, const char *line)
{
	struct process process;
	unsigned count = 0;

	start_in_terminal(&process, "nsrun %s role count", options);
	await_text(&process, "ready");
	for (unsigned i = 1; i <= 3; i++) {
		press(&process, key);
		for (int j = 0; j < 500 && count_in_output(&process, line) < i; j++)
			pause_milliseconds(2);
	}
	pause_milliseconds(SETTLED);
	count = count_in_output(&process, line);
	clear_up();
	close_process(&process);
	if (count != 3)
		fail_msg("nsrun %s: three keys, %u times '%s'", options, count, line);
}

static void test_one_key_one_signal(void **state)
{
	static const char *const ways[] = {"",
					   "--fork",
					   "--forward-signals",
					   "--forward-signals --pid --kill-child",
					   "--init",
					   "--init --kill-child --mount-proc"};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		press_three_times(ways[i], INTERRUPT, "got 2.");
		/* Only --init takes care of it: else it is the launcher's end. */
		if (strstr(ways[i], "--init"))
			press_three_times(ways[i], QUIT, "got 3.");
	}
}

static void change_window(const char *options)
{
	struct process process;
	char line[64];

	start_in_terminal(&process, "nsrun %s role count", options);
	await_text(&process, "ready");
	for (unsigned short i = 1; i <= 3; i++) {
		struct winsize size = {.ws_row = (unsigned short)(30 + i), .ws_col = 100};

		assert_int_equal(ioctl(process.output, TIOCSWINSZ, &size), 0);
		snprintf(line, sizeof(line), "size %d 100.", 30 + i);
		await_text(&process, line);
	}
	pause_milliseconds(SETTLED);
	assert_int_equal(count_in_output(&process, "got 28."), 3);
	clear_up();
	close_process(&process);
}

static void test_window_size_arrives(void **state)
{
	(void)state;
	change_window("--fork");
	change_window("--forward-signals");
	change_window("--init");
	change_window("--init --kill-child");
}

/* When a terminal goes away, the leader of its session is told, and nobody else
 * (setsid(2), tty_ioctl(4)): without nsrun that is the program itself. */
static void test_hang_up_reaches_the_program(void **state)
{
	struct process process, witness;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, 0), 0);
	start_in_terminal(&process, "nsrun --init sh -c 'exec role count >&%d'", ends[1]);
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	witness = (struct process){.id = process.id, .output = ends[0]};
	await_text(&witness, "ready");
	close_process(&process);
	if (!output_holds(&witness, "got 1.\n", 1000)) {
		clear_up();
		fail_msg("the program does not hear that its terminal is gone");
	}
	pause_milliseconds(SETTLED);
	assert_int_equal(count_in_output(&witness, "got 1.\n"), 1);
	clear_up();
	close_process(&witness);
}

/* Nobody could continue a job whose group is orphaned, so the kernel does not stop it
 * (setpgid(2)). It must not stop the launcher alone either. */
static void test_no_shell_no_stop(void **state)
{
	static const char *const ways[] = {"--fork", "--forward-signals", "--init"};
	struct process process;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char launcher, program;

		start_in_terminal(&process, "nsrun %s role stay", ways[i]);
		await_text(&process, "ready");
		press(&process, SUSPEND);
		pause_milliseconds(2 * SETTLED);
		launcher = state_of(process.id);
		program = state_of(program_of(process.id, "role"));
		clear_up();
		close_process(&process);
		if (launcher != 'S' || program != 'S')
			fail_msg("nsrun %s: Ctrl-Z without a shell: launcher %c, program %c",
				 ways[i], launcher, program);
	}
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_key_ends_the_program),
	    cmocka_unit_test(test_one_key_one_signal),
	    cmocka_unit_test(test_window_size_arrives),
	    cmocka_unit_test(test_hang_up_reaches_the_program),
	    cmocka_unit_test(test_no_shell_no_stop),
	};

	play_role(count, arguments);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
