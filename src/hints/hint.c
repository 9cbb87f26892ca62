#include "hint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "look.h"
#include "message.h"
#include "number.h"

static bool is_root(void)
{
	return geteuid() == 0;
}

/* What hides a part of /proc; the directories that are there to be mounted on are empty
 * for ever, so a mount on them hides nothing. */
static bool is_cover(const struct mount_line *mount, const char *start)
{
	return strncmp(mount->point, start, strlen(start)) == 0 &&
	       strcmp(mount->point, "/proc/sys/fs/binfmt_misc") != 0 &&
	       strcmp(mount->point, "/proc/fs/nfsd") != 0;
}

static void hint_proc(const struct plan *plan)
{
	const struct step *step = find_step(plan, UNSHARE);
	struct mount_line mount;

	if (!step || !has_namespace(step->namespaces, USER_NAMESPACE))
		return;
	if (!has_namespace(step->namespaces, PID_NAMESPACE))
		hint("a proc shows a PID namespace, and the present one is not this user "
		     "namespace's: add --pid --fork");
	else if (!find_step(plan, FORK))
		hint("a proc shows the PID namespace of whoever mounts it, and only a child is in "
		     "the new one: add --fork");
	else if (find_mount(NULL, &mount, is_cover, "/proc/"))
		hint("%s covers a part of /proc, and a new proc would uncover it, which a user "
		     "namespace may not do (mount_namespaces(7)): start the container with an "
		     "uncovered /proc, or do without --mount-proc",
		     mount.point);
}

static void hint_mount(const struct plan *plan, const struct step *step, int error)
{
	const char *type = step->mount.type;

	if (error == EPERM && type && strcmp(type, "proc") == 0)
		hint_proc(plan);
	if (error == EPERM && type && strcmp(type, "binfmt_misc") == 0)
		hint("kernels before 6.7 have one binfmt_misc for all user namespaces");
	if (error == ENODEV && type && strcmp(type, "binfmt_misc") == 0)
		hint("this kernel has no binfmt_misc: as root, modprobe binfmt_misc");
	if (error == EPERM || error == EACCES)
		(void)hint_powerless();
}

/* Linux tells by these which mount namespace may be pinned in which (ioctl_nsfs(2)). */
static bool read_age(const char *namespace, uint64_t *identifier)
{
	int file = open(namespace, O_RDONLY | O_CLOEXEC);
	/* NS_GET_MNTNS_ID of linux/nsfs.h, which a musl compiler does not see; and the two
	 * libcs differ about the type of a request. */
	bool known =
	    file >= 0 && syscall(SYS_ioctl, file, _IOR(0xb7, 5, uint64_t), identifier) == 0;

	if (file >= 0)
		close(file);
	return known;
}

static bool seems_older(const char *namespace)
{
	uint64_t its, own;

	return read_age(namespace, &its) && read_age("/proc/self/ns/mnt", &own) && its < own;
}

static void hint_pin(const struct step *step, int error)
{
	enum propagation propagation;

	if (error == EPERM && !is_root())
		hint("only root may pin a namespace to a file: the mount is made outside");
	if (error == ELOOP)
		hint("'%s' is a symbolic link: name the file that it leads to", step->pin.file);
	if (error != EINVAL)
		return;
	propagation = find_propagation(NULL, step->pin.file);
	if (propagation == MOUNT_IS_FOREIGN)
		hint("'%s' is on a mount of another mount namespace: choose a place in this one",
		     step->pin.file);
	else if (propagation == MOUNT_IS_SHARED)
		advise_private_mount(step->pin.file);
	else if (seems_older(step->pin.source))
		hint("the kernel takes the new mount namespace for older than the present one, as "
		     "Linux 6.18 does where another processor made that one: try again, or with "
		     "all on one processor (taskset(1))");
}

