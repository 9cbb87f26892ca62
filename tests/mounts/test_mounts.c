/* Mounts, the root and the working directory. */
#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

static void set_propagation(unsigned long flags)
{
	assert_int_equal(mount("none", "/", NULL, MS_REC | flags, NULL), 0);
}

static bool has_options(const char *options)
{
	return options && strstr(options, "nosuid") && strstr(options, "nodev") &&
	       strstr(options, "noexec");
}

static void test_mount_proc(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun -p -f --mount-proc ps ax --no-headers -o pid");
	check_words(&outcome, "1");
	run(&outcome, ROOT, "nsrun -pf --mount-proc probe");
	check(&outcome, "mount.proc.type", "proc");
	assert_true(has_options(value(&outcome, "mount.proc.options")));
	check_new(&outcome, "mnt", true);
	check_new(&outcome, "pid", true);
	run(&outcome, USER, "nsrun -rpf --mount-proc ps ax --no-headers -o pid");
	check_words(&outcome, "1");
}

static void test_mount_proc_elsewhere(void **state)
{
	(void)state;
	make_directory("other");
	run(&outcome, ROOT, "nsrun -pf --mount-proc=other ls -d other/1 other/self");
	check_output(&outcome, "other/1\nother/self\n");
	assert_int_equal(count_mounts("other"), 0);
	/* Not a mount point, which making it private must bear with. */
	run(&outcome, ROOT, "nsrun -pf --propagation=unchanged --mount-proc=other ls -d other/1");
	check_output(&outcome, "other/1\n");
	run(&outcome, ROOT, "nsrun -m --mount-proc=missing probe");
	check_refused(&outcome, "missing");
	remove_path("other");
}

static void test_mounts_stay_inside(void **state)
{
	(void)state;
	need_root();
	make_directory("place");
	set_propagation(MS_SHARED);
	/* run() itself sees whether a mount got out. */
	run(&outcome, ROOT, "nsrun -m sh -c 'mount -t tmpfs none place && probe'");
	check(&outcome, "mounts.shared", "0");
	run(&outcome, ROOT, "nsrun -m --propagation=slave sh -c 'mount -t tmpfs none place'");
	check_output(&outcome, "");
	run(&outcome, ROOT, "nsrun -pf --propagation=shared --mount-proc probe");
	check(&outcome, "mount.proc.propagation", "private");
	run(&outcome, ROOT, "nsrun -pf --propagation=unchanged --mount-proc probe");
	check(&outcome, "mount.proc.propagation", "private");
	run_freely(&outcome, &(struct launch){.who = ROOT},
		   "nsrun -m --propagation=unchanged mount -t tmpfs none place");
	assert_int_equal(outcome.mounts, 1);
	set_propagation(MS_PRIVATE);
	remove_path("place");
}

static void test_propagation(void **state)
{
	(void)state;
	need_root();
	set_propagation(MS_SHARED);
	run(&outcome, ROOT, "nsrun -m probe");
	check(&outcome, "mount.root.propagation", "private");
	check(&outcome, "mounts.shared", "0");
	check(&outcome, "mounts.slave", "0");
	run(&outcome, ROOT, "nsrun -m --propagation private probe");
	check(&outcome, "mount.root.propagation", "private");
	run(&outcome, ROOT, "nsrun -m --propagation=slave probe");
	check(&outcome, "mount.root.propagation", "slave");
	check(&outcome, "mounts.slave", "%s", value(&outcome, "mounts"));
	run(&outcome, ROOT, "nsrun -m --propagation=shared probe");
	check(&outcome, "mounts.shared", "%s", value(&outcome, "mounts"));
	run(&outcome, ROOT, "nsrun -m --propagation=unchanged probe");
	check(&outcome, "mount.root.propagation", "shared");
	check(&outcome, "mounts.slave", "0");
	set_propagation(MS_PRIVATE);
	run(&outcome, ROOT, "nsrun -m --propagation=shared probe");
	check(&outcome, "mount.root.propagation", "shared");
	run(&outcome, ROOT, "nsrun --propagation=slave probe");
	check(&outcome, "mount.root.propagation", "private");
	check_new(&outcome, "mnt", false);
}

static void check_root(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path_of(path), &status), 0);
	check(&outcome, "root", "%llu:%llu", (unsigned long long)status.st_dev,
	      (unsigned long long)status.st_ino);
}

