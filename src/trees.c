#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage.h"

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
