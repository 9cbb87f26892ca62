#include "hint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "look.h"
#include "message.h"
#include "program.h"

void hint_subordinate_ids(const char *path, const char *login, uint32_t user)
{
	const char *what = strcmp(path, "/etc/subuid") == 0 ? "uids" : "gids";

	if (login)
		hint("give %s some, as root: usermod --add-sub%s 100000-165535 %s", login, what,
		     login);
	else
		hint("add a line to %s, as root: %u:100000:65536", path, user);
}

void hint_private_mount(const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t length = slash && slash > file ? (size_t)(slash - file) : slash != NULL;
	const char *directory = slash ? file : ".";

	if (!slash)
		length = 1;
	hint("make its directory a private mount first:");
	hint("  mount --bind %r %r", directory, length, directory, length);
	hint("  mount --make-private %r", directory, length);
}

static bool is_root(void)
{
	return geteuid() == 0;
}

static bool wants(const struct step *step, enum namespace_type type)
{
	return step->namespaces & namespace_types[type].flag;
}

static bool is_under_seccomp(void)
{
	char status[4096];

	return read_start("/proc/self/status", status, sizeof(status)) &&
	       find_in_line(status, "Seccomp:\t2");
}

static bool is_at(const struct mount_line *mount, const char *point)
{
	return strcmp(mount->point, point) == 0;
}

static bool is_below(const struct mount_line *mount, const char *start)
{
	return strncmp(mount->point, start, strlen(start)) == 0;
}

/* mountinfo shows mounts as seen from the root: a root that is no mount is a chroot. */
static bool is_in_chroot(void)
{
	struct mount_line mount;

	return access("/proc/self/mountinfo", R_OK) == 0 && !find_mount(&mount, is_at, "/");
}

/* Ubuntu's switch lets the namespace be made, but gives no power in it. */
static bool is_restricted_by_apparmor(void)
{
	return file_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
}

static void hint_apparmor(void)
{
	hint("kernel.apparmor_restrict_unprivileged_userns is 1: new user namespaces have no "
	     "power here. As root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or "
	     "an AppArmor profile for nsrun with the rule 'userns,'");
}

static void hint_permission_to_unshare(const struct step *step)
{
	bool user = wants(step, USER_NAMESPACE);

	if (is_under_seccomp())
		hint("a seccomp filter is in force (Seccomp: 2 in /proc/self/status), as in many "
		     "containers, and may forbid unshare(2): the container must be started with "
		     "another profile");
	if (!user && !is_root())
		hint("only root may do this in the present user namespace: add -r to be root in a "
		     "new one, or use sudo");
	if (user && file_says("/proc/sys/kernel/unprivileged_userns_clone", "0"))
		hint("kernel.unprivileged_userns_clone is 0. As root: sysctl -w "
		     "kernel.unprivileged_userns_clone=1");
	if (user && is_in_chroot())
		hint("this process is in a chroot, where no user namespace can be made "
		     "(unshare(2)): enter the root with pivot_root(2) instead, as nsrun "
		     "--pivot-root does");
	if (user && is_restricted_by_apparmor())
		hint_apparmor();
}

/* The limit of a type as /proc/sys/user has it. Returns false where it has none. */
static bool read_limit(unsigned type, char *limit, size_t size)
{
	char path[64] = "/proc/sys/user/";

	strcat(path, namespace_types[type].limit);
	if (!read_start(path, limit, size))
		return false;
	limit[strcspn(limit, "\n")] = '\0';
	return true;
}

static bool hint_zero_limits(const struct step *step)
{
	bool any = false;
	char limit[32];

	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (!wants(step, i) || !read_limit(i, limit, sizeof(limit)) ||
		    strcmp(limit, "0") != 0)
			continue;
		hint("user.%s is 0. As root: sysctl -w user.%s=10000", namespace_types[i].limit,
		     namespace_types[i].limit);
		any = true;
	}
	return any;
}

static void hint_limits(const struct step *step)
{
	char limit[32];

	if (hint_zero_limits(step))
		return;
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (!wants(step, i) || !read_limit(i, limit, sizeof(limit)))
			continue;
		if (i == USER_NAMESPACE || i == PID_NAMESPACE)
			hint(
			    "%s namespaces may be nested 32 levels deep, and user.%s is %s: one of "
			    "the two is reached, here or in an outer namespace",
			    namespace_types[i].name, namespace_types[i].limit, limit);
		else
			hint("user.%s is %s: as many exist, here or in an outer user namespace",
			     namespace_types[i].limit, limit);
	}
}

