#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include "descriptors.h"
#include "hint.h"
#include "look.h"
#include "message.h"
#include "number.h"

static uint64_t read_field(const char *status, const char *start)
{
	const char *field = find_in_line(status, start);
	uint64_t number = 0;

	return field && read_number_until(&field, "\t\n", UINT32_MAX, &number) ? number : 0;
}

static bool belongs_to(const char *process, uid_t user, uint64_t *threads)
{
	char path[64], status[4096];

	print_into(path, sizeof(path), "/proc/%s/status", process);
	if (!read_start(path, status, sizeof(status)) || read_field(status, "Uid:\t") != user)
		return false;
	*threads = read_field(status, "Threads:\t");
	return true;
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

void hint_fork(int error)
{
	struct rlimit limit;
	uid_t user = getuid();
	uint64_t count;

	if (error != EAGAIN || getrlimit(RLIMIT_NPROC, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return;
	count = count_tasks(user);
	if (count >= limit.rlim_cur)
		hint("user %u has %l processes and threads, and may have %l here: end some, or "
		     "raise the limit (ulimit -u)",
		     user, (long long)count, (long long)limit.rlim_cur);
}
