/*
 * Where all mounts are shared, as systemd(1) has them, what is mounted in a copy of them is
 * mounted outside too: but nothing that nsrun mounts itself, whether it ends well, fails or is
 * killed; and with its own mounts it takes none of those outside away.
 */
#include "harness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static struct outcome outcome;

/* root is an ordinary directory, and so is root/proc. On root/sub a file system is mounted, and
 * root/point is mounted on itself. */
static int set_up_mounts(void **state)
{
	if (set_up(state) < 0)
		return -1;
	make_root("root");
	make_root("point");
	make_directory("other");
	if (geteuid() != 0)
		return 0;
	if (mount(path_of("point"), path_of("point"), NULL, MS_BIND, NULL) < 0 ||
	    mount("sub", path_of("root/sub"), "tmpfs", 0, "mode=777") < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		return -1;
	make_directory("root/sub/deep");
	return 0;
}

static const char *const propagations[] = {"unchanged", "shared", "slave", "private"};
enum { PROPAGATIONS = sizeof(propagations) / sizeof(propagations[0]) };

/* Runs it, by root with its own powers and with those of a user namespace, and by the user, and
 * sees that there are just the same mounts as before. */
__attribute__((format(printf, 3, 4))) static void check_unseen(int status, const char *output,
							       const char *format, ...)
{
	static const struct {
		struct launch launch;
		const char *map;
	} callers[] = {{{.who = ROOT}, ""}, {{.who = ROOT}, "-r"}, {{.who = USER}, "-r"}};
	static char before[1 << 16], after[1 << 16];
	char command[2 * PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	need_root();
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		read_mounts(before, sizeof(before));
		run_freely(&outcome, &callers[i].launch, "nsrun %s %s", callers[i].map, command);
		read_mounts(after, sizeof(after));
		if (strcmp(before, after) != 0)
			fail_msg("'%s' has changed the mounts outside:\n%s\nto\n%s",
				 outcome.command, before, after);
		check_clean(&outcome);
		check_status(&outcome, status);
		if (strcmp(outcome.output, output) != 0)
			fail_msg("'%s' says '%s', not '%s'", outcome.command, outcome.output,
				 output);
	}
}

static void test_pivot_root(void **state)
{
	static const char *const roots[] = {"root", "point", "root/sub/.."};
	static const char *const ways[] = {"", "--fork", "-pf --mount-proc", "--init --mount-proc"};

	(void)state;
	for (size_t i = 0; i < PROPAGATIONS; i++) {
		for (size_t j = 0; j < sizeof(roots) / sizeof(roots[0]); j++) {
			for (size_t k = 0; k < sizeof(ways) / sizeof(ways[0]); k++)
				check_unseen(SUCCEEDED, "</sub>\n",
					     "--propagation %s %s --wd sub --pivot-root %s "
					     "/bin/role where",
					     propagations[i], ways[k], roots[j]);
		}
		/* The present root, all of whose mounts are copied and detached. */
		check_unseen(SUCCEEDED, "x\n", "--propagation %s --pivot-root / echo x",
			     propagations[i]);
		check_unseen(SUCCEEDED, "1\n",
			     "--propagation %s -pf --mount-proc --pivot-root / sh -c 'echo $$'",
			     propagations[i]);
	}
}

static void test_pivot_root_that_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROPAGATIONS; i++) {
		check_unseen(NOT_FOUND, "",
			     "-q --propagation %s --pivot-root root -pf --mount-proc /missing",
			     propagations[i]);
		check_unseen(FAILED, "", "-q --propagation %s --pivot-root root --wd missing true",
			     propagations[i]);
		check_unseen(FAILED, "",
			     "-q --propagation %s --pivot-root root --mount-proc=missing true",
			     propagations[i]);
		check_unseen(FAILED, "", "-q --propagation %s --pivot-root missing true",
			     propagations[i]);
	}
}

/* The number behind "shared:" or "master:" in the line of mountinfo that ends so, or 0. */
static int number_of(const char *mounts, const char *place, const char *tag)
{
	char field[PATH_MAX + 2];
	const char *line, *end;

	snprintf(field, sizeof(field), " %s ", place);
	line = strstr(mounts, field);
	end = line ? strstr(line, " - ") : NULL;
	line = line ? strstr(line, tag) : NULL;
	return line && line < end ? atoi(line + strlen(tag)) : 0;
}

/* What was asked for holds for the mounts that come along. */
static void test_propagation_below_the_new_root(void **state)
{
	static char mounts[1 << 16];
	int outside;

	(void)state;
	need_root();
	read_mounts(mounts, sizeof(mounts));
	outside = number_of(mounts, path_of("root/sub"), "shared:");
	assert_true(outside > 0);
	for (size_t i = 0; i < PROPAGATIONS; i++) {
		bool shared = i < 2, slave = i == 2;

		run(&outcome, ROOT,
		    "nsrun -pf --mount-proc --propagation %s --pivot-root root /bin/role show "
		    "/proc/self/mountinfo",
		    propagations[i]);
		check_status(&outcome, SUCCEEDED);
		assert_int_equal(number_of(outcome.output, "/sub", "shared:"),
				 shared ? outside : 0);
		assert_int_equal(number_of(outcome.output, "/sub", "master:"), slave ? outside : 0);
		/* The root itself takes what is mounted outside, and passes nothing on to there. */
		assert_int_equal(number_of(outcome.output, "/", "master:") > 0, i < 3);
		assert_int_equal(number_of(outcome.output, "/", "shared:") > 0, i == 1);
		assert_int_equal(number_of(outcome.output, "/proc", "shared:"), 0);
	}
}

