#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hint.h"
#include "message.h"

/* Whoever started as root is not bound by the switches for unprivileged users; in a new
 * user namespace the present id no longer tells. */
static bool started_as_root(void)
{
	return getauxval(AT_EUID) == 0;
}

/* What a child finds when it tries: it may change its namespaces as it likes. It ends without a
 * signal, so that it can be awaited even if the caller ignores SIGCHLD (wait(2)). */
static bool child_finds(bool (*finds)(unsigned long namespaces), unsigned long namespaces)
{
	pid_t child = (pid_t)syscall(SYS_clone, 0UL, NULL, NULL, NULL, NULL);
	int status = 0;

	if (child == 0)
		_exit(finds(namespaces));
	while (child > 0 && waitpid(child, &status, __WALL) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* The kernel refuses a bit that it does not know, as 1 is, before it looks at anything else; a
 * filter that forbids the call does not let it come so far. */
static bool hint_filter(unsigned long namespaces)
{
	return file_says("/proc/self/status", "Seccomp:\t2") && unshare((int)namespaces | 1) < 0 &&
	       errno != EINVAL &&
	       hint("a seccomp filter is in force (Seccomp: 2 in /proc/self/status), as in many "
		    "containers, and forbids this: the container must be started with another "
		    "profile");
}

/* mountinfo shows mounts as seen from the root. */
bool is_root(const char *point)
{
	return strcmp(point, "/") == 0;
}

/* Joining a mount namespace, be it the present one, leads to its root (setns(2)). Without a proc,
 * as in most chroots, a pidfd stands for it since Linux 5.8. */
static bool root_is_elsewhere(unsigned long namespaces)
{
	struct stat before, after;
	int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (mounts < 0)
		mounts = (int)syscall(SYS_pidfd_open, getpid(), 0);
	return stat("/", &before) == 0 && setns(mounts, (int)namespaces) == 0 &&
	       stat("/", &after) == 0 &&
	       (before.st_dev != after.st_dev || before.st_ino != after.st_ino);
}

bool hint_powerless(void)
{
	/* Ubuntu's switch lets the namespace be made, but gives no power in it. */
	return !started_as_root() &&
	       file_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") &&
	       hint("kernel.apparmor_restrict_unprivileged_userns is 1: new user namespaces have "
		    "no power here. As root: sysctl -w "
		    "kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for "
		    "nsrun with the rule 'userns,'");
}

bool hint_lack(enum capability capability, const char *name)
{
	return !has_capability(capability) &&
	       hint(geteuid() != 0
			? "only root may do this in the present user namespace: add -r to be root "
			  "in a new one, or use sudo"
			: "root lacks %s in the present user namespace, as in many containers: add "
			  "-r to be root in a new one",
		    name);
}

static bool hint_user_namespace(void)
{
	struct id_range range;
	struct record line;

	if (!started_as_root() && file_says("/proc/sys/kernel/unprivileged_userns_clone", "0"))
		return hint("kernel.unprivileged_userns_clone is 0. As root: sysctl -w "
			    "kernel.unprivileged_userns_clone=1");
	/* A root that is no mount is a chroot. For one that is a mount, a privileged look tells. */
	if ((access("/proc/self/mountinfo", R_OK) == 0 && !find_mount(&line, is_root)) ||
	    child_finds(root_is_elsewhere, CLONE_NEWNS))
		return hint("this process is in a chroot, where no user namespace can be made "
			    "(unshare(2)): enter the root with pivot_root(2) instead, as nsrun "
			    "--pivot-root does");
	return (!find_range("/proc/self/uid_map", geteuid(), &range) ||
		!find_range("/proc/self/gid_map", getegid(), &range)) &&
	       hint("this user or group is not mapped in the present user namespace, and so may "
		    "not make another: map it there, as nsrun -r does");
}

static bool is_refused(unsigned long namespaces)
{
	return unshare((int)namespaces) < 0 && (errno == ENOSPC || errno == EUSERS);
}

static bool hint_limit(unsigned type)
{
	struct record limit;
	char path[64];
	const char *name = path + strlen("/proc/sys/user/");

	print_into(path, sizeof(path), "/proc/sys/user/max_%s_namespaces",
		   namespace_types[type].link);
	if (!find_line(NULL, path, "", &limit))
		return false;
	if (strcmp(limit.line, "0") == 0)
		return hint("user.%s is 0. As root: sysctl -w user.%s=10000", name, name);
	if (type == USER_NAMESPACE || type == PID_NAMESPACE)
		return hint("%s namespaces may be nested 32 levels deep, and user.%s is %s: one of "
			    "the two is reached, here or in an outer namespace",
			    namespace_types[type].name, name, limit.line);
	return hint("user.%s is %s: as many exist, here or in an outer user namespace", name,
		    limit.line);
}

/* Tries each type alone; in the new user namespace, if there is one. */
static bool hint_limits(unsigned long namespaces)
{
	unsigned long user = namespaces & namespace_types[USER_NAMESPACE].bit;

	if (user && child_finds(is_refused, user))
		return hint_limit(USER_NAMESPACE);
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (has_namespace(namespaces, i) &&
		    child_finds(is_refused, user | namespace_types[i].bit) && hint_limit(i))
			return true;
	}
	return false;
}

static bool hint_missing_types(unsigned long namespaces)
{
	unsigned long offered = offered_namespaces(NULL);

	for (unsigned i = 0; offered && i < NAMESPACE_TYPES; i++) {
		if (has_namespace(namespaces, i) && !has_namespace(offered, i))
			return hint("this kernel has no %s namespaces%s", namespace_types[i].name,
				    i == TIME_NAMESPACE ? ": Linux 5.6 and later can have them"
							: "");
	}
	return false;
}

bool hint_unshare(unsigned long namespaces, int error)
{
	if (hint_filter(namespaces))
		return true;
	if (error == EPERM && has_namespace(namespaces, USER_NAMESPACE))
		return hint_user_namespace();
	if (error == EPERM)
		return hint_lack(CAP_SYS_ADMIN, "CAP_SYS_ADMIN");
	if (error == ENOSPC || error == EUSERS)
		return hint_limits(namespaces);
	return error == EINVAL && hint_missing_types(namespaces);
}