static void hint_missing_types(const struct step *step)
{
	unsigned long offered = offered_namespaces();

	for (unsigned i = 0; offered && i < NAMESPACE_TYPES; i++) {
		if (wants(step, i) && !(offered & namespace_types[i].flag))
			hint("this kernel has no %s namespaces", namespace_types[i].name);
	}
}

static void hint_unshare(const struct step *step, int error)
{
	if (error == EPERM)
		hint_permission_to_unshare(step);
	if (error == ENOSPC || error == EUSERS)
		hint_limits(step);
	if (error == EINVAL)
		hint_missing_types(step);
}

static const struct step *find_step(const struct plan *plan, enum operation operation)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].operation == operation)
			return &plan->steps[i];
	}
	return NULL;
}

static void hint_proc(const struct plan *plan)
{
	const struct step *step = find_step(plan, UNSHARE);
	struct mount_line mount;

	if (step && wants(step, USER_NAMESPACE) && !wants(step, PID_NAMESPACE))
		hint("a proc shows a PID namespace, and the present one is not this user "
		     "namespace's: add --pid --fork");
	else if (find_mount(&mount, is_below, "/proc/"))
		hint("%s covers a part of /proc, and a new proc would uncover it, which a user "
		     "namespace may not do (mount_namespaces(7)): start the container with an "
		     "uncovered /proc, or do without --mount-proc",
		     mount.point);
}

static void hint_mount(const struct plan *plan, const struct step *step, int error)
{
	const char *type = step->mount.type;

	if ((error == EPERM || error == EACCES) && !is_root() && !find_step(plan, UNSHARE))
		hint("only root may mount: add -r to be root in a new user namespace, or use sudo");
	if (error == EPERM && type && strcmp(type, "proc") == 0)
		hint_proc(plan);
	if (error == EPERM && type && strcmp(type, "binfmt_misc") == 0)
		hint("kernels before 6.7 have one binfmt_misc for all user namespaces");
	if (error == ENODEV && type && strcmp(type, "binfmt_misc") == 0)
		hint("this kernel has no binfmt_misc: as root, modprobe binfmt_misc");
	if ((error == EPERM || error == EACCES) && is_restricted_by_apparmor())
		hint_apparmor();
}

static void hint_pin(const struct step *step, int error)
{
	enum place place;

	if (error == EPERM && !is_root())
		hint("only root may pin a namespace to a file: the mount is made outside");
	if (error != EINVAL)
		return;
	place = find_place(step->mount.target);
	if (place == PLACE_FOREIGN)
		hint("'%s' is on a mount of another mount namespace: choose a place in this one",
		     step->mount.target);
	if (place == PLACE_SHARED)
		hint_private_mount(step->mount.target);
}

static void hint_write(const struct step *step, int error)
{
	const char *name = strrchr(step->write.path, '/');

	hint("the file was %s", step->write.path);
	if (error == ERANGE && strcmp(name, "/timens_offsets") == 0)
		hint("no clock may become negative: the least offset is minus the uptime "
		     "(time_namespaces(7))");
	if (error != EPERM && error != EACCES)
		return;
	if (error == EPERM && strcmp(name, "/gid_map") == 0 &&
	    file_says("/proc/self/setgroups", "allow"))
		hint("/proc/self/setgroups still says allow: an unprivileged group map needs it to "
		     "say deny first (user_namespaces(7))");
	if (is_restricted_by_apparmor())
		hint_apparmor();
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
	const char *place =
	    strcmp(name, "newuidmap") == 0 ? "/usr/bin/newuidmap" : "/usr/bin/newgidmap";
	struct stat file;

	if (stat(place, &file) == 0 && !(file.st_mode & S_ISUID) &&
	    getxattr(place, "security.capability", NULL, 0) < 0)
		hint("%s is not set-user-ID, so it has no power to map ids. As root: chmod u+s %s",
		     place, place);
}

void hint_failure(const struct plan *plan, const struct step *step, int error)
{
	switch (step->operation) {
	case UNSHARE:
		hint_unshare(step, error);
		break;
	case WRITE_FILE:
		hint_write(step, error);
		break;
	case MOUNT:
		hint_mount(plan, step, error);
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
