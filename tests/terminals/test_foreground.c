/* A shell in a new PID namespace takes the terminal and cannot give it back: nsrun does. */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct outcome outcome;
static struct process shell;

static const char *const shells[] = {"bash --norc --noprofile -i", "dash -i"};

static void open_shell(enum who who, const char *command)
{
	start(&shell, &outcome, &(struct launch){.who = who, .on_terminal = true}, "%s", command);
	await_output(&shell, "prompt> ");
}

static void type(const char *line)
{
	forget_output(&shell);
	press(&shell, line);
}

/* A script runs the shell, and then reads what is typed. */
static void read_after_shell(const char *options, const char *inner)
{
	char line[256];

	snprintf(line, sizeof(line), "sh -c 'nsrun %s %s; read x; echo it is $x'\n", options,
		 inner);
	type(line);
	await_output(&shell, "prompt> ");
	type("echo inside $((40 + 2))\n");
	await_output(&shell, "inside 42");
	await_output(&shell, "prompt> ");
	type("role exit 0\n");
	await_output(&shell, "prompt> ");
	pid_t launcher = child_of(child_of(shell.id));

	type("exit\n");
	await_state(launcher, 0);
	type("good\n");
	await_output(&shell, "it is good");
	await_output(&shell, "prompt> ");
}

static void test_script_reads_after_a_shell(void **state)
{
	static const char *const runs[][2] = {
	    {"-p -f", "bash --norc --noprofile -i"},
	    {"-p -f", "dash -i"},
	    {"-p -f --mount-proc --forward-signals", "sh -c \"bash --norc --noprofile -i; true\""},
	    {"--init", "bash --norc --noprofile -i"},
	    {"--init --kill-child", "sh -c \"dash -i; exit 3\""},
	    /* Where nsrun's own input or errors are elsewhere. */
	    {"-p -f", "sh -c \"bash --norc --noprofile -i 2>/dev/tty\" 2>/dev/null"},
	    {"--init", "sh -c \"dash -i 2>/dev/tty\" 2>/dev/null"},
	    {"-p -f", "sh -c \"dash -i </dev/tty\" </dev/null"},
	    {"-f", "bash --norc --noprofile -i"},
	};
	char options[64];

	(void)state;
	for (enum who who = geteuid() == 0 ? ROOT : USER; who <= USER; who++) {
		for (size_t i = 0; i < 2 * sizeof(runs) / sizeof(runs[0]); i++) {
			snprintf(options, sizeof(options), "%s%s", who == USER ? "-r " : "",
				 runs[i / 2][0]);
			open_shell(who, shells[i % 2]);
			read_after_shell(options, runs[i / 2][1]);
			break_off(&shell);
		}
	}
}

/* What ends in the background leaves the terminal to whoever has it. */
static void test_nothing_is_taken_in_the_background(void **state)
{
	static const char *const options[] = {"-p -f", "--init", "-p --forward-signals"};
	char line[128];

	(void)state;
	need_root();
	for (size_t i = 0; i < 2 * sizeof(options) / sizeof(options[0]); i++) {
		pid_t background;

		open_shell(ROOT, shells[i % 2]);
		snprintf(line, sizeof(line), "nsrun %s role stay &\n", options[i / 2]);
		type(line);
		await_output(&shell, "ready");
		background = child_of(shell.id);
		type("role count\n");
		await_output(&shell, "ready");
		kill(program_of(background, "role"), SIGKILL);
		await_state(background, 0);
		settle();
		press(&shell, INTERRUPT);
		await_output(&shell, "got 2.");
		break_off(&shell);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_script_reads_after_a_shell),
	    cmocka_unit_test(test_nothing_is_taken_in_the_background),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
