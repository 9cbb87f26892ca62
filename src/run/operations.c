#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"

static int unshare_namespaces(struct stage *stage)
{
	return MAKE_CALL(stage, unshare((int)stage->step->namespaces), "unshare(%N)",
			 stage->step->namespaces);
}

/* The next three go past libc: its functions would change the ids of every thread, which a
 * child that shares its parent's memory may not do. Some 32-bit machines have older calls
 * of these names, which take ids of 16 bits (setuid(2)). */
#ifdef SYS_setuid32
enum { SET_GROUPS = SYS_setgroups32, SET_GID = SYS_setgid32, SET_UID = SYS_setuid32 };
#else
enum { SET_GROUPS = SYS_setgroups, SET_GID = SYS_setgid, SET_UID = SYS_setuid };
#endif

static int drop_groups(struct stage *stage)
{
	return MAKE_CALL(stage, syscall(SET_GROUPS, 0, NULL), "setgroups(0, NULL)");
}

static int set_group(struct stage *stage)
{
	return MAKE_CALL(stage, syscall(SET_GID, stage->step->id), "setgid(%u)", stage->step->id);
}

static int set_user(struct stage *stage)
{
	return MAKE_CALL(stage, syscall(SET_UID, stage->step->id), "setuid(%u)", stage->step->id);
}

static int keep_capabilities(struct stage *stage)
{
	/* As in linux/capability.h, which a musl compiler does not see (capget(2)). */
	enum { VERSION_3 = 0x20080522, WORDS = 2 };
	uint32_t header[] = {VERSION_3, 0};
	struct {
		uint32_t effective, permitted, inheritable;
	} sets[WORDS] = {{0}};

	if (MAKE_CALL(stage, syscall(SYS_capget, header, sets), "capget(&header, &sets)") < 0)
		return -1;
	/* An ambient capability must be inheritable as well as permitted. */
	for (unsigned i = 0; i < WORDS; i++)
		sets[i].inheritable = sets[i].permitted;
	if (MAKE_CALL(stage, syscall(SYS_capset, header, sets), "capset(&header, &sets)") < 0)
		return -1;
	for (unsigned long i = 0; i < WORDS * 32UL; i++) {
		bool permitted = sets[i / 32].permitted >> (i % 32) & 1;

		/* A process that makes a user namespace has all capabilities in it that the kernel
		 * knows: those are what an explanation goes by. */
		if (!performs(stage) && !stage->step->lost_capabilities)
			permitted = prctl(PR_CAPBSET_READ, i, 0UL, 0UL, 0UL) >= 0;
		if (permitted &&
		    MAKE_CALL(stage, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0UL, 0UL),
			      "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, %u, 0, 0)",
			      (unsigned)i) < 0)
			return -1;
	}
	return 0;
}

/* The files of /proc take what is written in one piece or not at all (proc(5)), so that a short
 * write is a failure. What they refuse they refuse at write(2), so close(2) is not checked. */
static int write_to(struct stage *stage, const char *path, const char *text)
{
	const bool helps = stage->actor == HELPER;
	const int directory = helps ? stage->launcher_proc : AT_FDCWD;
	size_t length = strlen(text);
	ssize_t result;
	int file;

	/* Below the launcher's directory: /proc may show another number than getpid(2). */
	if (helps)
		path += strlen("/proc/self/");
	file = MAKE_CALL(stage, keep_off_standard(openat(directory, path, O_WRONLY | O_CLOEXEC)),
			 helps ? "openat(launcher, %q, O_WRONLY|O_CLOEXEC)"
			       : "open(%q, O_WRONLY|O_CLOEXEC)",
			 path);
	if (file < 0)
		return -1;
	result = performs(stage) ? write(file, text, length) : (ssize_t)length;
	if (result >= 0 && (size_t)result < length) {
		errno = EIO;
		result = -1;
	}
	result = settle(stage, result, "write(file, %q, %l)", text, (long long)length);
	if (result < 0)
		hint("the file was %s", path);
	return close_after(stage, file, (int)result);
}

