#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "hint.h"
#include "message.h"
#include "number.h"

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
static uint64_t count_tasks(uid_t user)
{
	int processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent) char entries[1024];
	char owner[24];
	const struct dirent *entry;
	uint64_t count = 0;
	long length;

	print_into(owner, sizeof(owner), "Uid:\t%u\t", user);
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
	char path[PATH_MAX], *end;

	print_into(path, sizeof(path), "%s%r", mount, cgroup, strcspn(cgroup, "\n"));
	do {
		uint64_t count = read_count(path, "pids.current", 0);
		uint64_t most = read_count(path, "pids.max", UINT64_MAX);

		if (count >= most)
			return hint("the cgroup %s has %l processes and threads, and may have %l "
				    "(pids.max): end some, or raise the limit",
				    path, (long long)count, (long long)most);
		end = strrchr(path, '/');
		*end = '\0';
	} while (end >= path + strlen(mount));
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
	uint64_t count;

	if (getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return false;
	count = count_tasks(getuid());
	return count >= limit.rlim_cur &&
	       hint("user %u has %l processes and threads, and may have %l here: end some, or "
		    "raise the limit (ulimit -u)",
		    (unsigned)getauxval(AT_UID), (long long)count, (long long)limit.rlim_cur);
}

bool hint_fork(int error)
{
	return error == EAGAIN && (hint_cgroup() || hint_user_limit());
}
