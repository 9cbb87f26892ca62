#include "launched.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char launching[] = "nsrun\tlaunching";

int open_process(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum { REAPED = -2 };

/* Returns the length, REAPED where there is no such process any more, or -1. */
static ssize_t read_about(int process, const char *name, char *text, size_t size)
{
	int file = openat(process, name, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
	int error = errno;

	if (file >= 0)
		close(file);
	if (length < 0)
		return error == ESRCH || error == ENOENT ? REAPED : -1;
	text[length] = '\0';
	return length;
}

/* The state stands behind the name, which may hold anything (proc_pid_stat(5)). */
static bool is_dead(int process)
{
	char line[512];
	const char *state;

	if (read_about(process, "stat", line, sizeof(line)) < 0)
		return false;
	state = strrchr(line, ')');
	return state && (strncmp(state, ") Z", 3) == 0 || strncmp(state, ") X", 3) == 0);
}

enum name { UNKNOWN_NAME, LAUNCHING, ANOTHER, NO_NAME };

static enum name look_at_name(int process)
{
	char line[32];
	ssize_t length = read_about(process, "comm", line, sizeof(line));

	if (length < 0)
		return length == REAPED ? NO_NAME : UNKNOWN_NAME;
	return length == (ssize_t)strlen(launching) + 1 &&
		       memcmp(line, launching, strlen(launching)) == 0
		   ? LAUNCHING
		   : ANOTHER;
}

/* As in <linux/pidfd.h>, which not every libc has. */
struct pidfd_info {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t ids[11];
	int32_t status;
};

/* Linux 6.15 and later tell how a process ended when it has been reaped. */
static bool was_killed(int pidfd)
{
	const uint64_t exit_is_known = 1 << 3;
	struct pidfd_info info = {.mask = exit_is_known};

	return pidfd >= 0 &&
	       syscall(SYS_ioctl, pidfd, _IOWR(0xff, 11, struct pidfd_info), &info) == 0 &&
	       info.mask & exit_is_known && WIFSIGNALED(info.status) &&
	       WTERMSIG(info.status) == SIGKILL;
}

/*
 * The kernel sets the program's name a little after closing descriptors, and a dying
 * process is seen as dead a little after, so this waits for one or the other. Of one that
 * is reaped before this looks, the name is gone. It ran the program: a process that fails
 * says so before it ends. Only SIGKILL gives no time for that, and whoever is killed as
 * early has hardly run anything.
 */
bool runs_program(const struct launched *process)
{
	const struct timespec pause = {.tv_nsec = 200000};
	const unsigned most_failures = 10;

	if (process->directory < 0)
		return true;
	/* Where no look succeeds, as without a descriptor left, none will later. */
	for (unsigned failures = 0; failures < most_failures;) {
		/* In this order: the name of what is dead does not change any more. */
		bool dead = is_dead(process->directory);
		enum name name = look_at_name(process->directory);

		if (name == ANOTHER)
			return true;
		if (name == NO_NAME)
			return !was_killed(process->pidfd);
		if (name == LAUNCHING && dead)
			return false;
		failures += name == UNKNOWN_NAME;
		nanosleep(&pause, NULL);
	}
	return true;
}