/* time_namespaces(7). The kernel takes a clock for at most half of what it can count. */
static void hint_offset(const char *text, const char *clock, uint64_t uptime)
{
	const uint64_t most = 4611686018;
	const char *offset = find_in_line(text, clock);
	bool negative = offset && *offset == '-';
	uint64_t seconds;

	if (!offset)
		return;
	offset += negative;
	if (!read_number_until(&offset, " ", UINT64_MAX, &seconds))
		return;
	if (negative && seconds > uptime)
		hint("no clock may become negative: the least offset is minus the uptime, -%l "
		     "(time_namespaces(7))",
		     (long long)uptime);
	if (!negative && seconds + uptime > most)
		hint("no clock may go beyond %l seconds (146 years)", (long long)most);
}

static void hint_clocks(const char *text)
{
	struct sysinfo system;

	if (sysinfo(&system) < 0)
		return;
	hint_offset(text, "monotonic ", (uint64_t)system.uptime);
	hint_offset(text, "boottime ", (uint64_t)system.uptime);
}

static void hint_write(const struct step *step, int error)
{
	const char *name = strrchr(step->write.path, '/');

	hint("the file was %s", step->write.path);
	if (error == ERANGE && strcmp(name, "/timens_offsets") == 0)
		hint_clocks(step->write.text);
	if (error != EPERM && error != EACCES)
		return;
	if (error == EPERM && strcmp(name, "/gid_map") == 0 &&
	    file_says("/proc/self/setgroups", "allow"))
		hint("/proc/self/setgroups still says allow: an unprivileged group map needs it to "
		     "say deny first (user_namespaces(7))");
	(void)hint_powerless();
}

static void hint_groups(int error)
{
	if (error == EPERM && file_says("/proc/self/setgroups", "deny"))
		hint("a user namespace in which just one group is mapped may not drop groups "
		     "(user_namespaces(7)): map ranges with --map-groups or --map-auto, or leave "
		     "out --setgid");
}

void hint_mapper(const char *name)
{
	char path[PATH_MAX];
	char status[4096];
	struct statvfs mount;
	struct stat file;

	if (is_root() || !find_in_path(name, environ, is_executable, path) || stat(path, &file) < 0)
		return;
	if (!(file.st_mode & S_ISUID) && getxattr(path, "security.capability", NULL, 0) < 0)
		hint("%s is not set-user-ID, so it has no power to map ids. As root: chmod u+s %s",
		     path, path);
	else if (statvfs(path, &mount) == 0 && mount.f_flag & ST_NOSUID)
		hint("%s is on a mount with the option nosuid, so it has no power to map ids",
		     path);
	else if (read_start("/proc/self/status", status, sizeof(status)) &&
		 find_in_line(status, "NoNewPrivs:\t1"))
		hint("no_new_privs is set (NoNewPrivs: 1 in /proc/self/status), as in many "
		     "containers, so %s has no power to map ids",
		     path);
}

static bool is_initramfs(const struct mount_line *mount, const char *root)
{
	return strcmp(mount->point, root) == 0 && strcmp(mount->type, "rootfs") == 0;
}

static void hint_pivot(int error)
{
	struct mount_line mount;

	if (error == EINVAL && find_mount(NULL, &mount, is_initramfs, "/"))
		hint("the root is the initramfs, on which all is mounted and which nothing can "
		     "replace (pivot_root(2)): use --root");
}

void hint_failure(const struct plan *plan, const struct step *step, int error)
{
	if (step->operation == WRITE_FILE || step->operation == ENTER_TIME ||
	    step->operation == GUARD_PINS || step->operation == PIN)
		(void)advise_proc(error);
	switch (step->operation) {
	case UNSHARE:
		hint_unshare(step->namespaces, error);
		break;
	case START_HELPER:
	case GUARD_PINS:
	case FORK:
	case START_PROGRAM:
	case RUN_MAPPERS:
		hint_fork(error);
		break;
	case WRITE_FILE:
		hint_write(step, error);
		break;
	case MOUNT:
		hint_mount(plan, step, error);
		break;
	case PIVOT_ROOT:
		hint_pivot(error);
		break;
	case PIN:
		hint_pin(step, error);
		break;
	case DROP_GROUPS:
		hint_groups(error);
		break;
	case EXECUTE:
		hint_program(plan, step, error);
		break;
	default:
		break;
	}
}
