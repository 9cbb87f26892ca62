/* --loopback and --hostname: what is inside, and that nothing of it is outside. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct outcome outcome;

/* Beside them, what makes other processes run the step. */
static const char *const ways[] = {"-r", "-r --fork", "-r --init", "-c --keep-caps",
				   "-r --pid --fork --mount-proc"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void test_echo_over_loopback(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		run(&outcome, USER, "nsrun %s -n --loopback role echo", ways[i]);
		check_output(&outcome, "echo ?\n");
	}
	/* The option alone makes the namespace. */
	run(&outcome, USER, "nsrun -r --loopback role echo");
	check_status(&outcome, 0);
	run(&outcome, ROOT, "nsrun --loopback role echo");
	check_status(&outcome, 0);
}

/* network_namespaces(7): lo of a new namespace is down. Role echo fails to connect: 2. */
static void test_no_loopback_unless_asked_for(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -r -n role echo");
	check_status(&outcome, 2);
	run(&outcome, ROOT, "nsrun -n role echo");
	check_status(&outcome, 2);
}

static void test_network_is_a_new_one(void **state)
{
	char outside[256], inside[256], path[64];
	ssize_t length = readlink("/proc/self/ns/net", outside, sizeof(outside) - 1);
	struct process process;

	(void)state;
	assert_true(length > 0);
	outside[length] = '\0';
	start(&process, &outcome, &(struct launch){.who = ROOT}, "nsrun --loopback role stay");
	await_output(&process, "ready");
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)process.id);
	length = readlink(path, inside, sizeof(inside) - 1);
	break_off(&process);
	assert_true(length > 0);
	inside[length] = '\0';
	assert_string_not_equal(inside, outside);
}

static void check_hostname(enum who who, const char *options, const char *name)
{
	char expected[128], before[128], after[128];
	struct process process;

	gethostname(before, sizeof(before));
	snprintf(expected, sizeof(expected), "%s\n", name);
	start(&process, &outcome, &(struct launch){.who = who},
	      "nsrun %s --hostname %s sh -c 'role show "
	      "/proc/sys/kernel/hostname; role stay'",
	      options, name);
	await_output(&process, "ready");
	/* While it is set inside. */
	gethostname(after, sizeof(after));
	break_off(&process);
	assert_string_equal(after, before);
	if (strncmp(outcome.output, expected, strlen(expected)) != 0)
		fail_msg("nsrun %s --hostname %s: '%s'", options, name, outcome.output);
}

static void test_hostname_inside_only(void **state)
{
	(void)state;
	check_hostname(ROOT, "", "inside");
	check_hostname(ROOT, "--uts", "inside");
	check_hostname(ROOT, "--fork", "inside");
	check_hostname(ROOT, "--init --kill-child --mount-proc", "inside");
	for (size_t i = 0; i < WAYS; i++)
		check_hostname(USER, ways[i], "inside.example");
}

/* sethostname(2): at most 64 bytes. */
static void test_length_of_hostname(void **state)
{
	char name[80];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	check_hostname(ROOT, "", name);
	check_hostname(USER, "-r", name);
	name[64] = 'n';
	name[65] = '\0';
	run(&outcome, ROOT, "nsrun --hostname %s role exit 0", name);
	check_refused(&outcome, name);
	check_refused(&outcome, "64");
	/* Known before anything is done: an explanation is refused too. */
	run(&outcome, ROOT, "nsrun --explain --hostname %s role exit 0", name);
	check_refused(&outcome, name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_echo_over_loopback),
	    cmocka_unit_test(test_no_loopback_unless_asked_for),
	    cmocka_unit_test(test_network_is_a_new_one),
	    cmocka_unit_test(test_hostname_inside_only),
	    cmocka_unit_test(test_length_of_hostname),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
