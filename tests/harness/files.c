/* Files and directories of the tests. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 192 };

char work_directory[ROOM];
char program_directory[ROOM];
static char base_directory[ROOM - 16];

const char *path_of(const char *path)
{
	enum { COPIES = 8 };
	static char copies[COPIES][PATH_MAX];
	static unsigned next;
	char *copy = copies[next++ % COPIES];

	snprintf(copy, PATH_MAX, "%s%s%s", *path == '/' ? "" : work_directory,
		 *path == '/' ? "" : "/", path);
	return copy;
}

static void copy_program(const char *from, const char *to)
{
	char buffer[65536];
	int source = open(from, O_RDONLY | O_CLOEXEC), target;
	ssize_t length;

	if (source < 0)
		fail_msg("cannot open %s: %s", from, strerror(errno));
	unlink(to);
	target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(target >= 0);
	while ((length = read(source, buffer, sizeof(buffer))) > 0)
		assert_int_equal(write(target, buffer, (size_t)length), length);
	assert_int_equal(length, 0);
	close(source);
	close(target);
}

/* A program on the PATH of commands. */
static const char *program(const char *name)
{
	static char path[ROOM + 64];

	snprintf(path, sizeof(path), "%s/%s", program_directory, name);
	return path;
}

void place_nsrun(const char *file)
{
	copy_program(file, program("nsrun"));
}

void make_place(void)
{
	strcpy(base_directory, "/tmp/nsrun-test-XXXXXX");
	assert_non_null(mkdtemp(base_directory));
	assert_int_equal(chmod(base_directory, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(mount("none", base_directory, "tmpfs", 0, "mode=755"), 0);
	snprintf(program_directory, sizeof(program_directory), "%s/bin", base_directory);
	snprintf(work_directory, sizeof(work_directory), "%s/work", base_directory);
	make_directory(program_directory);
	make_directory(work_directory);
	assert_int_equal(chmod(work_directory, 0777), 0);
	copy_program("./getpid", program("getpid"));
	copy_program("build/probe", program("probe"));
	copy_program("build/role", program("role"));
}

void remove_place(void)
{
	remove_path(base_directory);
}

void make_file(const char *path, const char *content)
{
	FILE *file = fopen(path_of(path), "we");

	if (!file || fputs(content, file) < 0 || fclose(file) != 0)
		fail_msg("cannot write %s: %s", path, strerror(errno));
}

void make_directory(const char *path)
{
	if (mkdir(path_of(path), 0755) < 0 && errno != EEXIST)
		fail_msg("cannot make %s: %s", path, strerror(errno));
}

void make_link(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path_of(path)), 0);
}

bool is_there(const char *path)
{
	struct stat status;

	return lstat(path_of(path), &status) == 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

void remove_path(const char *path)
{
	const char *absolute = path_of(path);

	while (umount2(absolute, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		continue;
	nftw(absolute, remove_one, 16, FTW_DEPTH | FTW_MOUNT | FTW_PHYS);
}

void make_root(const char *path)
{
	static const char *const directories[] = {"", "bin", "proc", "sub", "tmp"};
	char place[PATH_MAX];

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(place, sizeof(place), "%s/%s", path, directories[i]);
		make_directory(place);
	}
	/* The last one: whoever is root inside may be anybody outside. */
	assert_int_equal(chmod(path_of(place), 0777), 0);
	snprintf(place, sizeof(place), "%s/probe", path);
	copy_program("build/probe", path_of(place));
	snprintf(place, sizeof(place), "%s/bin/role", path);
	copy_program("build/role", path_of(place));
}

void cover(const char *path, const char *content)
{
	static unsigned count;
	char name[ROOM + 64];

	/* A new file each time: one that has covers on it already may be covered again. */
	snprintf(name, sizeof(name), "%s/cover-%u", base_directory, count++);
	make_file(name, content);
	if (mount(name, path, NULL, MS_BIND, NULL) < 0)
		fail_msg("cannot cover %s: %s", path, strerror(errno));
}

void uncover(const char *path)
{
	assert_int_equal(umount2(path, MNT_DETACH), 0);
}

void read_mounts(char *text, unsigned long size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, size - 1, file);
	assert_true(length < size - 1);
	text[length] = '\0';
	fclose(file);
}

int count_mounts(const char *path)
{
	char line[8192], place[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	int count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += sscanf(line, "%*d %*d %*s %*s %4095s", place) == 1 &&
			 strcmp(place, path_of(path)) == 0;
	fclose(file);
	return count;
}
