/* What nsrun must not be made to do, and the privileges that a program gets from it. */
#include "harness.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct outcome outcome;

/* A copy of nsrun that anybody may run, and its absolute path. */
static const char *copy_nsrun(void)
{
	static char path[PATH_MAX];

	make_directory("raised");
	run(&outcome, ROOT, "cp %s/nsrun raised", program_directory);
	check_status(&outcome, 0);
	snprintf(path, sizeof(path), "%s/raised/nsrun", work_directory);
	return path;
}

/* A capability of the file, as capabilities(7) has it: all numbers are little-endian. */
static void give_capability(const char *path, unsigned char flags)
{
	enum { SYS_ADMIN_BYTE = 6, SYS_ADMIN_BIT = 1 << 5, REVISION_2 = 2 };
	unsigned char capability[20] = {flags, 0, 0, REVISION_2};

	capability[SYS_ADMIN_BYTE] = SYS_ADMIN_BIT;
	assert_int_equal(setxattr(path, "security.capability", capability, sizeof(capability), 0),
			 0);
}

static void check_refuses_to_run(const char *path)
{
	static const char *const options[] = {"", "-r", "--map-auto -r", "--help", "--explain -U"};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		run(&outcome, USER, "%s %s getpid", path, options[i]);
		check_refused(&outcome, "refusing to run");
	}
	/* Root gains nothing by it. */
	run(&outcome, ROOT, "%s -u getpid", path);
	check_status(&outcome, 0);
}

static void test_raised_privileges(void **state)
{
	const char *path;

	(void)state;
	need_root();
	path = copy_nsrun();
	assert_int_equal(chmod(path, 04755), 0);
	check_refuses_to_run(path);
	assert_int_equal(chmod(path, 02755), 0);
	check_refuses_to_run(path);
	assert_int_equal(chmod(path, 0755), 0);
	run(&outcome, USER, "%s -r getpid", path);
	check_status(&outcome, 0);
	give_capability(path, 0);
	check_refuses_to_run(path);
	give_capability(path, 1); /* effective */
	check_refuses_to_run(path);
	remove_path("raised");
}

static void become_root_of_another_user(void)
{
	if (setresuid(test_user.user, 0, 0) < 0)
		_exit(99);
}

static void enter_bare_root(void)
{
	if (chroot(path_of("bare")) < 0 || chdir("/") < 0)
		_exit(99);
	become_root_of_another_user();
}

/* The kernel calls these secure too (AT_SECURE), but it is not the file that raises them. */
static void test_privileges_that_were_there(void **state)
{
	static const char *const as_another[] = {"--ruid=nsrun-test --euid=0",
						 "--rgid=nsrun-test --egid=0 --keep-groups"};
	const char *path;

	(void)state;
	need_root();
	path = copy_nsrun();
	for (size_t i = 0; i < sizeof(as_another) / sizeof(as_another[0]); i++) {
		run(&outcome, ROOT, "setpriv %s %s -r -u probe", as_another[i], path);
		check(&outcome, "uid.effective", "0");
		check_new(&outcome, "uts", true);
	}
	assert_int_equal(chmod(path, 04755), 0);
	run(&outcome, ROOT, "setpriv %s %s -u getpid", as_another[0], path);
	check_refused(&outcome, "refusing to run");
	remove_path("raised");
	run_freely(&outcome, &(struct launch){.prepare = become_root_of_another_user},
		   "nsrun -u probe");
	check(&outcome, "uid", "%u", test_user.user);
	check(&outcome, "uid.effective", "0");
	check_new(&outcome, "uts", true);
}

/* Without a proc nobody knows whose they are. */
static void test_privileges_without_proc(void **state)
{
	enum { CANNOT_START = 98 };

	(void)state;
	need_root();
	make_root("bare");
	run(&outcome, ROOT, "cp %s/nsrun bare", program_directory);
	run_freely(&outcome, &(struct launch){.prepare = enter_bare_root}, "/nsrun -u /probe");
	if (outcome.status == CANNOT_START)
		leave_out("needs a static nsrun: the bare root has no libc");
	check_refused(&outcome, "/proc/self/exe");
}

/* Programs that tell when they were run, in a directory that PATH begins with. */
static char fake_path[PATH_MAX + 64];
static char *fake_environment[] = {fake_path, NULL};

static void make_fakes(void)
{
	static const char *const names[] = {"getent", "newuidmap", "newgidmap"};
	char path[64];

	snprintf(fake_path, sizeof(fake_path), "PATH=%s/fake:%s:/usr/bin:/bin", work_directory,
		 program_directory);
	make_directory("fake");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "fake/%s", names[i]);
		make_file(path, "#!/bin/sh\n: >fooled\nexit 1\n");
		run(&outcome, ROOT, "chmod 755 %s", path);
	}
}

