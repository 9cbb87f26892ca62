/* Prepares the place that tests run in, and finds the user. */
#include "harness.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct test_user test_user;

/* tests/run.sh gives root's tests a /etc with the user in it, and much else: a program that
 * was started by hand is started again by it, and does not return. */
static void run_apart(void)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (getenv("TESTS_APART"))
		return;
	assert_true(length > 0);
	path[length] = '\0';
	execl("tests/run.sh", "tests/run.sh", path, (char *)NULL);
	fail_msg("cannot execute tests/run.sh: %s", strerror(errno));
}

/* Whatever is mounted is gone with the tests. */
static void leave_mount_namespace(void)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

static void find_user(void)
{
	struct passwd *entry = geteuid() == 0 ? getpwnam("nsrun-test") : getpwuid(geteuid());
	char line[256], name[64];
	FILE *file = fopen("/etc/subuid", "re");
	unsigned first, count;

	test_user = (struct test_user){.user = geteuid(), .group = getegid()};
	assert_true(entry || geteuid() != 0);
	if (entry) {
		test_user.user = entry->pw_uid;
		test_user.group = entry->pw_gid;
	}
	while (file && entry && fgets(line, sizeof(line), file)) {
		if (test_user.count == 0 &&
		    sscanf(line, "%63[^:]:%u:%u", name, &first, &count) == 3 &&
		    strcmp(name, entry->pw_name) == 0) {
			test_user.first = first;
			test_user.count = count;
		}
	}
	if (file)
		fclose(file);
}

/* Those that the tests were started on. */
static cpu_set_t processors;

bool have_two_processors(int *first, int *second)
{
	int count = 0;

	for (int i = 0; i < CPU_SETSIZE && count < 2; i++) {
		if (CPU_ISSET((size_t)i, &processors))
			*(count++ == 0 ? first : second) = i;
	}
	return count == 2;
}

int set_up(void **state)
{
	(void)state;
	/* Whatever a command leaves behind becomes a child of the tests. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	if (geteuid() == 0) {
		run_apart();
		leave_mount_namespace();
	}
	make_place();
	place_nsrun_to_test();
	find_user();
	return 0;
}

/* The kernel lets a mount namespace be bound only in an older one, to rule out circles.
 * Linux 6.18 tells their age by numbers of which each processor has its own supply: out
 * of order, unless the namespace of the tests and the new one come from the same. */
int set_up_on_one_processor(void **state)
{
	cpu_set_t one;

	assert_int_equal(sched_getaffinity(0, sizeof(processors), &processors), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	return set_up(state);
}

int tear_down(void **state)
{
	(void)state;
	kill_all();
	remove_place();
	return 0;
}

void need_root(void)
{
	if (geteuid() != 0)
		leave_out("needs root");
}

void need_subordinate_ids(void)
{
	if (test_user.count == 0)
		leave_out("needs subordinate ids");
}

void become_user(void)
{
	gid_t groups[] = {test_user.group, 2001};

	if (setgroups(2, groups) < 0 || setgid(test_user.group) < 0 || setuid(test_user.user) < 0)
		_exit(99);
}
