#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "message.h"
#include "stage.h"

int call_create(struct stage *stage, const char *path)
{
	int result =
	    performs(stage) ? open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444) : 0;

	return (int)settle(stage, result, "open(%q, O_RDONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0444)",
			   path);
}

/* O_PATH opens a link itself, and the kernel would mount on that too. */
int call_open_place(struct stage *stage, const char *path)
{
	int file = performs(stage) ? open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC) : 0;
	struct stat status = {.st_mode = S_IFREG};

	if (settle(stage, file, "open(%q, O_PATH|O_NOFOLLOW|O_CLOEXEC)", path) < 0)
		return -1;
	if (settle(stage, performs(stage) ? fstat(file, &status) : 0, "fstat(place, &status)") ==
		0 &&
	    !S_ISLNK(status.st_mode))
		return file;
	close(file);
	if (!S_ISLNK(status.st_mode))
		return -1;
	complain_of(ELOOP, "cannot open(%q, O_PATH|O_NOFOLLOW|O_CLOEXEC)", path);
	errno = ELOOP;
	return -1;
}

/* By its descriptor: whoever may write to its directory could put something else there
 * meanwhile, such as a link to a file of root's, which the mount would cover. */
int call_bind(struct stage *stage, const char *source, int place, const char *name)
{
	char target[40];
	struct text text = {.start = target, .capacity = sizeof(target) - 1, .descriptor = -1};
	int result;

	text_print(&text, "/proc/self/fd/%s", performs(stage) ? "" : "PLACE");
	if (performs(stage))
		text_number(&text, place);
	target[text.length] = '\0';
	result = performs(stage) ? mount(source, target, NULL, MS_BIND, NULL) : 0;
	return (int)settle(stage, result, "mount(%q, %q /* %s */, NULL, MS_BIND, NULL)", source,
			   target, name);
}

/* The calls for mounts as descriptors, with the bits that musl has no names for
 * (open_tree(2), move_mount(2)). */
enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000, FROM_EMPTY_PATH = 4 };

int call_clone_tree(struct stage *stage, const char *path)
{
	long result = performs(stage) ? syscall(SYS_open_tree, AT_FDCWD, path,
						TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC)
				      : 0;

	return (int)settle(
	    stage, result,
	    "open_tree(AT_FDCWD, %q, OPEN_TREE_CLONE|AT_RECURSIVE|OPEN_TREE_CLOEXEC)", path);
}

int call_move_tree(struct stage *stage, int tree, const char *path)
{
	long result = performs(stage)
			  ? syscall(SYS_move_mount, tree, "", AT_FDCWD, path, FROM_EMPTY_PATH)
			  : 0;

	return (int)settle(stage, result,
			   "move_mount(tree, \"\", AT_FDCWD, %q, MOVE_MOUNT_F_EMPTY_PATH)", path);
}

int call_enter_tree(struct stage *stage, int tree)
{
	return (int)settle(stage, performs(stage) ? fchdir(tree) : 0, "fchdir(tree)");
}
