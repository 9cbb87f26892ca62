#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "look.h"
#include "message.h"
#include "operations.h"

/* The helper makes the pins. It, or its successor, waits until no process is left that could still
 * fail, and takes them off unless the program has been executed. The guard, a child of the helper,
 * does the same once these have ended. So one of the two may be killed. Without --fork both outlive
 * the exec, and may not be the program's children: hence the successor, the third process. The
 * launcher cannot stand in for one, since it has no power outside of a new user namespace. */

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_ino && one->st_ino == other->st_ino && one->st_dev == other->st_dev;
}

/* Undoes only what this run has made: the mount on top if it is of this run's namespace, and the
 * file if its inode is the one noted down. What somebody else has put there meanwhile stays.
 * Nothing more can be done about a call that fails: the guard tries again. */
static void undo_pin(const struct pin *pin)
{
	int top = openat(pin->directory, pin->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[40];
	struct stat status;

	if (top >= 0 && fstat(top, &status) == 0 && is_same(&pin->namespace, &status)) {
		print_into(path, sizeof(path), "/proc/self/fd/%d", top);
		umount2(path, MNT_DETACH);
	}
	close_keeping_errno(top);
	if (fstatat(pin->directory, pin->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_same(&pin->file, &status))
		unlinkat(pin->directory, pin->name, 0);
}

/* In reverse order, since one pin may lie on another. */
void undo_pins(const struct stage *stage)
{
	for (unsigned i = NAMESPACE_TYPES; i-- > 0;) {
		if (stage->pins[i].name)
			undo_pin(&stage->pins[i]);
	}
}

/* Waits until the other end, to which nobody writes, is closed. One read(2) that fails does not
 * mean that; ten do. */
static void await_end(int descriptor)
{
	char byte;

	for (int failures = 0; failures < 10 && read(descriptor, &byte, 1) < 0; failures++)
		usleep(1000);
}

/* As in <linux/pidfd.h>, which not every libc has. */
struct pidfd_info {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t ids[11];
	int32_t status;
};

/* Since Linux 6.15 a pidfd tells how a process ended even when it has been reaped. */
static bool was_reaped_after_signal(int pidfd)
{
	const uint64_t exit_is_known = 1 << 3;
	struct pidfd_info info = {.mask = exit_is_known};

	return pidfd >= 0 &&
	       syscall(SYS_ioctl, pidfd, _IOWR(0xff, 11, struct pidfd_info), &info) == 0 &&
	       info.mask & exit_is_known && WIFSIGNALED(info.status);
}

/* The launcher's descriptors are closed: it has executed the program, or a signal has killed it.
 * Then its stat ends with the signal (proc_pid_stat(5)), but in a stopped process that may be the
 * stop's. A program that a signal has killed by now passes for a start that failed. */
static bool launcher_was_killed(const struct stage *stage)
{
	char line[512];
	int file = openat(stage->launcher_proc, "stat", O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
	const char *name, *last;
	uint64_t status;

	close_keeping_errno(file);
	if (length <= 0)
		return was_reaped_after_signal(stage->launcher_pidfd);
	line[length] = '\0';
	/* The name, in brackets, may hold any character. What follows it does not. */
	name = strrchr(line, ')');
	last = strrchr(line, ' ');
	return name && strncmp(name, ") T", 3) != 0 && strncmp(name, ") t", 3) != 0 && last++ &&
	       read_number_until(&last, "\n", UINT32_MAX, &status) && WIFSIGNALED((int)status);
}

/* A child's exec is confirmed by its parent, which was killed before it could. So the program runs:
 * a child that fails notes that itself. But an init takes its program along. */
static bool may_have_executed(const struct stage *stage)
{
	return find_step(stage->plan, FORK) ? !find_step(stage->plan, BE_INIT)
					    : !launcher_was_killed(stage);
}

/* Decides once whether the program runs: by a second look it may have ended. */
static void settle_pins(const struct stage *stage)
{
	enum progress *progress = stage->progress;

	await_end(stage->watch[1]);
	if (*progress == EXECUTING)
		*progress = may_have_executed(stage) ? EXECUTED : NOT_READY;
	if (*progress == NOT_READY)
		undo_pins(stage);
}

/* Runs in one mount namespace make pins one after the other (flock(2)). Otherwise the mount of one
 * that fails could lie below another's. Whoever keeps the lock for longer than a start takes is no
 * nsrun, and is not waited for: even then nothing of anybody else's is undone. */
static void lock_out_others(const struct stage *stage)
{
	const char *path = "/proc/self/ns/mnt";
	int lock = (int)tell_call(stage, performs(stage) ? open(path, O_RDONLY | O_CLOEXEC) : 0,
				  "open(%q, O_RDONLY|O_CLOEXEC)", path);
	int result = 0, tries = 1000;

	while (performs(stage) && (result = flock(lock, LOCK_EX | LOCK_NB)) < 0 &&
	       errno == EWOULDBLOCK && tries-- > 0)
		usleep(1000);
	(void)tell_call(stage, result, "flock(lock, LOCK_EX|LOCK_NB)");
}

/* Opened once and kept: who changes the path to it later cannot lead nsrun to another place. */
static int open_directory(struct stage *stage, const struct step *step)
{
	char path[PATH_MAX];
	int directory;

	find_directory(step->pin.file, path);
	directory = MAKE_CALL(stage, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC),
			      "open(%q, O_PATH|O_DIRECTORY|O_CLOEXEC)", path);
	if (performs(stage))
		stage->pins[step->pin.type].directory = directory;
	return directory;
}

/* For a run without --fork: the pidfd tells later how the launcher ended. A launcher that has died
 * by now has not called its exec, and then nobody asks. */
static void open_launcher_pidfd(struct stage *stage)
{
	pid_t launcher = (pid_t)tell_call(stage, getppid(), "getppid()");
	long result = performs(stage) ? syscall(SYS_pidfd_open, launcher, 0) : 0;

	stage->launcher_pidfd = (int)tell_call(stage, result, "pidfd_open(LAUNCHER, 0)");
}

int guard_pins(struct stage *stage)
{
	const struct step *end = stage->plan->steps + stage->plan->count;
	int helpers_end[2] = {-1, -1};
	pid_t process;

	if (performs(stage))
		stage->pins = get_memory(sizeof(*stage->pins) * NAMESPACE_TYPES, MAP_SHARED);
	if (performs(stage) && !stage->pins)
		return complain("cannot get memory for the helper: %m");
	lock_out_others(stage);
	for (const struct step *pin = stage->step; pin < end; pin++) {
		if (pin->operation == PIN && open_directory(stage, pin) < 0)
			return -1;
	}
	if (!find_step(stage->plan, FORK))
		open_launcher_pidfd(stage);
	if (performs(stage) && make_pipe(helpers_end) < 0)
		return -1;
	process = performs(stage) ? fork() : 1;
	if (process == 0) {
		/* It keeps no baton, which tells the launcher that the helper has ended. The pipe
		 * tells the guard: only the helper and its successor keep the second end. */
		close(stage->baton);
		close(helpers_end[1]);
		await_end(helpers_end[0]);
		settle_pins(stage);
		_exit(0);
	}
	close_keeping_errno(helpers_end[0]);
	return settle(stage, process, "fork()");
}

int watch_pins(struct stage *stage)
{
	const int priority = 1;
	pid_t successor;
	long result;

	if (!find_step(stage->plan, FORK)) {
		/* In real time, if allowed: it must look before the program gets far (sched(7)). */
		result =
		    performs(stage) ? syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &priority) : 0;
		(void)tell_call(stage, result, "sched_setscheduler(0, SCHED_FIFO, {1})");
		successor = performs(stage) ? fork() : 1;
		if (successor != 0)
			return settle(stage, successor, "fork()");
	}
	(void)settle(stage, NOT_RETURNED, "read(watch, &byte, 1)");
	if (performs(stage))
		settle_pins(stage);
	return 0;
}

/* setpgid(2) to a group that does not exist fails with EACCES for a child that has executed
 * something, and with EPERM for another. And only a program leaves the session. */
static bool has_executed(pid_t child)
{
	enum { NO_GROUP = INT_MAX, MOST_LOOKS = 5000, LOOKS_AT_THE_DEAD = 2 };
	siginfo_t end = {.si_pid = 0};

	/* This process goes on a little before the kernel notes the exec, or the end. */
	for (int i = 0, dead = 0; i < MOST_LOOKS; i++) {
		/* Whether it is dead comes first: what is dead does not change any more. */
		dead += waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT | WNOHANG) == 0 &&
			end.si_pid == child;
		if ((setpgid(child, NO_GROUP) < 0 && errno == EACCES) || getsid(child) != getsid(0))
			return true;
		if (dead == LOOKS_AT_THE_DEAD)
			return false;
		usleep(200);
	}
	return true;
}

void confirm_program(struct stage *stage)
{
	if (*stage->progress == EXECUTING)
		*stage->progress = has_executed(stage->child) ? EXECUTED : NOT_READY;
}

void release_pins(struct stage *stage)
{
	/* Half closed: they see an end, and theirs is seen here. If it fails they see it later. */
	if (shutdown(stage->watch[0], SHUT_WR) == 0)
		await_end(stage->watch[0]);
	close_for_good(&stage->watch[0]);
}
