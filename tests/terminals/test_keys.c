/*
 * Keys, windows and jobs in a pseudo-terminal. The kernel sends what a key means to all of
 * the terminal's foreground process group (termios(3), tty_ioctl(4)): to the program, to
 * its init and to the launcher alike, so nobody need pass it on.
 */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct outcome outcome;

static const struct launch on_terminal = {.on_terminal = true};

/* It does, without anything more that would move it. */
static void end_with_key(const char *options, const char *key, int signal)
{
	struct process process;

	start(&process, &outcome, &on_terminal, "nsrun %s role stay", options);
	await_output(&process, "ready");
	press(&process, key);
	finish(&process);
	check_clean(&outcome);
	if (strstr(options, "--init"))
		check_status(&outcome, 128 + signal);
	else
		check_signal(&outcome, signal);
}

static void test_key_ends_the_program(void **state)
{
	(void)state;
	end_with_key("--init", INTERRUPT, SIGINT);
	end_with_key("--init", QUIT, SIGQUIT);
	end_with_key("--init --kill-child --mount-proc", INTERRUPT, SIGINT);
	end_with_key("--fork", INTERRUPT, SIGINT);
	end_with_key("--forward-signals", INTERRUPT, SIGINT);
}

static void press_three_times(const char *options, const char *key, const char *line)
{
	struct process process;
	unsigned count = 0;

	start(&process, &outcome, &on_terminal, "nsrun %s role count", options);
	await_output(&process, "ready");
	for (unsigned i = 1; i <= 3; i++) {
		forget_output(&process);
		press(&process, key);
		await_output(&process, line);
		settle();
		count += count_in_output(&process, line);
	}
	break_off(&process);
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

	start(&process, &outcome, &on_terminal, "nsrun %s role count", options);
	await_output(&process, "ready");
	for (unsigned short i = 1; i <= 3; i++) {
		struct winsize size = {.ws_row = (unsigned short)(30 + i), .ws_col = 100};

		assert_int_equal(ioctl(process.terminal, TIOCSWINSZ, &size), 0);
		snprintf(line, sizeof(line), "size %d 100.", 30 + i);
		await_output(&process, line);
	}
	settle();
	assert_int_equal(count_in_output(&process, "got 28."), 3);
	break_off(&process);
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
	struct process process;
	int witness = memfd_create("witness", MFD_CLOEXEC);

	(void)state;
	assert_true(witness >= 0);
	start(&process, &outcome, &(struct launch){.on_terminal = true, .third = witness},
	      "nsrun --init sh -c 'exec role count >&3'");
	watch_file(&process, witness);
	await_output(&process, "ready");
	hang_up(&process);
	await_output(&process, "got 1.\n");
	settle();
	assert_int_equal(count_in_output(&process, "got 1.\n"), 1);
	break_off(&process);
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

		start(&process, &outcome, &on_terminal, "nsrun %s role stay", ways[i]);
		await_output(&process, "ready");
		press(&process, SUSPEND);
		/* The terminal shows it after it has been dealt with. */
		await_output(&process, "^Z");
		settle();
		launcher = state_of(process.id);
		program = state_of(program_of(process.id, "role"));
		break_off(&process);
		if (launcher != 'S' || program != 'S')
			fail_msg("nsrun %s: Ctrl-Z without a shell: launcher %c, program %c",
				 ways[i], launcher, program);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_key_ends_the_program),
	    cmocka_unit_test(test_one_key_one_signal),
	    cmocka_unit_test(test_window_size_arrives),
	    cmocka_unit_test(test_hang_up_reaches_the_program),
	    cmocka_unit_test(test_no_shell_no_stop),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
