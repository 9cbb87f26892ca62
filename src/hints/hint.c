#include "hint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"

/* What hides a part of /proc. The two directories made to be mounted on are empty for ever. */
static bool is_cover(const char *point)
{
	return strncmp(point, "/proc/", 6) == 0 && strcmp(point, "/proc/sys/fs/binfmt_misc") != 0 &&
	       strcmp(point, "/proc/fs/nfsd") != 0;
}

static bool hint_proc(const struct plan *plan)
{
	const struct step *step = find_step(plan, UNSHARE);
	struct record line;
	const char *cover;

	if (!step || !has_namespace(step->namespaces, USER_NAMESPACE))
		return false;
	if (!has_namespace(step->namespaces, PID_NAMESPACE))
		return hint("a proc shows a PID namespace, and the present one is not this user "
			    "namespace's: add --pid --fork");
	if (!find_step(plan, FORK))
		return hint("a proc shows the PID namespace of whoever mounts it, and only a child "
			    "is in the new one: add --fork");
	cover = find_mount(&line, is_cover);
	return cover &&
	       hint("%s covers a part of /proc, which a new proc would uncover "
		    "(mount_namespaces(7)): start the container with an uncovered /proc, or do "
		    "without --mount-proc",
		    cover);
}

static bool hint_mount(const struct plan *plan, const struct step *step, int error)
{
	const char *type = step->mount.type ? step->mount.type : "";
	bool binfmt = strcmp(type, "binfmt_misc") == 0;
	struct record line;

	if (error == EPERM && strcmp(type, "proc") == 0 && hint_proc(plan))
		return true;
	/* Only the root of a mount has a propagation (mount_namespaces(7)): where no proc tells of
	 * mounts, this error does. */
	if (error == EINVAL && !*type && is_root(step->mount.target) && !find_mount(&line, is_root))
		return hint("the root of this chroot is no mount: before the chroot, mount --bind "
			    "its directory on itself%s",
			    find_step(plan, PIVOT_ROOT) ? "" : ", or add --propagation unchanged");
	if (error == EPERM && binfmt && is_before("6.7"))
		return hint("kernels before 6.7 have one binfmt_misc for all user namespaces");
	if (error == ENODEV && binfmt)
		return hint("this kernel has no binfmt_misc: as root, modprobe binfmt_misc");
	return error == EACCES && (hint_closed_directory(step->mount.source) ||
				   hint_closed_directory(step->mount.target));
}

/* By these numbers Linux decides which mount namespace may be pinned in which (ioctl_nsfs(2)).
 * Returns 0 where it tells none. */
static uint64_t read_age(const char *namespace)
{
	int file = open(namespace, O_RDONLY | O_CLOEXEC);
	uint64_t identifier = 0;

	/* NS_GET_MNTNS_ID of linux/nsfs.h, which a musl compiler does not see; and the two
	 * libcs differ about the type of a request. */
	(void)syscall(SYS_ioctl, file, _IOR(0xb7, 5, uint64_t), &identifier);
	close_keeping_errno(file);
	return identifier;
}

/* For the helper, whose parent is the launcher. */
static bool launchers_seems_older(void)
{
	char path[32];
	uint64_t its = read_age(print_into(path, sizeof(path), "/proc/%d/ns/mnt", getppid()));

	return its && its < read_age("/proc/self/ns/mnt");
}

static bool hint_pin(const struct step *step, int error)
{
	const char *file = step->pin.file;
	enum propagation propagation =
	    error == EINVAL ? find_propagation(NULL, file) : MOUNT_IS_PRIVATE;
	struct stat place;

	if (error == EPERM && geteuid() != 0)
		return hint("only root may pin a namespace to a file: the mount is made outside");
	if (error == ELOOP && lstat(file, &place) == 0 && S_ISLNK(place.st_mode))
		return hint("'%s' is a symbolic link: name the file that it leads to", file);
	if (error == ENOENT && step->pin.type == PID_NAMESPACE && is_before("4.12"))
		return hint("Linux 4.12 and later can pin a PID namespace");
	if (propagation == MOUNT_IS_FOREIGN)
		return hint("'%s' is on a mount of another mount namespace: choose a place in this "
			    "one",
			    file);
	if (propagation == MOUNT_IS_SHARED)
		return advise_private_mount(file);
	return (error == EINVAL || error == ELOOP) && step->pin.type == MOUNT_NAMESPACE &&
	       launchers_seems_older() &&
	       hint("the kernel takes the new mount namespace for the older one, as 6.18 does "
		    "where another processor made the present one: try again, or on one processor "
		    "(taskset(1))");
}