static bool is_fooled(enum who who, const char *command)
{
	bool fooled;

	run_freely(&outcome, &(struct launch){.who = who, .environment = fake_environment}, "%s",
		   command);
	check_clean(&outcome);
	fooled = is_there("fooled");
	remove_path("fooled");
	return fooled;
}

static void test_programs_from_path(void **state)
{
	(void)state;
	need_root();
	make_fakes();
	for (int who = ROOT; who <= USER; who++)
		assert_false(is_fooled((enum who)who, "nsrun --map-user=nobody-has-this-name "
						      "getpid"));
	assert_false(is_fooled(ROOT, "nsrun --map-auto getpid"));
	check_status(&outcome, 0);
	assert_false(is_fooled(ROOT, "nsrun --map-auto -r -f --owner 1:1 getpid"));
	check_status(&outcome, 0);
	/* An ordinary user runs what PATH names with no more than his own power. */
	assert_true(is_fooled(USER, "nsrun --map-auto getpid"));
	check_status(&outcome, FAILED);
	remove_path("fake");
}

static void test_pin_on_a_link(void **state)
{
	static const char *const options[] = {"", "--fork", "--mount --init"};

	(void)state;
	need_root();
	make_file("victim", "");
	make_link("victim", "link");
	make_link("missing", "dangling");
	make_directory("directory");
	make_link("directory", "way");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		run(&outcome, ROOT, "nsrun --uts=link %s getpid", options[i]);
		check_refused(&outcome, "link");
		assert_non_null(strstr(outcome.errors, "hint: 'link' is a symbolic link"));
		run(&outcome, ROOT, "nsrun --ipc=before --uts=dangling %s getpid", options[i]);
		check_refused(&outcome, "dangling");
		assert_true(is_there("dangling"));
		assert_false(is_there("missing"));
		assert_false(is_there("before"));
		/* Links on the way to the file are as good as ever. */
		run_freely(&outcome, &(struct launch){.who = ROOT}, "nsrun --uts=way/pin %s getpid",
			   options[i]);
		check_status(&outcome, 0);
		assert_int_equal(count_mounts("directory/pin"), 1);
		remove_path("directory/pin");
	}
	remove_path("victim");
	remove_path("link");
	remove_path("dangling");
	remove_path("way");
	remove_path("directory");
}

enum { EXCHANGE = 2, WELL = 60, COVERED = 61, NEVER_PINNED = 62 };

static void swap_for_ever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Fails while something is mounted there. */
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, "place", AT_FDCWD, "link", EXCHANGE);
}

static void launch_with_pin(void)
{
	char program[PATH_MAX];
	pid_t launcher = fork();

	snprintf(program, sizeof(program), "%s/nsrun", program_directory);
	if (launcher == 0) {
		execl(program, program, "--quiet", "--uts=place", "/bin/true", NULL);
		_exit(99);
	}
	waitpid(launcher, NULL, 0);
}

static unsigned take_off(const char *path)
{
	unsigned count = 0;

	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		count++;
	return count;
}

/* Runs instead of the command, which does what somebody does who may write to the
 * directory: the place is a file and a link to another one by turns. */
static void race(void)
{
	int rounds = nsrun_is_under_valgrind() ? 20 : 100;
	unsigned pinned = 0;

	if (fork() == 0)
		swap_for_ever();
	for (int i = 0; i < rounds; i++) {
		launch_with_pin();
		if (take_off("victim") > 0)
			_exit(COVERED);
		pinned += take_off("place") + take_off("link");
	}
	_exit(pinned > 0 ? WELL : NEVER_PINNED);
}

static void test_pin_that_is_swapped(void **state)
{
	(void)state;
	need_root();
	make_file("victim", "");
	make_file("place", "");
	make_link("victim", "link");
	run_freely(&outcome, &(struct launch){.who = ROOT, .prepare = race}, "race");
	assert_false(outcome.late);
	assert_int_equal(outcome.status, WELL);
	assert_int_equal(outcome.mounts, 0);
	remove_path("victim");
	remove_path("place");
	remove_path("link");
}

enum capabilities { NONE, ALL };

