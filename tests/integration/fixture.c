#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
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

enum { ROOM = 192 };

struct test_user test_user;
char work_directory[ROOM];
char program_directory[ROOM];
static char base_directory[ROOM - 16];

static const char *in_work_directory(const char *path)
{
	static char absolute[PATH_MAX];

	if (*path == '/')
		return path;
	snprintf(absolute, sizeof(absolute), "%s/%s", work_directory, path);
	return absolute;
}

static void copy_program(const char *from, const char *name)
{
	char to[PATH_MAX], buffer[65536];
	int source = open(from, O_RDONLY | O_CLOEXEC), target;
	ssize_t length;

	if (source < 0)
		fail_msg("cannot open %s: %s", from, strerror(errno));
	snprintf(to, sizeof(to), "%s/%s", program_directory, name);
	unlink(to);
	target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(target >= 0);
	while ((length = read(source, buffer, sizeof(buffer))) > 0)
		assert_int_equal(write(target, buffer, (size_t)length), length);
	close(source);
	close(target);
}

void place_nsrun(const char *file)
{
	copy_program(file, "nsrun");
}

void make_file(const char *path, const char *content)
{
	FILE *file = fopen(in_work_directory(path), "we");

	if (!file || fputs(content, file) < 0 || fclose(file) != 0)
		fail_msg("cannot write %s: %s", path, strerror(errno));
}

void make_directory(const char *path)
{
	if (mkdir(in_work_directory(path), 0755) < 0 && errno != EEXIST)
		fail_msg("cannot make %s: %s", path, strerror(errno));
}

bool is_there(const char *path)
{
	struct stat status;

	return lstat(in_work_directory(path), &status) == 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

void remove_path(const char *path)
{
	const char *absolute = in_work_directory(path);

	while (umount2(absolute, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		continue;
	nftw(absolute, remove_one, 16, FTW_DEPTH | FTW_MOUNT | FTW_PHYS);
}

void cover(const char *path, const char *content)
{
	static unsigned count;
	char name[ROOM + 64];

	/* A new file each time: one that has covers on it already may be covered again. */
	snprintf(name, sizeof(name), "%s/covers/%u", base_directory, count++);
	make_file(name, content);
	if (mount(name, path, NULL, MS_BIND, NULL) < 0)
		fail_msg("cannot cover %s: %s", path, strerror(errno));
}

void uncover(const char *path)
{
	assert_int_equal(umount2(path, MNT_DETACH), 0);
}

/* The lines of the system's file that are about neither the name nor the number. */
static void cover_with_entry(const char *path, const char *entry)
{
	static char content[1 << 20];
	char line[4096], number[32];
	FILE *file = fopen(path, "re");
	size_t length = (size_t)sprintf(content, "%s\n", entry);

	snprintf(number, sizeof(number), ":%u:", test_user.user);
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "nsrun-test:", 11) == 0 || strstr(line, number) ||
		    length + sizeof(line) > sizeof(content))
			continue;
		length += (size_t)sprintf(content + length, "%s", line);
	}
	if (file)
		fclose(file);
	cover(path, content);
}

static void cover_with_ranges(const char *path)
{
	char ranges[128];

	/* Root first: unshare 2.38 takes any name for the number 0. */
	snprintf(ranges, sizeof(ranges), "root:%d:%d\nnsrun-test:%u:%u\n", ROOT_FIRST, ROOT_COUNT,
		 test_user.first, test_user.count);
	if (!is_there(path))
		make_file(path, "");
	cover(path, ranges);
}

/* All that the tests make lies in a file system that only they see, and /etc is a copy
 * there: whatever happens to the tests or, meanwhile, to the machine's users. */
static void separate(void)
{
	char command[ROOM + 64], copy[ROOM];

	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", base_directory, "tmpfs", 0, "mode=755"), 0);
	snprintf(command, sizeof(command), "cp -a /etc %s/etc", base_directory);
	assert_int_equal(system(command), 0);
	snprintf(copy, sizeof(copy), "%s/etc", base_directory);
	assert_int_equal(mount(copy, "/etc", NULL, MS_BIND, NULL), 0);
}

/* The user of the manual's examples. */
static void make_user(void)
{
	test_user = (struct test_user){1000, 1000, 100000, 65536};
	cover_with_entry("/etc/passwd", "nsrun-test:x:1000:1000::/:/bin/sh");
	cover_with_entry("/etc/group", "nsrun-test:x:1000:");
	cover_with_ranges("/etc/subuid");
	cover_with_ranges("/etc/subgid");
}

static void find_user(void)
{
	struct passwd *entry = getpwuid(geteuid());
	char line[256], name[64];
	FILE *file = fopen("/etc/subuid", "re");
	unsigned first, count;

	test_user = (struct test_user){.user = geteuid(), .group = getegid()};
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

static void make_base_directory(void)
{
	char covers[ROOM];

	strcpy(base_directory, "/tmp/nsrun-test-XXXXXX");
	assert_non_null(mkdtemp(base_directory));
	assert_int_equal(chmod(base_directory, 0755), 0);
	if (geteuid() == 0)
		separate();
	snprintf(program_directory, sizeof(program_directory), "%s/bin", base_directory);
	snprintf(work_directory, sizeof(work_directory), "%s/work", base_directory);
	snprintf(covers, sizeof(covers), "%s/covers", base_directory);
	make_directory(program_directory);
	make_directory(work_directory);
	make_directory(covers);
	assert_int_equal(chmod(work_directory, 0777), 0);
}

int set_up(void **state)
{
	(void)state;
	/* Whatever a command leaves behind becomes a child of the tests. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	make_base_directory();
	place_nsrun_to_test();
	copy_program("./getpid", "getpid");
	copy_program("build/probe", "probe");
	if (geteuid() == 0)
		make_user();
	else
		find_user();
	return 0;
}

/* The kernel lets a mount namespace be bound only in an older one, to rule out circles.
 * Linux 6.18 tells their age by numbers of which each processor has its own supply: out
 * of order, unless the namespace of the tests and the new one come from the same. */
int set_up_on_one_processor(void **state)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	return set_up(state);
}

int tear_down(void **state)
{
	(void)state;
	remove_path(base_directory);
	return 0;
}

void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

void need_subordinate_ids(void)
{
	if (test_user.count == 0)
		skip();
}

int count_mounts(const char *path)
{
	char line[8192], place[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	int count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += sscanf(line, "%*d %*d %*s %*s %4095s", place) == 1 &&
			 strcmp(place, in_work_directory(path)) == 0;
	fclose(file);
	return count;
}
