#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "hint.h"
#include "look.h"
#include "message.h"
#include "number.h"

static uint64_t read_field(const char *text, const char *start, uint64_t otherwise)
{
	const char *field = find_in_line(text, start);
	uint64_t number;

	return field && read_number_until(&field, "\t\n", UINT32_MAX, &number) ? number : otherwise;
}

/* The process is a directory in /proc (pidfd_send_signal(2)). */
static bool takes_signal(const char *process)
{
	int directory = open(process, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool does = syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0U) == 0;

	close_keeping_errno(directory);
	return does;
}

/* All users who are not mapped here are shown as the same one (user_namespaces(7)), but only
 * one's own processes take a signal. */
static bool belongs_to(const char *name, uid_t user, uint64_t *threads)
{
	char process[32], path[64], status[4096];

	print_into(process, sizeof(process), "/proc/%s", name);
	print_into(path, sizeof(path), "%s/status", process);
	if (!read_start(path, status, sizeof(status)) || read_field(status, "Uid:\t", ~0UL) != user)
		return false;
	*threads = read_field(status, "Threads:\t", 0);
	return takes_signal(process);
}

/* Threads count too (getrlimit(2)). */
static uint64_t count_tasks(uid_t user)
{
	struct directory_reader processes = {.descriptor =
						 open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	uint64_t count = 0, threads;
	const char *name;

	while ((name = next_name(&processes, NULL))) {
		if (*name >= '1' && *name <= '9' && belongs_to(name, user, &threads))
			count += threads;
	}
	close_keeping_errno(processes.descriptor);
	return count;
}

static uint64_t read_count(const char *cgroup, const char *name, uint64_t otherwise)
{
	char path[PATH_MAX], text[32];

	print_into(path, sizeof(path), "%r/%s", cgroup, strlen(cgroup), name);
	return read_start(path, text, sizeof(text)) ? read_field(text, "", otherwise) : otherwise;
}

/* The cgroup's path ends a line of /proc/self/cgroup. A limit holds for all below, too. */
static bool hint_full_cgroup(const char *mount, const char *cgroup)
{
	char path[PATH_MAX], *end;

	print_into(path, sizeof(path), "%s%r", mount, cgroup, strcspn(cgroup, "\n"));
	do {
		uint64_t count = read_count(path, "pids.current", 0);
		uint64_t most = read_count(path, "pids.max", UINT64_MAX);

		if (count >= most) {
			hint("the cgroup %s has %l processes and threads, and may have %l "
			     "(pids.max): end some, or raise the limit",
			     path, (long long)count, (long long)most);
			return true;
		}
		end = strrchr(path, '/');
		*end = '\0';
	} while (end >= path + strlen(mount));
	return false;
}

/* Where cgroups(7) are usually mounted, version 1 and version 2. */
static bool hint_cgroup(void)
{
	char cgroups[4096] = "";
	bool known = read_start("/proc/self/cgroup", cgroups, sizeof(cgroups));
	const char *first = strstr(cgroups, ":pids:"), *second = strstr(cgroups, "0::");

	return known && ((first && hint_full_cgroup("/sys/fs/cgroup/pids", first + 6)) ||
			 (second && hint_full_cgroup("/sys/fs/cgroup", second + 3)));
}

void hint_fork(int error)
{
	struct rlimit limit;
	uint64_t count;

	if (error != EAGAIN || hint_cgroup() || getrlimit(RLIMIT_NPROC, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return;
	count = count_tasks(getuid());
	if (count >= limit.rlim_cur)
		hint("user %u has %l processes and threads, and may have %l here: end some, or "
		     "raise the limit (ulimit -u)",
		     (unsigned)getauxval(AT_UID), (long long)count, (long long)limit.rlim_cur);
}
