/* Each namespace option alone and together, and how options are written. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static struct outcome outcome;

static const struct {
	const char *name, *letter;
	/* What /proc/PID/ns shows of the process itself. */
	const char *link;
	bool for_children;
} types[] = {
    {"mount", "m", "mnt", false},     {"uts", "u", "uts", false},  {"ipc", "i", "ipc", false},
    {"net", "n", "net", false},       {"pid", "p", "pid", true},   {"user", "U", "user", false},
    {"cgroup", "C", "cgroup", false}, {"time", "T", "time", true},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* Just the wanted ones are new; what is for children is so once there is a child. */
static void check_just(unsigned wanted, bool child)
{
	for (unsigned i = 0; i < TYPES; i++) {
		bool expected = wanted >> i & 1;
		char link[64];

		snprintf(link, sizeof(link), "%s_for_children", types[i].link);
		if (types[i].for_children && child)
			check_new(&outcome, link, expected);
		/* The first exec enters a new time namespace, child or not (Linux 6.3). */
		if (!types[i].for_children || child)
			check_new(&outcome, types[i].link, expected);
	}
}

static void test_each_alone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TYPES; i++) {
		for (unsigned fork = 0; fork < 2; fork++) {
			run(&outcome, ROOT, "nsrun --%s %s probe", types[i].name,
			    fork ? "--fork" : "--");
			check_just(1U << i, fork);
			run(&outcome, ROOT, "nsrun -%s%s probe", types[i].letter, fork ? "f" : "");
			check_just(1U << i, fork);
		}
	}
}

static void test_each_alone_as_user(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TYPES; i++) {
		run(&outcome, USER, "nsrun -Uf -%s probe", types[i].letter);
		check_just(1U << i | 1U << 5, true);
	}
}

static void test_none(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun probe");
	check_just(0, true);
	run(&outcome, USER, "nsrun --fork probe");
	check_just(0, true);
}

static void test_all_letters(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -muinpUCTf probe");
	check_just(0xff, true);
	run(&outcome, USER, "nsrun -muinpUCTf probe");
	check_just(0xff, true);
}

static void test_all(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --all --fork probe");
	check_just(0xff, true);
	run(&outcome, USER, "nsrun -af probe");
	check_just(0xff, true);
}

static void test_bundles_and_prefixes(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -mpuinf probe");
	check_just(0x1f, true);
	run(&outcome, USER, "nsrun --map-root probe");
	check(&outcome, "uid", "0");
	check(&outcome, "gid", "0");
	run(&outcome, USER, "nsrun --ut --us --fork probe");
	check_just(1U << 1 | 1U << 5, true);
	run(&outcome, USER, "nsrun -rS0 -w / probe");
	check(&outcome, "uid", "0");
	check(&outcome, "cwd", "/");
	run(&outcome, USER, "nsrun -r --setuid=0 --setgid 0 probe");
	/* The map of one group alone denies setgroups(2). */
	check_refused(&outcome, "setgroups");
}

static void test_end_of_options(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -U -- probe -x --fork --");
	check(&outcome, "argument.000", "probe");
	check(&outcome, "argument.001", "-x");
	check(&outcome, "argument.002", "--fork");
	check(&outcome, "argument.003", "--");
	assert_null(value(&outcome, "argument.004"));
	run(&outcome, USER, "nsrun -U probe -r --map-user 5 ''");
	check(&outcome, "argument.001", "-r");
	check(&outcome, "uid", "%d", 65534);
	check(&outcome, "argument.004", "%s", "");
}

static void test_pid(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -p --fork getpid");
	check_output(&outcome, "pid:1\n");
	run(&outcome, ROOT, "nsrun -p getpid");
	check_status(&outcome, 0);
	assert_string_not_equal(outcome.output, "pid:1\n");
	run(&outcome, USER, "nsrun -Upf getpid");
	check_output(&outcome, "pid:1\n");
	run(&outcome, ROOT, "nsrun -pf probe");
	check(&outcome, "pid", "1");
	check(&outcome, "parent", "outside");
	check(&outcome, "children", "none");
}

static void test_uts_is_apart(void **state)
{
	char before[256], after[256];

	(void)state;
	gethostname(before, sizeof(before));
	run(&outcome, ROOT, "nsrun -u hostname nsrun-test-name");
	check_output(&outcome, "");
	run(&outcome, USER, "nsrun -ru sh -c 'hostname inside && probe'");
	check(&outcome, "hostname", "inside");
	gethostname(after, sizeof(after));
	assert_string_equal(before, after);
}

static void test_same_user_without_option(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun probe");
	check(&outcome, "uid", "%u", test_user.user);
	check(&outcome, "capabilities.effective", "%016x", 0);
	run(&outcome, USER, "nsrun -U probe");
	check(&outcome, "uid", "65534");
	check(&outcome, "uid_map", "%s", "");
	/* An unmapped user loses all at the exec. */
	check(&outcome, "capabilities.effective", "%016x", 0);
}

static void test_needs_privilege(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -m probe");
	check_refused(&outcome, "unshare");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_alone),
	    cmocka_unit_test(test_each_alone_as_user),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_all_letters),
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_bundles_and_prefixes),
	    cmocka_unit_test(test_end_of_options),
	    cmocka_unit_test(test_pid),
	    cmocka_unit_test(test_uts_is_apart),
	    cmocka_unit_test(test_same_user_without_option),
	    cmocka_unit_test(test_needs_privilege),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