/* What a program has, where it is not what the caller has. */
static const struct row {
	enum who who;
	const char *options;
	enum capabilities capabilities;
	enum capabilities ambient;
	const char *groups; /* NULL: the caller's */
} rows[] = {
    {ROOT, "-u", ALL, NONE, NULL},
    {ROOT, "-m -p -f", ALL, NONE, NULL},
    {ROOT, "--init --kill-child", ALL, NONE, NULL},
    {ROOT, "-u --keep-caps", ALL, NONE, NULL},
    {ROOT, "-u --setuid 1000", NONE, NONE, NULL},
    {ROOT, "-u --setgid 1000", ALL, NONE, ""},
    {ROOT, "-u -f --setuid 1000 --setgid 1000", NONE, NONE, ""},
    {ROOT, "--owner 1000:1000", NONE, NONE, ""},
    {ROOT, "--map-auto -r", ALL, NONE, NULL},
    {ROOT, "--map-users 0:5000:9 --map-groups 0:5000:9 --setuid 0 --setgid 0", ALL, NONE, ""},
    {USER, "-U", NONE, NONE, "65534 65534"},
    {USER, "-U --keep-caps", ALL, ALL, "65534 65534"},
    {USER, "-r", ALL, NONE, "0 65534"},
    {USER, "-r -p -f", ALL, NONE, "0 65534"},
    {USER, "-r --init", ALL, NONE, "0 65534"},
    {USER, "-r --keep-caps", ALL, ALL, "0 65534"},
    {USER, "-c", NONE, NONE, "1000 65534"},
    {USER, "-c --keep-caps", ALL, ALL, "1000 65534"},
    {USER, "-c --keep-caps -p -f", ALL, ALL, "1000 65534"},
    {USER, "--map-auto", NONE, NONE, "65534 65534"},
    {USER, "--map-auto -r", ALL, NONE, "0 65534"},
    {USER, "--map-auto -c", NONE, NONE, "1000 65534"},
    {USER, "--map-auto -c --keep-caps --init", ALL, ALL, "1000 65534"},
    {USER, "--map-auto --setuid 0 --setgid 0", ALL, NONE, ""},
    {USER, "--map-auto --setuid 5 --setgid 5", NONE, NONE, ""},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void prepare_caller(void)
{
	int file = open("/dev/null", O_RDWR);
	sigset_t blocked;

	dup2(file, 5);
	dup2(file, 700);
	close(file);
	umask(027);
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGRTMAX);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void prepare_caller_without_new_privileges(void)
{
	prepare_caller();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void check_set(const char *set, enum capabilities expected)
{
	const char *all = value(&outcome, "capabilities.bounding");

	check(&outcome, set, "%s", expected == ALL ? all : "0000000000000000");
}

static void check_row(const struct row *row, void (*prepare)(void), int no_new_privileges)
{
	static const char *const kept[] = {
	    "umask",           "cwd",          "descriptors", "signals.blocked", "signals.ignored",
	    "signals.pending", "no_new_privs", "securebits",  "keepcaps",        "root"};
	static struct outcome before;
	struct launch launch = {.who = row->who, .prepare = prepare};

	run_freely(&before, &launch, "probe");
	check(&before, "no_new_privs", "%d", no_new_privileges);
	run_freely(&outcome, &launch, "nsrun %s probe", row->options);
	check_clean(&outcome);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		check(&outcome, kept[i], "%s", value(&before, kept[i]));
	check(&outcome, "groups", "%s", row->groups ? row->groups : value(&before, "groups"));
	check_set("capabilities.effective", row->capabilities);
	check_set("capabilities.permitted", row->capabilities);
	check_set("capabilities.inheritable", row->ambient);
	check_set("capabilities.ambient", row->ambient);
	assert_string_not_equal(value(&outcome, "capabilities.bounding"), "0000000000000000");
}

static void test_privileges_of_the_program(void **state)
{
	(void)state;
	need_subordinate_ids();
	need_root();
	for (size_t i = 0; i < ROWS; i++)
		check_row(&rows[i], prepare_caller, 0);
}

/* The set-user-ID mappers have no power then. */
static void test_no_new_privileges(void **state)
{
	(void)state;
	need_root();
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].who == ROOT || !strstr(rows[i].options, "--map-auto"))
			check_row(&rows[i], prepare_caller_without_new_privileges, 1);
	}
	run_freely(&outcome,
		   &(struct launch){.who = USER, .prepare = prepare_caller_without_new_privileges},
		   "nsrun --map-auto getpid");
	check_clean(&outcome);
	check_status(&outcome, FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    /* A script or valgrind is not set-user-ID. */
	    cmocka_unit_test_setup_teardown(test_raised_privileges, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test(test_privileges_that_were_there),
	    cmocka_unit_test_setup_teardown(test_privileges_without_proc, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test(test_programs_from_path),
	    cmocka_unit_test(test_pin_on_a_link),
	    cmocka_unit_test(test_pin_that_is_swapped),
	    cmocka_unit_test(test_privileges_of_the_program),
	    cmocka_unit_test(test_no_new_privileges),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