static int write_file(struct stage *stage)
{
	return write_to(stage, stage->step->write.path, stage->step->write.text);
}

static int register_format(struct stage *stage)
{
	const struct write_arguments *asked = &stage->step->write;
	char path[PATH_MAX]; /* for which read_binfmt() has left room */

	print_into(path, sizeof(path), "%r/register", asked->path, strlen(asked->path));
	return write_to(stage, path, asked->text);
}

__attribute__((cold)) static int enter_time(struct stage *stage)
{
	const char *path = "/proc/self/ns/time_for_children";
	const char *call = "open(%q, O_RDONLY|O_CLOEXEC)";
	int file = performs(stage) ? keep_off_standard(open(path, O_RDONLY | O_CLOEXEC)) : 0;

	/* Where no proc is mounted, only the exec enters. */
	if (file < 0 && errno == ENOENT) {
		(void)tell_call(stage, file, call, path);
		return 0;
	}
	if (settle(stage, file, call, path) < 0)
		return -1;
	return close_after(stage, file,
			   MAKE_CALL(stage, setns(file, (int)namespace_types[TIME_NAMESPACE].bit),
				     "setns(file, CLONE_NEWTIME)"));
}

static int mount_file_system(struct stage *stage)
{
	const struct mount_arguments *asked = &stage->step->mount;

	return MAKE_CALL(
	    stage, mount(asked->source, asked->target, asked->type, asked->flags, NULL),
	    "mount(%q, %q, %q, %M, NULL)", asked->source, asked->target, asked->type, asked->flags);
}

/* mount(2) changes a mount only by its root: that is the directory, or is found above it. What lies
 * above the root of a chroot(2) has been hidden before the chroot. */
__attribute__((cold)) static int hide_mounts(struct stage *stage)
{
	const struct step *step = stage->step;
	char path[PATH_MAX + 8]; /* more than the kernel takes, which says so */
	struct text place = text_in(path, sizeof(path));
	const struct step *chroot_step = find_step(stage->plan, CHANGE_ROOT);
	struct stat here = {0}, below;
	int result;

	text_add(&place, step->directory);
	do {
		text_end(&place);
		result = MAKE_CALL(stage, mount("none", path, NULL, MS_SLAVE, NULL),
				   "mount(\"none\", %q, NULL, MS_SLAVE, NULL)", path);
		if (result == 0 || errno != EINVAL)
			return result;
		text_add(&place, "/..");
		below = here;
		if (settle(stage, stat(text_end(&place), &here), "stat(%q, &here)", path) < 0)
			return -1;
	} while (here.st_dev != below.st_dev || here.st_ino != below.st_ino);
	if (chroot_step && chroot_step < step)
		return 0;
	errno = EXDEV;
	return complain("cannot hide what is mounted on '%s': its mount is outside of this chroot",
			step->directory);
}

static int change_root(struct stage *stage)
{
	return MAKE_CALL(stage, chroot(stage->step->directory), "chroot(%q)",
			 stage->step->directory);
}

static int change_directory(struct stage *stage)
{
	return MAKE_CALL(stage, chdir(stage->step->directory), "chdir(%q)", stage->step->directory);
}

/* With "." twice the old root ends up on top of the new one, and needs no place to hang from. */
static int pivot_root(struct stage *stage)
{
	return MAKE_CALL(stage, syscall(SYS_pivot_root, ".", "."), "pivot_root(\".\", \".\")");
}

/* The old root lies on top of the new one: "/" is what is on top. */
static int detach_old_root(struct stage *stage)
{
	return MAKE_CALL(stage, umount2("/", MNT_DETACH), "umount2(\"/\", MNT_DETACH)");
}

static int set_hostname(struct stage *stage)
{
	size_t length = strlen(stage->step->hostname);

	return MAKE_CALL(stage, sethostname(stage->step->hostname, length), "sethostname(%q, %l)",
			 stage->step->hostname, (long long)length);
}

