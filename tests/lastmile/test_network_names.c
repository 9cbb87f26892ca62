/* --loopback and --hostname: what is inside, and that nothing of it is outside. */
#include "lastmile.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct caller user = {.is_user = true};

/* Beside them, what makes other processes run the step. */
static const char *const ways[] = {"-r", "-r --fork", "-r --init", "-c --keep-caps",
				   "-r --pid --fork --mount-proc"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void test_echo_over_loopback(void **state)
{
	struct process process;

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		int status = run(&process, &user, "nsrun %s -n --loopback role echo", ways[i]);

		if (status != 0 || strcmp(process.text, "echo ?\n") != 0)
			fail_msg("nsrun %s -n --loopback: status %#x, '%s'", ways[i],
				 (unsigned)status, process.text);
	}
	/* The option alone makes the namespace. */
	assert_int_equal(run(&process, &user, "nsrun -r --loopback role echo"), 0);
	assert_int_equal(run(&process, NULL, "nsrun --loopback role echo"), 0);
}

/* network_namespaces(7): lo of a new namespace is down. Role echo fails to connect: 2. */
static void test_no_loopback_unless_asked_for(void **state)
{
	struct process process;

	(void)state;
	assert_int_equal(run(&process, &user, "nsrun -r -n role echo"), 2 << 8);
	assert_int_equal(run(&process, NULL, "nsrun -n role echo"), 2 << 8);
}

static void test_network_is_a_new_one(void **state)
{
	char outside[256], inside[256], path[64];
	ssize_t length = readlink("/proc/self/ns/net", outside, sizeof(outside) - 1);
	struct process process;

	(void)state;
	assert_true(length > 0);
	outside[length] = '\0';
	start(&process, NULL, "nsrun --loopback role stay");
	await_text(&process, "ready");
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)process.id);
	length = readlink(path, inside, sizeof(inside) - 1);
	clear_up();
	close_process(&process);
	assert_true(length > 0);
	inside[length] = '\0';
	assert_string_not_equal(inside, outside);
}

static void check_hostname(const struct caller *caller, const char *options, const char *name)
{
	char expected[128], before[128], after[128];
	struct process process;

	gethostname(before, sizeof(before));
	snprintf(expected, sizeof(expected), "%s\n", name);
	start(&process, caller,
	      "nsrun %s --hostname %s sh -c 'role show "
	      "/proc/sys/kernel/hostname; role stay'",
	      options, name);
	await_text(&process, "ready");
	/* While it is set inside. */
	gethostname(after, sizeof(after));
	clear_up();
	close_process(&process);
	assert_string_equal(after, before);
	if (strncmp(process.text, expected, strlen(expected)) != 0)
		fail_msg("nsrun %s --hostname %s: '%s'", options, name, process.text);
}

static void test_hostname_inside_only(void **state)
{
	(void)state;
	check_hostname(NULL, "", "inside");
	check_hostname(NULL, "--uts", "inside");
	check_hostname(NULL, "--fork", "inside");
	check_hostname(NULL, "--init --kill-child --mount-proc", "inside");
	for (size_t i = 0; i < WAYS; i++)
		check_hostname(&user, ways[i], "inside.example");
}

/* sethostname(2): at most 64 bytes. */
static void test_length_of_hostname(void **state)
{
	char name[80];
	struct process process;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	check_hostname(NULL, "", name);
	check_hostname(&user, "-r", name);
	name[64] = 'n';
	name[65] = '\0';
	assert_int_equal(run(&process, NULL, "nsrun --hostname %s role exit 0", name), FAILED << 8);
	assert_non_null(strstr(process.text, name));
	assert_non_null(strstr(process.text, "64"));
	/* Known before anything is done: an explanation is refused too. */
	assert_int_equal(run(&process, NULL, "nsrun --explain --hostname %s role exit 0", name),
			 FAILED << 8);
	assert_null(strstr(process.text, "unshare("));
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_echo_over_loopback),
	    cmocka_unit_test(test_no_loopback_unless_asked_for),
	    cmocka_unit_test(test_network_is_a_new_one),
	    cmocka_unit_test(test_hostname_inside_only),
	    cmocka_unit_test(test_length_of_hostname),
	};

	play_role(count, arguments);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
