#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"

/* From linux/mount.h, which clashes with the sys/mount.h of some libcs (open_tree(2)). */
enum { TREE_CLONE = 1, MOVE_FROM_DESCRIPTOR = 4, MOVE_TO_DESCRIPTOR = 0x40 };

/* Opens what is on top there. */
static int open_place(const struct stage *stage, const struct pin *pin)
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	int place = performs(stage) ? openat(pin->directory, pin->name, flags) : 0;

	return (int)tell_call(stage, place, "openat(directory, %q, O_PATH|O_NOFOLLOW|O_CLOEXEC)",
			      pin->name);
}

static int open_new(const struct pin *pin, const char *name, int flags)
{
	return keep_off_standard(openat(pin->directory, name, flags | O_WRONLY | O_CLOEXEC, 0444));
}

/* Makes a file to mount on. Its inode is noted down before it gets a name, so that it is removed
 * whoever is killed. Not every file system has files without a name (O_TMPFILE in open(2)). */
static int make_file(const struct stage *stage, struct pin *pin)
{
	char path[40] = "/proc/self/fd/FILE";
	int file = performs(stage) ? open_new(pin, ".", O_TMPFILE) : 0;
	bool has_name = file < 0;
	int result;

	(void)tell_call(stage, file,
			"openat(directory, \".\", O_TMPFILE|O_WRONLY|O_CLOEXEC, 0444)");
	if (has_name)
		file = settle(stage, open_new(pin, pin->name, O_CREAT | O_EXCL),
			      "openat(directory, %q /* %s */, "
			      "O_CREAT|O_EXCL|O_WRONLY|O_CLOEXEC, 0444)",
			      pin->name, stage->step->pin.file);
	if (file < 0)
		return -1;
	result = MAKE_CALL(stage, fstat(file, &pin->file), "fstat(file, &status)");
	if (result < 0 || has_name)
		return close_after(stage, file, result);
	if (performs(stage))
		print_into(path, sizeof(path), "/proc/self/fd/%d", file);
	result =
	    MAKE_CALL(stage, linkat(AT_FDCWD, path, pin->directory, pin->name, AT_SYMLINK_FOLLOW),
		      "linkat(AT_FDCWD, %q, directory, %q, AT_SYMLINK_FOLLOW)", path, pin->name);
	return close_after(stage, file, result);
}

/* For kernels before 5.2, and for filters of containers that forbid open_tree(2). */
static int bind_on(const struct stage *stage, const char *link, int place)
{
	char source[64], target[40];

	print_into(source, sizeof(source), "/proc/self/fd/%d/%s", stage->launcher_proc, link);
	print_into(target, sizeof(target), "/proc/self/fd/%d", place);
	return settle(stage, mount(source, target, NULL, MS_BIND, NULL),
		      "mount(%q, %q /* %s */, NULL, MS_BIND, NULL)", source, target,
		      stage->step->pin.file);
}

/* Mounts by descriptors, not by path. Whoever may write to the directory could meanwhile put a link
 * to one of root's files there, and the mount would cover that file. */
static int pin_on(const struct stage *stage, struct pin *pin, int place)
{
	const struct pin_arguments *asked = &stage->step->pin;
	const char *move = "move_mount(tree, \"\", place /* %s */, \"\", "
			   "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)";
	char link[32];
	long tree = 0, result = 0;

	print_into(link, sizeof(link), "ns/%s", namespace_types[asked->type].new_link);
	if (MAKE_CALL(stage, fstatat(stage->launcher_proc, link, &pin->namespace, 0),
		      "fstatat(launcher, %q, &status, 0)", link) < 0)
		return -1;
	if (performs(stage))
		tree = syscall(SYS_open_tree, stage->launcher_proc, link, TREE_CLONE | O_CLOEXEC);
	(void)tell_call(stage, tree, "open_tree(launcher, %q, OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)",
			link);
	if (tree < 0)
		return bind_on(stage, link, place);
	if (performs(stage)) {
		result = syscall(SYS_move_mount, tree, "", place, "",
				 MOVE_FROM_DESCRIPTOR | MOVE_TO_DESCRIPTOR);
		close_keeping_errno((int)tree);
	}
	/* A filter may allow one of the two alone. */
	if (result >= 0 || errno != ENOSYS)
		return settle(stage, result, move, asked->file);
	(void)tell_call(stage, result, move, asked->file);
	return bind_on(stage, link, place);
}

int make_pin(struct stage *stage)
{
	const char *file = stage->step->pin.file, *slash = strrchr(file, '/');
	struct pin told = {.directory = -1};
	struct pin *pin = performs(stage) ? &stage->pins[stage->step->pin.type] : &told;
	struct stat status = {.st_mode = S_IFREG};
	int place, found;

	pin->name = slash ? slash + 1 : file;
	if (!*pin->name)
		pin->name = "."; /* the path ends with a slash */
	place = open_place(stage, pin);
	/* An explanation has opened nothing, and looks. */
	found = performs(stage) ? place : lstat(file, &told.file);
	if (found < 0 && errno == ENOENT) {
		if (make_file(stage, pin) < 0)
			return -1;
		place = open_place(stage, pin);
	}
	if (place >= 0 && MAKE_CALL(stage, fstat(place, &status), "fstat(place, &status)") < 0)
		return close_after(stage, place, -1);
	/* With O_NOFOLLOW a link itself is opened (open(2)), and the kernel would mount on it. */
	if (S_ISLNK(status.st_mode)) {
		place = close_after(stage, place, -1);
		errno = ELOOP;
	}
	if (place < 0)
		return complain("cannot pin a namespace to '%s': %m", file);
	return close_after(stage, place, pin_on(stage, pin, place));
}