static void test_root(void **state)
{
	(void)state;
	make_root("tree");
	run(&outcome, ROOT, "nsrun --root=tree /probe");
	check_root("tree");
	check(&outcome, "cwd", "/");
	check(&outcome, "ns", "none");
	run(&outcome, ROOT, "nsrun -R tree -w /sub /probe");
	check_root("tree");
	check(&outcome, "cwd", "/sub");
	run(&outcome, USER, "nsrun -rR tree --wd /sub /probe");
	check(&outcome, "cwd", "/sub");
	check(&outcome, "uid", "0");
	run(&outcome, ROOT, "nsrun -pf -R tree --mount-proc /probe");
	check_root("tree");
	check(&outcome, "pid", "1");
	check_new(&outcome, "pid", true);
	assert_false(is_there("tree/proc/self"));
	run(&outcome, USER, "nsrun -rpf -R tree --mount-proc /probe");
	check(&outcome, "pid", "1");
	run(&outcome, ROOT, "nsrun -R missing /probe");
	check_refused(&outcome, "missing");
	run(&outcome, ROOT, "nsrun -R tree -w missing /probe");
	check_refused(&outcome, "missing");
	remove_path("tree");
}

static void test_working_directory(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun probe");
	check(&outcome, "cwd", "%s", work_directory);
	run(&outcome, USER, "nsrun --wd=/usr probe");
	check(&outcome, "cwd", "/usr");
	make_directory("sub");
	run(&outcome, USER, "nsrun -r -w sub probe");
	check(&outcome, "cwd", "%s/sub", work_directory);
	remove_path("sub");
	run(&outcome, USER, "nsrun -w sub probe");
	check_refused(&outcome, "sub");
}

static const char binfmt[] = "/proc/sys/fs/binfmt_misc";

/* One that a user namespace has for itself. */
static void need_own_binfmt(void)
{
	if (!is_linux(6, 7))
		leave_out("needs Linux 6.7: binfmt_misc in a user namespace");
}

static void test_mount_binfmt(void **state)
{
	int mounts = count_mounts(binfmt);

	(void)state;
	need_own_binfmt();
	run(&outcome, USER, "nsrun -rpf --mount-binfmt probe");
	check(&outcome, "mount.binfmt.type", "binfmt_misc");
	assert_true(has_options(value(&outcome, "mount.binfmt.options")));
	check(&outcome, "mount.proc.type", "proc");
	assert_true(has_options(value(&outcome, "mount.proc.options")));
	check_new(&outcome, "mnt", true);
	check_new(&outcome, "user", true);
	make_directory("formats");
	run(&outcome, ROOT, "nsrun -r --mount-binfmt=formats ls formats");
	check_output(&outcome, "register\nstatus\n");
	assert_int_equal(count_mounts(binfmt), mounts);
	remove_path("formats");
}

static void test_load_interp(void **state)
{
	(void)state;
	need_own_binfmt();
	make_file("strange", "STRANGE\n");
	run(&outcome, ROOT, "chmod 755 strange");
	run(&outcome, ROOT, "nsrun -rpf --load-interp=:strange:M::STRANGE::/bin/echo: ./strange");
	check_output(&outcome, "./strange\n");
	run(&outcome, USER,
	    "nsrun -rpf -l :strange:M::STRANGE::/bin/echo: cat /proc/sys/fs/binfmt_misc/strange");
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "interpreter /bin/echo"));
	run(&outcome, USER, "nsrun -rpf -l nonsense probe");
	check_refused(&outcome, "nonsense");
	remove_path("strange");
}

/* With the flag F the interpreter is opened before the root changes. */
static void test_load_interp_and_root(void **state)
{
	(void)state;
	need_own_binfmt();
	make_root("tree");
	make_file("tree/strange", "STRANGE\n");
	run(&outcome, ROOT, "chmod 755 tree/strange");
	run(&outcome, ROOT,
	    "nsrun -rpf -R tree -l :strange:M::STRANGE::%s/probe:F /strange --only argument",
	    program_directory);
	check(&outcome, "argument.001", "/strange");
	run(&outcome, ROOT, "nsrun -rpf -R tree -l :strange:M::STRANGE::/probe: /strange");
	check(&outcome, "argument.001", "/strange");
	check(&outcome, "mount.binfmt.type", "binfmt_misc");
	remove_path("tree");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mount_proc),
	    cmocka_unit_test(test_mount_proc_elsewhere),
	    cmocka_unit_test(test_mounts_stay_inside),
	    cmocka_unit_test(test_propagation),
	    cmocka_unit_test(test_root),
	    cmocka_unit_test(test_working_directory),
	    cmocka_unit_test(test_mount_binfmt),
	    /* valgrind knows what can be executed, and nothing of binfmt_misc. */
	    cmocka_unit_test_setup_teardown(test_load_interp, leave_valgrind, return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_load_interp_and_root, leave_valgrind,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
