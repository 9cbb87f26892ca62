/*
 * --pivot-root and --root: what is in reach from inside. The root file systems hold the
 * test program itself and what it needs to run; tmp is open to everybody.
 */
#include "lastmile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static char root[PATH_MAX];
/* A file outside. */
static char marker[PATH_MAX + 8];

static const struct caller user = {.is_user = true};

static int set_up_roots(void **state)
{
	FILE *file;

	if (set_up_with_mounts(state) < 0)
		return -1;
	make_root(root, sizeof(root), "root");
	snprintf(marker, sizeof(marker), "%s/marker", work_directory);
	file = fopen(marker, "we");
	assert_non_null(file);
	fclose(file);
	return 0;
}

/* Runs it with the new root given by the option; the program is found inside. */
__attribute__((format(printf, 4, 5))) static void check_inside(const struct caller *caller,
							       const char *options,
							       const char *expected,
							       const char *format, ...)
{
	char command[2 * PATH_MAX];
	struct process process;
	va_list arguments;
	int status;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	status = run(&process, caller, "nsrun %s /bin/role %s", options, command);
	if (status != 0 || strcmp(process.text, expected) != 0)
		fail_msg("nsrun %s /bin/role %s: status %#x, '%s', not '%s'", options, command,
			 (unsigned)status, process.text, expected);
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

		check_inside(NULL, join(ways[i], "--pivot-root", root), "inside\n", "escape %s",
			     marker);
		snprintf(below_user, sizeof(below_user), "-r %s", ways[i]);
		check_inside(&user, join(below_user, "--pivot-root", root), "inside\n", "escape %s",
			     marker);
	}
}

/* The same escape does work where chroot(2) says so: else the test above shows nothing. */
static void test_escape_succeeds_from_root(void **state)
{
	(void)state;
	check_inside(NULL, join("", "--root", root), "outside\n", "escape %s", marker);
	check_inside(NULL, join("--mount --fork", "--root", root), "outside\n", "escape %s",
		     marker);
	check_inside(&user, join("-r", "--root", root), "outside\n", "escape %s", marker);
}

/* What part of the file system that directory is: the whole of its path, or the end of it
 * where something is mounted above. */
static bool is_end_of(const char *path, const char *part)
{
	size_t length = strlen(path), end = strlen(part);

	return end > 1 && end <= length && strcmp(path + length - end, part) == 0;
}

/* Field 4 of a line of mountinfo is what part of the file system is mounted, field 5 the
 * place (proc_pid_mountinfo(5)). Only what was asked for may be there. */
static void check_mounts(const struct caller *caller, const char *options)
{
	struct process process;
	char part[PATH_MAX], place[PATH_MAX];
	unsigned roots = 0, procs = 0;

	assert_int_equal(run(&process, caller,
			     "nsrun %s --mount-proc --pivot-root %s role show /proc/self/mountinfo",
			     options, root),
			 0);
	for (char *line = strtok(process.text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(sscanf(line, "%*s %*s %*s %4095s %4095s", part, place), 2);
		if (strcmp(place, "/") == 0 && is_end_of(root, part))
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
	check_mounts(NULL, "-pf");
	check_mounts(NULL, "--init --kill-child");
	check_mounts(NULL, "-pf --propagation slave");
	check_mounts(&user, "-r -pf");
	check_mounts(&user, "-r --init");
}

/* The same directory named in other ways. */
static void test_paths_to_the_root(void **state)
{
	static const char *const paths[] = {"root", "root/", "./root", "root/.", "root/tmp/.."};
	const struct caller beside = {.directory = work_directory};
	const struct caller inside = {.directory = root};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		check_inside(&beside, join("", "--pivot-root", paths[i]), "inside\n", "escape %s",
			     marker);
	check_inside(&inside, join("", "--pivot-root", "../root"), "inside\n", "escape %s", marker);
}

static void test_working_directory_as_root(void **state)
{
	const struct caller inside = {.directory = root};

	(void)state;
	check_inside(&inside, join("", "--root", "."), "</>\n", "where");
	check_inside(&inside, join("", "--pivot-root", "."), "</>\n", "where");
}

static void test_working_directory(void **state)
{
	const struct caller callers[] = {{.is_user = false}, user};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *map = i == 0 ? "" : "-r";

		check_inside(&callers[i], join(map, "--pivot-root", root), "</>\n", "where");
		check_inside(&callers[i], join(map, "--wd /tmp --pivot-root", root), "</tmp>\n",
			     "where");
		/* Below the new root, from its top. */
		check_inside(&callers[i], join(map, "--wd bin --pivot-root", root), "</bin>\n",
			     "where");
	}
}

static void test_mount_point_as_root(void **state)
{
	char other[PATH_MAX], mounted[2 * PATH_MAX];

	(void)state;
	make_root(other, sizeof(other), "other");
	assert_int_equal(mount(other, other, NULL, MS_BIND, NULL), 0);
	snprintf(mounted, sizeof(mounted), "%s/tmp", other);
	assert_int_equal(mount("tmpfs", mounted, "tmpfs", 0, "mode=777"), 0);
	check_inside(NULL, join("", "--pivot-root", other), "inside\n", "escape %s", marker);
	check_inside(&user, join("-r", "--pivot-root", other), "inside\n", "escape %s", marker);
	/* What is mounted below comes along. */
	snprintf(mounted, sizeof(mounted), "%s/tmp/note", other);
	copy_file(marker, mounted);
	check_inside(NULL, join("", "--pivot-root", other), "", "show /tmp/note");
}

/* A shared mount cannot be a parent in pivot_root(2); and nothing may show outside. */
static void test_shared_root(void **state)
{
	char before[1 << 14], after[1 << 14];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct process process;

	(void)state;
	assert_non_null(file);
	before[fread(before, 1, sizeof(before) - 1, file)] = '\0';
	fclose(file);
	start(&process, NULL,
	      "unshare --mount --propagation shared nsrun --pivot-root %s "
	      "--mount-proc --init role escape %s",
	      root, marker);
	assert_int_equal(await_end(&process), 0);
	assert_string_equal(process.text, "inside\n");
	close_process(&process);
	file = fopen("/proc/self/mountinfo", "re");
	assert_non_null(file);
	after[fread(after, 1, sizeof(after) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(after, before);
}

static void test_no_such_root(void **state)
{
	struct process process;

	(void)state;
	assert_int_equal(
	    run(&process, NULL, "nsrun --pivot-root %s/missing role exit 0", work_directory),
	    FAILED << 8);
	assert_non_null(strstr(process.text, "missing"));
	assert_int_equal(run(&process, NULL, "nsrun --pivot-root %s role exit 0", marker),
			 FAILED << 8);
	assert_int_equal(
	    run(&process, NULL, "nsrun --root %s --pivot-root %s role exit 0", root, root),
	    FAILED << 8);
}

int main(int count, char **arguments)
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
	};

	play_role(count, arguments);
	return cmocka_run_group_tests(tests, set_up_roots, tear_down);
}