/* binfmt_misc in the kernel's admin guide. */
static bool hint_format_line(const char *line)
{
	const char *type = strchr(line + 1, *line);
	unsigned separators = 0;

	for (const char *character = line; *character; character++)
		separators += *character == *line;
	return (separators != 7 || (type[1] != 'M' && type[1] != 'E') || type[2] != *line) &&
	       hint("binfmt_misc takes ':NAME:M:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS' or "
		    "':NAME:E::EXTENSION::INTERPRETER:FLAGS'");
}

static bool hint_pivot(int error)
{
	struct record line;
	const char *root = error == EINVAL ? find_mount(&line, is_root) : NULL;

	return root && strstr(root + sizeof("/"), " - rootfs ") &&
	       hint("the root is the initramfs, which nothing can replace before Linux 7.0 "
		    "(pivot_root(2)): use --root");
}

/* The number that follows start in a line of the file. */
static uint64_t read_field(const char *path, const char *start, uint64_t otherwise)
{
	struct record line;
	const char *field = find_line(NULL, path, start, &line);
	uint64_t number;

	return field && read_number(field, UINT32_MAX, &number) ? number : otherwise;
}

/* /proc shows all users who are not mapped here as the same one (user_namespaces(7)), but only
 * one's own processes take a signal. */
static uint64_t count_threads(const char *process, const char *owner)
{
	char path[32];
	struct record line;
	uint64_t pid;

	if (!read_number(process, INT_MAX, &pid) || kill((pid_t)pid, 0) < 0)
		return 0;
	print_into(path, sizeof(path), "/proc/%s/status", process);
	return find_line(NULL, path, owner, &line) ? read_field(path, "Threads:\t", 0) : 0;
}

/* Counts threads too (getrlimit(2)). readdir(3) would bring in the allocator. */
static uint64_t count_tasks(void)
{
	int processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent) char entries[1024];
	char owner[24];
	const struct dirent *entry;
	uint64_t count = 0;
	long length;

	print_into(owner, sizeof(owner), "Uid:\t%u\t", getuid());
	while ((length = syscall(SYS_getdents64, processes, entries, sizeof(entries))) > 0) {
		for (long next = 0; next < length; next += entry->d_reclen) {
			entry = (const void *)(entries + next);
			count += count_threads(entry->d_name, owner);
		}
	}
	close_keeping_errno(processes);
	return count;
}

static uint64_t read_count(const char *cgroup, const char *name, uint64_t otherwise)
{
	char path[PATH_MAX];

	print_into(path, sizeof(path), "%r/%s", cgroup, strlen(cgroup), name);
	return read_field(path, "", otherwise);
}

/* The cgroup's path ends a line of /proc/self/cgroup. A limit holds for all below, too. */
static bool hint_full_cgroup(const char *mount, const char *cgroup)
{
	char path[PATH_MAX];

	print_into(path, sizeof(path), "%s%r", mount, cgroup, strcspn(cgroup, "\n"));
	for (; strlen(path) >= strlen(mount); *strrchr(path, '/') = '\0') {
		uint64_t count = read_count(path, "pids.current", 0);
		uint64_t most = read_count(path, "pids.max", UINT64_MAX);

		if (count >= most)
			return hint("the cgroup %s has %l processes and threads, and may have %l "
				    "(pids.max): end some, or raise the limit",
				    path, (long long)count, (long long)most);
	}
	return false;
}

/* Where cgroups(7) are usually mounted, version 1 and version 2. */
static bool hint_cgroup(void)
{
	char cgroups[4096] = "";
	bool known = read_start("/proc/self/cgroup", cgroups, sizeof(cgroups)) > 0;
	const char *first = strstr(cgroups, ":pids:"), *second = strstr(cgroups, "0::");

	return known && ((first && hint_full_cgroup("/sys/fs/cgroup/pids", first + 6)) ||
			 (second && hint_full_cgroup("/sys/fs/cgroup", second + 3)));
}

