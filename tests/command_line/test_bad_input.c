/* Bad input: one line that quotes it, exit status 125, and no effect. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static struct outcome outcome;

struct bad_input {
	const char *options, *quoted;
};

static const struct bad_input unknown_options[] = {
    {"--nonsense", "--nonsense"},
    {"-x", "-x"},
    {"-mx", "-x"},
    {"-rZ5", "-Z"},
    {"--map=5", "--map"},
    {"--fo", "--fo"},
    {"--fork=yes", "yes"},
    {"--map-root-user=1", "1"},
    {"--unknown=argument", "--unknown"},
    {"--'control\tcharacter'", "control\\tcharacter"},
};

static const struct bad_input numbers[] = {
    {"--setuid=+5", "+5"},
    {"--setuid=-5", "-5"},
    {"--setuid=' 5'", " 5"},
    {"--setuid='5 '", "5 "},
    {"--setuid=5x", "5x"},
    {"--setuid=0x5", "0x5"},
    {"--setuid=", "''"},
    {"--setuid=4294967295", "4294967295"},
    {"--setuid=4294967296", "4294967296"},
    {"--setuid=18446744073709551616", "18446744073709551616"},
    {"-S 5x", "5x"},
    {"-S=0", "=0"},
    {"-S-root", "-root"},
    {"--setgid=-1", "-1"},
    {"-G4294967295", "4294967295"},
    {"--map-user=4294967295", "4294967295"},
    {"--map-user=-1", "-1"},
    {"--map-user=5x", "5x"},
    {"--map-user=''", "''"},
    {"--map-group=4294967295", "4294967295"},
    {"--map-group=' 5'", " 5"},
    {"--owner=5", "5"},
    {"--owner=5:", "5:"},
    {"--owner=:5", ":5"},
    {"--owner=5:6:7", "5:6:7"},
    {"--owner=4294967295:0", "4294967295:0"},
    {"--owner=-1:0", "-1:0"},
    {"--owner=root:root", "root:root"},
    {"-T --monotonic=5s", "5s"},
    {"-T --monotonic=+5", "+5"},
    {"-T --monotonic=", "''"},
    {"-T --monotonic=9223372036854775808", "9223372036854775808"},
    {"-T --boottime=--5", "--5"},
    {"-T --boottime=' 5'", " 5"},
};

static const struct bad_input ranges[] = {
    {"--map-users=0:0", "0:0"},
    {"--map-users=0:0:0", "0:0:0"},
    {"--map-users=0:0:1:", "0:0:1:"},
    {"--map-users=-1:0:1", "-1:0:1"},
    {"--map-users=' 0:0:1'", " 0:0:1"},
    {"--map-users=0,0:1", "0,0:1"},
    {"--map-users=0:0:4294967296", "0:0:4294967296"},
    {"--map-users=4294967295:0:1", "4294967295:0:1"},
    {"--map-users=0:4294967295:1", "0:4294967295:1"},
    {"--map-users=1:0:4294967295", "1:0:4294967295"},
    {"--map-users=4294967290:0:10", "4294967290:0:10"},
    {"--map-users=nonsense", "nonsense"},
    {"--map-users=", "''"},
    {"--map-groups=0:0", "0:0"},
    {"--map-groups=1,2,x", "1,2,x"},
    {"--map-users=0:100000:10 --map-users=5:200000:10", "0:100000:10"},
    {"--map-users=0:100000:10 --map-users=20:100009:10", "20:100009:10"},
    {"--map-groups=0:100000:10 --map-groups=9:200000:10", "9:200000:10"},
};

static const struct bad_input names_and_words[] = {
    {"--map-user=no-such-user", "no-such-user"},
    {"--map-group=no-such-group", "no-such-group"},
    {"--kill-child=NONSENSE", "NONSENSE"},
    {"--kill-child=0", "'0'"},
    {"--kill-child=-9", "-9"},
    {"--kill-child=65", "65"},
    {"--kill-child=9x", "9x"},
    {"--kill-child=SIG", "'SIG'"},
    {"--kill-child=", "''"},
    {"--propagation=nonsense", "nonsense"},
    {"--propagation=", "''"},
    {"--completion=tcsh", "tcsh"},
    {"--completion=", "''"},
    {"--setgroups=maybe", "maybe"},
    {"--setgroups=", "''"},
    {"--setgroups=allow -r", "--setgroups=allow"},
    {"--setgroups=allow --map-group=5", "--setgroups=allow"},
    {"-c --setgroups=allow", "--setgroups=allow"},
    {"--monotonic=5", "--monotonic"},
    {"--boottime=5", "--boottime"},
    {"-R missing", "missing"},
    {"-w missing", "missing"},
    {"--load-interp=", "--load-interp"},
    {"--mount-proc=''", "\"\""},
};

static void check_each(const struct bad_input *inputs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		run(&outcome, USER, "nsrun -U %s probe", inputs[i].options);
		check_refused(&outcome, inputs[i].quoted);
		run(&outcome, USER, "nsrun --fork %s probe", inputs[i].options);
		check_status(&outcome, FAILED);
	}
}

static void test_unknown_options(void **state)
{
	(void)state;
	check_each(unknown_options, sizeof(unknown_options) / sizeof(unknown_options[0]));
}

/* Hints follow the complaint, and nothing has been done by then. */
static void test_hints_at_options(void **state)
{
	static const struct {
		const char *options, *hint;
	} hints[] = {
	    {"--mount-prc", "hint: did you mean --mount-proc?\n"},
	    {"--unshare-net", "hint: nsrun calls it --net\n"},
	    {"--ro-bind=/usr", "bwrap(1)"},
	    {"-fF", "hint: did you mean -f (--fork)?\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		run(&outcome, USER, "nsrun -U %s probe", hints[i].options);
		check_refused(&outcome, "unrecognized option");
		assert_non_null(strstr(outcome.errors, hints[i].hint));
		run(&outcome, USER, "nsrun -qU %s probe", hints[i].options);
		check_refused(&outcome, "unrecognized option");
		assert_null(strstr(outcome.errors, "hint"));
	}
}

static void test_numbers(void **state)
{
	(void)state;
	check_each(numbers, sizeof(numbers) / sizeof(numbers[0]));
}

static void test_ranges(void **state)
{
	(void)state;
	check_each(ranges, sizeof(ranges) / sizeof(ranges[0]));
}

static void test_names_and_words(void **state)
{
	(void)state;
	check_each(names_and_words, sizeof(names_and_words) / sizeof(names_and_words[0]));
}

static void test_incomplete_options(void **state)
{
	static const struct bad_input incomplete[] = {
	    {"--setuid", "--setuid"},
	    {"-S", "-S"},
	    {"-rS", "-S"},
	    {"--wd", "--wd"},
	    {"-mR", "-R"},
	    {"--map-users", "--map-users"},
	    {"-l", "-l"},
	    {"--own", "--owner"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(incomplete) / sizeof(incomplete[0]); i++) {
		run(&outcome, USER, "nsrun %s", incomplete[i].options);
		check_refused(&outcome, incomplete[i].quoted);
	}
}

static void test_too_many_ranges(void **state)
{
	static char options[1 << 16];
	size_t length = 0;

	(void)state;
	for (int i = 0; i < 341; i++)
		length +=
		    (size_t)sprintf(options + length, "--map-users=%d:%d:1 ", 2 * i + 2, 2 * i + 2);
	run(&outcome, ROOT, "nsrun %sprobe", options);
	check_refused(&outcome, "340");
	options[length - strlen("--map-users=682:682:1 ")] = '\0';
	/* The single id is the one too many. */
	run(&outcome, ROOT, "nsrun %s--map-user=100000 probe", options);
	check_refused(&outcome, "340");
}

static void test_long_interpreter(void **state)
{
	char line[4096];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	run(&outcome, USER, "nsrun -l %s probe", line);
	check_refused(&outcome, "xxx");
}

static void test_control_characters(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --setuid='5\033[31m\nforged: line' probe");
	check_refused(&outcome, "5\\033[31m\\nforged: line");
	run(&outcome, USER, "nsrun --wd='a\nb\177' probe");
	check_refused(&outcome, "a\\nb\\177");
	run(&outcome, USER, "nsrun 'a\nb'");
	check_status(&outcome, NOT_FOUND);
	assert_non_null(strstr(outcome.errors, "a\\nb"));
}

static void check_with_subordinate_ids(const char *content, const char *quoted)
{
	static const char *const paths[] = {"/etc/subuid", "/etc/subgid"};
	static const char *const options[] = {"--map-users", "--map-groups"};

	for (int i = 0; i < 2; i++) {
		cover(paths[i], content);
		run(&outcome, USER, "nsrun %s=auto probe", options[i]);
		uncover(paths[i]);
		check_refused(&outcome, paths[i]);
		check_refused(&outcome, quoted);
	}
}

static void test_subordinate_ids(void **state)
{
	(void)state;
	need_root();
	check_with_subordinate_ids("", "1000");
	check_with_subordinate_ids("somebody:100000:65536\n", "1000");
	check_with_subordinate_ids("nsrun-test:100000\n", "nsrun-test");
	check_with_subordinate_ids("nsrun-test:100000:\n", "nsrun-test");
	check_with_subordinate_ids("nsrun-test:100000:65536:1\n", "nsrun-test");
	check_with_subordinate_ids("nsrun-test:-1:65536\n", "nsrun-test");
	check_with_subordinate_ids("nsrun-test:100000:0\n", "nsrun-test");
	check_with_subordinate_ids("1000:x:5\n", "1000");
	check_with_subordinate_ids("nsrun-test:4294967000:65536\n", "nsrun-test");
}

static void test_unreadable_subordinate_ids(void **state)
{
	(void)state;
	need_root();
	cover("/etc/subuid", "nsrun-test:100000:65536\n");
	run(&outcome, ROOT, "chmod 600 /etc/subuid");
	run(&outcome, USER, "nsrun --map-auto probe");
	uncover("/etc/subuid");
	check_refused(&outcome, "/etc/subuid");
}

static void test_missing_mapper(void **state)
{
	char path[4096];
	char *environment[] = {path, NULL};

	(void)state;
	need_subordinate_ids();
	snprintf(path, sizeof(path), "PATH=%s", program_directory);
	run_freely(&outcome, &(struct launch){.who = USER, .environment = environment},
		   "nsrun --map-users=auto %s/probe", program_directory);
	check_clean(&outcome);
	check_refused(&outcome, "newuidmap");
	assert_non_null(strstr(outcome.errors, "which is in no directory of PATH"));
}

static void test_failing_mapper(void **state)
{
	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-users=0:5:1 probe");
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "nsrun: 'newuidmap' failed"));
	assert_string_equal(outcome.output, "");
	run(&outcome, USER, "nsrun --map-groups=0:5:1 -f probe");
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "nsrun: 'newgidmap' failed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unknown_options),
	    cmocka_unit_test(test_hints_at_options),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_names_and_words),
	    cmocka_unit_test(test_incomplete_options),
	    cmocka_unit_test(test_too_many_ranges),
	    cmocka_unit_test(test_long_interpreter),
	    cmocka_unit_test(test_control_characters),
	    cmocka_unit_test(test_subordinate_ids),
	    cmocka_unit_test(test_unreadable_subordinate_ids),
	    /* valgrind's vfork(2) shares no memory: the launcher is not told. */
	    cmocka_unit_test_setup_teardown(test_missing_mapper, leave_valgrind, return_to_checker),
	    cmocka_unit_test(test_failing_mapper),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
