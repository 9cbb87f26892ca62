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
	if (state_of(process.id) != 'S')
		fail_msg("nsrun %s: a program wrote \\%s: launcher %c", options, byte,
			 state_of(process.id));
	kill(program_of(process.id, "role"), SIGKILL);
	finish(&process);
	check_clean(&outcome);
	check_status(&outcome, 128 + SIGKILL);
}

/* None of these is news: signals that are no stops, and what is no signal. */
static void test_no_byte_is_obeyed(void **state)
{
	static const char *const bytes[] = {"000", "001", "011", "017", "022", "100",
					    "101", "177", "200", "310", "377"};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		write_byte(USER, "-r --init", bytes[i]);
		if (geteuid() == 0)
			write_byte(ROOT, "--init", bytes[i]);
	}
}

/* A program that writes without end does not hold the launcher up. */
static void test_no_flood_holds_up_the_launcher(void **state)
{
	(void)state;
	start(&process, &outcome, &(struct launch){.who = USER, .is_job = true},
	      "nsrun -r --init --mount-proc sh -c 'echo ready; " WRITE_NEWS "'", "cat /dev/zero");
	await_output(&process, "ready");
	kill(process.id, SIGTERM);
	finish(&process);
	check_clean(&outcome);
	check_status(&outcome, 128 + SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_byte_is_obeyed),
	    cmocka_unit_test(test_no_flood_holds_up_the_launcher),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