/* The program's own mounts are the program's affair. */
static void test_mounts_of_the_program(void **state)
{
	(void)state;
	need_root();
	run_freely(&outcome, &(struct launch){.who = ROOT},
		   "nsrun --propagation shared --pivot-root / mount -t tmpfs none %s",
		   path_of("root/sub/deep"));
	check_status(&outcome, SUCCEEDED);
	assert_int_equal(outcome.mounts, 1);
	assert_int_equal(umount(path_of("root/sub/deep")), 0);
	/* On the root itself. */
	run(&outcome, ROOT, "nsrun --propagation shared --pivot-root / mount -t tmpfs none /mnt");
	check_status(&outcome, SUCCEEDED);
}

static void test_mount_proc(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROPAGATIONS; i++) {
		const char *propagation = propagations[i];

		check_unseen(SUCCEEDED, "/proc/1\n",
			     "-pf --propagation %s --mount-proc ls -d /proc/1", propagation);
		check_unseen(SUCCEEDED, "other/1\n",
			     "-pf --propagation %s --mount-proc=other ls -d other/1", propagation);
		check_unseen(SUCCEEDED, "other/1\n",
			     "-pf --propagation %s --mount-proc=root/../other ls -d other/1",
			     propagation);
		check_unseen(SUCCEEDED, "point/tmp/1\n",
			     "-pf --propagation %s --mount-proc=point/tmp ls -d point/tmp/1",
			     propagation);
		check_unseen(SUCCEEDED, "root/sub/deep/1\n",
			     "-pf --propagation %s --mount-proc=root/sub/deep ls -d "
			     "root/sub/deep/1",
			     propagation);
		check_unseen(FAILED, "", "-q --propagation %s --mount-proc=missing true",
			     propagation);
		check_unseen(FAILED, "", "-q -pf --propagation %s --mount-proc=. --wd /no t",
			     propagation);
	}
}

/* The mount that the new root lies in is out of reach once the root has changed. */
static void test_mount_proc_below_a_new_root(void **state)
{
	static const char *const options[] = {
	    "--root root --mount-proc",
	    "--root root/sub/.. --mount-proc=proc",
	    "--root root --wd bin --mount-proc=../proc",
	    "--root point --mount-proc",
	    "--pivot-root root --mount-proc",
	    "--pivot-root point --mount-proc=proc",
	};

	(void)state;
	for (size_t i = 0; i < PROPAGATIONS; i++) {
		for (size_t j = 0; j < sizeof(options) / sizeof(options[0]); j++) {
			check_unseen(SUCCEEDED, "2\n",
				     "--init --propagation %s %s /bin/role show /proc/sys/kernel/"
				     "ns_last_pid",
				     propagations[i], options[j]);
		}
		check_unseen(SUCCEEDED, "1\n",
			     "-pf --propagation %s --root root --mount-proc=/sub/deep /bin/role "
			     "show /sub/deep/sys/kernel/ns_last_pid",
			     propagations[i]);
	}
}

/* What a program needs that is bound to libraries, in root; and nsrun. */
static const char *const needed[][2] = {
    {"/lib", "root/lib"}, {"/lib64", "root/lib64"}, {"/usr", "root/usr"}, {NULL, "root/bin/of-test"}};
enum { NEEDED = sizeof(needed) / sizeof(needed[0]) };

static void bind_needed(void)
{
	for (unsigned i = 0; i < NEEDED; i++) {
		const char *source = needed[i][0] ? needed[i][0] : program_directory;

		make_directory(needed[i][1]);
		if (access(source, F_OK) == 0)
			assert_int_equal(mount(source, path_of(needed[i][1]), NULL, MS_BIND, NULL), 0);
	}
}

static void unbind_needed(void)
{
	for (unsigned i = 0; i < NEEDED; i++) {
		if (!needed[i][0] || access(needed[i][0], F_OK) == 0)
			assert_int_equal(umount(path_of(needed[i][1])), 0);
	}
}

/* There even the mount of the root is out of reach, and may be shared. */
static void test_mount_proc_in_a_chroot(void **state)
{
	static char before[1 << 16], after[1 << 16];

	(void)state;
	need_root();
	read_mounts(before, sizeof(before));
	bind_needed();
	run_freely(&outcome, &(struct launch){.who = ROOT},
		   "chroot root /bin/of-test/nsrun -pf --propagation unchanged --mount-proc "
		   "/bin/role exit 0");
	unbind_needed();
	check_refused(&outcome, "cannot hide what is mounted on '/proc'");
	read_mounts(after, sizeof(after));
	assert_string_equal(after, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pivot_root),
	    cmocka_unit_test(test_pivot_root_that_fails),
	    cmocka_unit_test(test_propagation_below_the_new_root),
	    cmocka_unit_test(test_mounts_of_the_program),
	    cmocka_unit_test(test_mount_proc),
	    cmocka_unit_test(test_mount_proc_below_a_new_root),
	    /* They read /proc/self/maps. */
	    cmocka_unit_test_setup_teardown(test_mount_proc_in_a_chroot, leave_all_checkers,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up_mounts, tear_down);
}