static int raise_loopback(struct stage *stage)
{
	struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int file = MAKE_CALL(stage, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
			     "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)");

	if (file < 0)
		return -1;
	return close_after(stage, file,
			   MAKE_CALL(stage, ioctl(file, SIOCSIFFLAGS, &interface),
				     "ioctl(socket, SIOCSIFFLAGS, {\"lo\", IFF_UP})"));
}

const struct operation_row operations[OPERATIONS] = {
    [READ_FACTS] = {"read", NULL, NOT_VFORK_SAFE},
    [RESET_CHILD_SIGNAL] = {"default SIGCHLD", reset_child_signal, NOT_VFORK_SAFE},
    [START_HELPER] = {"start helper", NULL, NOT_VFORK_SAFE},
    [PASS_BATON] = {"tell", pass_the_baton, VFORK_SAFE},
    [AWAIT_BATON] = {"await", await_baton, VFORK_SAFE},
    [DROP_GROUPS] = {"drop groups", drop_groups, VFORK_SAFE},
    [SET_GROUP] = {"set group", set_group, VFORK_SAFE},
    [SET_USER] = {"set user", set_user, VFORK_SAFE},
    [UNSHARE] = {"unshare", unshare_namespaces, NOT_VFORK_SAFE},
    [WRITE_FILE] = {"write", write_file, VFORK_SAFE},
    [ENTER_TIME] = {"enter time namespace", enter_time, NOT_VFORK_SAFE},
    [REGISTER_FORMAT] = {"register format", register_format, VFORK_SAFE},
    [RUN_MAPPERS] = {"map ids", run_mappers, NOT_VFORK_SAFE},
    [OPEN_LAUNCHER] = {"open launcher", open_launcher, NOT_VFORK_SAFE},
    [BLOCK_SIGNALS] = {"block signals", block_signals, NOT_VFORK_SAFE},
    [FORK] = {"fork", NULL, NOT_VFORK_SAFE},
    [RESTORE_SIGNALS] = {"restore signals", restore_signals, VFORK_SAFE},
    [GUARD_PINS] = {"guard pins", guard_pins, NOT_VFORK_SAFE},
    [PIN] = {"pin", make_pin, NOT_VFORK_SAFE},
    [WATCH_PINS] = {"watch pins", watch_pins, NOT_VFORK_SAFE},
    [REAP_HELPER] = {"reap helper", reap_helper, NOT_VFORK_SAFE},
    [MOUNT] = {"mount", mount_file_system, VFORK_SAFE},
    [HIDE_MOUNTS] = {"hide mounts", hide_mounts, VFORK_SAFE},
    [CHANGE_ROOT] = {"change root", change_root, VFORK_SAFE},
    [PIVOT_ROOT] = {"pivot root", pivot_root, VFORK_SAFE},
    [DETACH_OLD_ROOT] = {"detach old root", detach_old_root, VFORK_SAFE},
    [CHANGE_DIRECTORY] = {"change directory", change_directory, VFORK_SAFE},
    [SET_HOSTNAME] = {"set hostname", set_hostname, VFORK_SAFE},
    [RAISE_LOOPBACK] = {"raise loopback", raise_loopback, VFORK_SAFE},
    [KEEP_CAPABILITIES] = {"keep capabilities", keep_capabilities, VFORK_SAFE},
    [DIE_WITH_LAUNCHER] = {"die with launcher", die_with_launcher, VFORK_SAFE},
    [LIST_NAMESPACES] = {"note namespaces", list_namespaces, NOT_VFORK_SAFE},
    [REPORT] = {"report", report, VFORK_SAFE},
    [OPEN_SIGNALS] = {"open signals", open_signals, NOT_VFORK_SAFE},
    [START_PROGRAM] = {"start program", NULL, NOT_VFORK_SAFE},
    [EXECUTE] = {"execute", execute_program, VFORK_SAFE},
    [BE_INIT] = {"be init", be_init, NOT_VFORK_SAFE},
    [WAIT_FOR_CHILD] = {"wait", wait_for_child, NOT_VFORK_SAFE},
};
