/* The directory the tests work in, and small root file systems in it. */
#include "lastmile.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <link.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

char work_directory[PATH_MAX];

void copy_file(const char *from, const char *to)
{
	int input = open(from, O_RDONLY | O_CLOEXEC);
	int output = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t length;

	if (input < 0 || output < 0)
		fail_msg("cannot copy %s to %s", from, to);
	do {
		length = sendfile(output, input, NULL, 1 << 20);
	} while (length > 0);
	assert_int_equal(length, 0);
	close(input);
	close(output);
}

static void make_directories_above(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void copy_to_root(const char *root, const char *from)
{
	char to[2 * PATH_MAX];

	snprintf(to, sizeof(to), "%s%s", root, from);
	make_directories_above(to);
	copy_file(from, to);
}

/* Each library that this program runs with, and what loads them. */
static int copy_object(struct dl_phdr_info *object, size_t size, void *root)
{
	(void)size;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];

		if (header->p_type == PT_INTERP)
			copy_to_root(root, (const char *)(object->dlpi_addr + header->p_vaddr));
	}
	if (object->dlpi_name[0] == '/')
		copy_to_root(root, object->dlpi_name);
	return 0;
}

void make_root(char *root, size_t size, const char *name)
{
	static const char *const directories[] = {"", "/bin", "/proc", "/tmp"};
	char path[2 * PATH_MAX], role[PATH_MAX + 8];

	snprintf(root, size, "%s/%s", work_directory, name);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, directories[i]);
		mkdir(path, 0755);
	}
	/* The last one: whoever is root inside may be anybody outside. */
	chmod(path, 0777);
	dl_iterate_phdr(copy_object, root);
	snprintf(path, sizeof(path), "%s/bin/role", root);
	snprintf(role, sizeof(role), "%s/role", work_directory);
	copy_file(role, path);
}

void place_nsrun(const char *file)
{
	char to[PATH_MAX + 8];

	snprintf(to, sizeof(to), "%s/nsrun", work_directory);
	unlink(to);
	copy_file(file, to);
}

static void make_user(void)
{
	if (getpwnam("nsrun-test"))
		return;
	if (system("useradd --create-home --shell /bin/sh nsrun-test") != 0)
		fail_msg("cannot make the user nsrun-test");
}

int set_up(void **state)
{
	const char *path = getenv("PATH");
	char to[PATH_MAX + 8], list[2 * PATH_MAX];

	(void)state;
	assert_int_equal(geteuid(), 0);
	make_user();
	snprintf(work_directory, sizeof(work_directory), "/tmp/lastmile.XXXXXX");
	assert_non_null(mkdtemp(work_directory));
	chmod(work_directory, 0755);
	place_nsrun_to_test();
	snprintf(to, sizeof(to), "%s/role", work_directory);
	copy_file("/proc/self/exe", to);
	snprintf(list, sizeof(list), "%s:%s", work_directory, path ? path : "/usr/bin:/bin");
	setenv("PATH", list, 1);
	/* Orphans become children of the tests, which so see who is left. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	return 0;
}

int set_up_with_mounts(void **state)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	return set_up(state);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	remove(path);
	return 0;
}

/* Takes off the last mount in work_directory; false if there is none. */
static bool take_off_last_mount(void)
{
	char line[2 * PATH_MAX], point[PATH_MAX], last[PATH_MAX] = "";
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1 &&
		    strncmp(point, work_directory, strlen(work_directory)) == 0)
			snprintf(last, sizeof(last), "%s", point);
	}
	if (file)
		fclose(file);
	return last[0] && umount2(last, MNT_DETACH) == 0;
}

int tear_down(void **state)
{
	(void)state;
	clear_up();
	while (take_off_last_mount())
		continue;
	nftw(work_directory, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return 0;
}