static bool hint_user_limit(void)
{
	struct rlimit limit;
	uint64_t count = count_tasks();

	return getrlimit(RLIMIT_NPROC, &limit) == 0 && count >= limit.rlim_cur &&
	       hint("user %u has %l processes and threads, and may have %l here: end some, or "
		    "raise the limit (ulimit -u)",
		    (unsigned)getauxval(AT_UID), (long long)count, (long long)limit.rlim_cur);
}

/* AppArmor and SELinux answer EACCES, and show what they take a process for. Only AppArmor's
 * labels end with a mode in brackets. What is unconfined, by any name, is denied nothing. */
static bool hint_label(void)
{
	struct record line;
	const char *label = find_line(NULL, "/proc/self/attr/current", "", &line);

	return label && *label && !strstr(label, "unconfined") &&
	       hint("%s takes this process for '%s' (/proc/self/attr/current): its policy must "
		    "allow this",
		    strchr(label, '(') ? "AppArmor" : "SELinux", label);
}

/* For steps that take no path, or one whose directories may be entered. */
static bool hint_policy(int error)
{
	return error == EACCES && (hint_powerless() || hint_label());
}

static bool hint_step(const struct plan *plan, const struct step *step, int error)
{
	switch (step->operation) {
	case UNSHARE:
		return hint_unshare(step->namespaces, error) || hint_policy(error);
	case START_HELPER:
	case GUARD_PINS:
	case WATCH_PINS:
	case FORK:
	case START_PROGRAM:
	case RUN_MAPPERS:
		return advise_proc(error) ||
		       (error == EAGAIN && (hint_cgroup() || hint_user_limit()));
	case WRITE_FILE:
		return advise_proc(error) || hint_write(step, error) || hint_policy(error);
	case REGISTER_FORMAT:
		return error == EINVAL && hint_format_line(step->write.text);
	case MOUNT:
		return hint_mount(plan, step, error) || hint_policy(error);
	case PIVOT_ROOT:
		return hint_pivot(error) || hint_policy(error);
	case CHANGE_ROOT:
	case CHANGE_DIRECTORY:
		return advise_equals(step->directory) ||
		       (error == EACCES && hint_closed_directory(step->directory)) ||
		       (error == EPERM && step->operation == CHANGE_ROOT &&
			hint_lack(CAP_SYS_CHROOT, "CAP_SYS_CHROOT"));
	case PIN:
		return advise_proc(error) || hint_pin(step, error) || hint_policy(error);
	case ENTER_TIME:
	case HIDE_MOUNTS:
	case DETACH_OLD_ROOT:
		return hint_policy(error);
	case DROP_GROUPS:
	case SET_GROUP:
	case SET_USER:
		return hint_ids(plan, step, error);
	case EXECUTE:
		return hint_program(plan, step, error);
	default:
		return false;
	}
}

bool hint_failure(const struct plan *plan, const struct step *step, int error)
{
	return hint_step(plan, step, error) || (error == EPERM && hint_powerless());
}

void give_notes(const struct request *request, const struct facts *facts)
{
	if (has_namespace(facts->namespaces, PID_NAMESPACE) && !request->fork)
		note("without --fork the program itself stays outside the new PID namespace; its "
		     "first child is PID 1, and once that ends every fork fails with \"Cannot "
		     "allocate memory\"");
	if (request->keep_capabilities && !has_namespace(facts->namespaces, USER_NAMESPACE))
		note("--keep-caps does nothing without a new user namespace: add --user or -r");
	if (facts->pinned)
		note("a namespace is pinned to '%s' already, and the new pin hides it: "
		     "nsenter(1) enters it, umount(8) ends it",
		     facts->pinned);
	if (facts->root_is_given_away)
		note("root is mapped into a namespace that user %u owns, who can become root there "
		     "and write to all files of root's: map other ids with --map-users",
		     request->owner_user);
}
