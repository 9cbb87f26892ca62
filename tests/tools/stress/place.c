/* A place of the test's own, where it sees nobody else and nobody else counts. */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char work_directory[] = "/mnt";

void give_up(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "stress: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	exit(1);
}

static void write_text(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
		give_up("cannot write '%s' to %s: %s", text, path, strerror(errno));
	close(file);
}

static void map_id(const char *path, unsigned outer)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1", outer);
	write_text(path, map);
}

/* The outer process only waits; with it dies process 1, and so all that is in the place. */
static void become_first_process(void)
{
	int status;
	pid_t first = fork();

	if (first == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	/* Whatever hangs: a time that no machine needs. */
	alarm(1800);
	if (first < 0 || waitpid(first, &status, 0) < 0)
		give_up("cannot fork: %s", strerror(errno));
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void mount_or_give_up(const char *type, const char *target, unsigned long flags)
{
	if (mount("none", target, type, flags, NULL) < 0)
		give_up("cannot mount %s: %s", target, strerror(errno));
}

void enter_own_place(void)
{
	unsigned user = geteuid(), group = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) < 0)
		give_up("cannot make namespaces of its own: %s", strerror(errno));
	write_text("/proc/self/setgroups", "deny");
	map_id("/proc/self/uid_map", user);
	map_id("/proc/self/gid_map", group);
	become_first_process();
	mount_or_give_up(NULL, "/", MS_REC | MS_PRIVATE);
	mount_or_give_up("proc", "/proc", 0);
	mount_or_give_up("tmpfs", work_directory, 0);
	/* As on most systems: so a mount inside could show here. */
	mount_or_give_up(NULL, "/", MS_REC | MS_SHARED);
}

/* The place has a mount and a PID namespace, which count as its own. */
static const struct {
	const char *path, *one_more;
} limits[] = {
    {"/proc/sys/user/max_mnt_namespaces", "2"},    {"/proc/sys/user/max_uts_namespaces", "1"},
    {"/proc/sys/user/max_ipc_namespaces", "1"},    {"/proc/sys/user/max_net_namespaces", "1"},
    {"/proc/sys/user/max_pid_namespaces", "2"},    {"/proc/sys/user/max_user_namespaces", "1"},
    {"/proc/sys/user/max_cgroup_namespaces", "1"}, {"/proc/sys/user/max_time_namespaces", "1"},
};

void allow_namespaces(bool just_one)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		write_text(limits[i].path, just_one ? limits[i].one_more : "1000000");
}
