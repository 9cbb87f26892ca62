/*
 * --pivot-root and --root: what is in reach from inside. The root file systems hold the
 * test program itself and what it needs to run; tmp is open to everybody.
 */
#include "harness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static char root[PATH_MAX];
/* A file outside. */
static char marker[PATH_MAX + 8];

static struct outcome outcome;

static const struct launch as_root = {.who = ROOT}, as_user = {.who = USER};

static int set_up_roots(void **state)
{
	if (set_up(state) < 0)
		return -1;
	make_root("root");
	make_file("marker", "");
	snprintf(root, sizeof(root), "%s", path_of("root"));
	snprintf(marker, sizeof(marker), "%s", path_of("marker"));
	return 0;
}

/* Runs it with the new root given by the option; the program is found inside. */
__attribute__((format(printf, 4, 5))) static void check_inside(const struct launch *launch,
							       const char *options,
							       const char *expected,
							       const char *format, ...)
{
	char command[2 * PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	run_freely(&outcome, launch, "nsrun %s /bin/role %s", options, command);
	check_clean(&outcome);
	check_output(&outcome, expected);
}

static const char *join(const char *before, const char *option, const char *path)
{
	static char options[2 * PATH_MAX];

	snprintf(options, sizeof(options), "%s %s %s", before, option, path);
	return options;
}

static const char *const ways[] = {"", "--fork", "--init --mount-proc", "-p -f --mount-proc"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void test_escape_fails_from_pivot_root(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		char below_user[128];

		check_inside(&as_root, join(ways[i], "--pivot-root", root), "inside\n", "escape %s",
			     marker);
		snprintf(below_user, sizeof(below_user), "-r %s", ways[i]);
		check_inside(&as_user, join(below_user, "--pivot-root", root), "inside\n",
			     "escape %s", marker);
	}
}

/* The same escape does work where chroot(2) says so: else the test above shows nothing. */
static void test_escape_succeeds_from_root(void **state)
{
	(void)state;
	check_inside(&as_root, join("", "--root", root), "outside\n", "escape %s", marker);
	check_inside(&as_root, join("--mount --fork", "--root", root), "outside\n", "escape %s",
		     marker);
	check_inside(&as_user, join("-r", "--root", root), "outside\n", "escape %s", marker);
}

static bool is_end_of(const char *path, const char *end)
{
	size_t length = strlen(path), end_length = strlen(end);

	return end_length > 1 && end_length <= length &&
	       strcmp(path + length - end_length, end) == 0;
}

/* What part of a file system a directory is: its path, or the end of that where something is
 * mounted above, or more than that where the root is itself a part of the file system. */
static bool is_part(const char *path, const char *part)
{
	return is_end_of(path, part) || is_end_of(part, path);
}

/* Field 4 of a line of mountinfo is what part of the file system is mounted, field 5 the
 * place (proc_pid_mountinfo(5)). Only what was asked for may be there. */
static void check_mounts(enum who who, const char *options)
{
	char part[PATH_MAX], place[PATH_MAX];
	unsigned roots = 0, procs = 0;

	run(&outcome, who, "nsrun %s --mount-proc --pivot-root %s role show /proc/self/mountinfo",
	    options, root);
	check_status(&outcome, 0);
	for (char *line = strtok(outcome.output, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(sscanf(line, "%*s %*s %*s %4095s %4095s", part, place), 2);
		if (strcmp(place, "/") == 0 && is_part(root, part))
			roots++;
		else if (strcmp(place, "/proc") == 0 && strstr(line, " - proc "))
			procs++;
		else
			fail_msg("nsrun %s: in reach inside: %s", options, line);
	}
	assert_int_equal(roots, 1);
	assert_int_equal(procs, 1);
}

static void test_old_root_is_gone(void **state)
{
	(void)state;
	check_mounts(ROOT, "-pf");
	check_mounts(ROOT, "--init --kill-child");
	check_mounts(ROOT, "-pf --propagation slave");
	check_mounts(USER, "-r -pf");
	check_mounts(USER, "-r --init");
}

/* The same directory named in other ways. */
static void test_paths_to_the_root(void **state)
{
	static const char *const paths[] = {"root", "root/", "./root", "root/.", "root/tmp/.."};
	const struct launch inside = {.directory = root};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		check_inside(&as_root, join("", "--pivot-root", paths[i]), "inside\n", "escape %s",
			     marker);
	check_inside(&inside, join("", "--pivot-root", "../root"), "inside\n", "escape %s", marker);
}

static void test_working_directory_as_root(void **state)
{
	const struct launch inside = {.directory = root};

	(void)state;
	check_inside(&inside, join("", "--root", "."), "</>\n", "where");
	check_inside(&inside, join("", "--pivot-root", "."), "</>\n", "where");
}

static void test_working_directory(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct launch *launch = i == 0 ? &as_root : &as_user;
		const char *map = i == 0 ? "" : "-r";

		check_inside(launch, join(map, "--pivot-root", root), "</>\n", "where");
		check_inside(launch, join(map, "--wd /tmp --pivot-root", root), "</tmp>\n",
			     "where");
		/* Below the new root, from its top. */
		check_inside(launch, join(map, "--wd bin --pivot-root", root), "</bin>\n", "where");
		check_inside(launch, join(map, "--wd bin --root", root), "</bin>\n", "where");
		check_inside(launch, join(map, "--wd ./bin/../tmp --root", root), "</tmp>\n",
			     "where");
		check_inside(launch, join(map, "--wd ../.. --root", root), "</>\n", "where");
	}
}

static void test_mount_point_as_root(void **state)
{
	char other[PATH_MAX], mounted[2 * PATH_MAX];

	(void)state;
	need_root();
	make_root("other");
	snprintf(other, sizeof(other), "%s", path_of("other"));
	assert_int_equal(mount(other, other, NULL, MS_BIND, NULL), 0);
	snprintf(mounted, sizeof(mounted), "%s/tmp", other);
	assert_int_equal(mount("tmpfs", mounted, "tmpfs", 0, "mode=777"), 0);
	check_inside(&as_root, join("", "--pivot-root", other), "inside\n", "escape %s", marker);
	check_inside(&as_user, join("-r", "--pivot-root", other), "inside\n", "escape %s", marker);
	/* What is mounted below comes along. */
	make_file("other/tmp/note", "mounted\n");
	check_inside(&as_root, join("", "--pivot-root", other), "mounted\n", "show /tmp/note");
}

/* A shared mount cannot be a parent in pivot_root(2); and nothing may show outside. */
static void test_shared_root(void **state)
{
	static char before[1 << 16], after[1 << 16];

	(void)state;
	read_mounts(before, sizeof(before));
	run(&outcome, ROOT,
	    "unshare --mount --propagation shared nsrun --pivot-root %s "
	    "--mount-proc --init role escape %s",
	    root, marker);
	check_output(&outcome, "inside\n");
	read_mounts(after, sizeof(after));
	assert_string_equal(after, before);
}

static void test_no_such_root(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --pivot-root %s/missing role exit 0", work_directory);
	check_refused(&outcome, "missing");
	run(&outcome, ROOT, "nsrun --pivot-root %s role exit 0", marker);
	check_refused(&outcome, "Not a directory");
	assert_non_null(strstr(outcome.errors, marker));
	run(&outcome, USER, "nsrun -r --pivot-root marker role exit 0");
	check_refused(&outcome, "\"marker\"");
	run(&outcome, ROOT, "nsrun --propagation shared --pivot-root ./marker role exit 0");
	check_refused(&outcome, "\"./marker\"");
	run(&outcome, ROOT, "nsrun --root %s --pivot-root %s role exit 0", root, root);
	check_refused(&outcome, "--pivot-root");
}

/* What all is mounted on cannot be replaced. Since Linux 7.0 that is an empty file system below the
 * initramfs. */
static void test_root_of_all(void **state)
{
	static const char *const options[] = {"--mount", "--fork", "--init", "--propagation=shared"};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		run_freely(&outcome, &as_root, "role initramfs %s/nsrun %s %s", program_directory,
			   root, options[i]);
		if (outcome.status == 77)
			leave_out("needs a static nsrun: the initramfs has no libc");
		if (is_linux(7, 0)) {
			check_output(&outcome, "</>\n");
			continue;
		}
		check_refused(&outcome, "pivot_root");
		assert_non_null(strstr(outcome.errors, "hint: the root is the initramfs"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_escape_fails_from_pivot_root),
	    cmocka_unit_test(test_escape_succeeds_from_root),
	    cmocka_unit_test(test_old_root_is_gone),
	    cmocka_unit_test(test_paths_to_the_root),
	    cmocka_unit_test(test_working_directory_as_root),
	    cmocka_unit_test(test_working_directory),
	    cmocka_unit_test(test_mount_point_as_root),
	    cmocka_unit_test(test_shared_root),
	    cmocka_unit_test(test_no_such_root),
	    cmocka_unit_test_setup_teardown(test_root_of_all, leave_all_checkers,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up_roots, tear_down);
}
