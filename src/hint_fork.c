#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hint.h"
#include "look.h"
#include "message.h"
#include "number.h"
#include "text.h"

static uint64_t read_field(const char *status, const char *start)
{
	const char *field = find_in_line(status, start);
	uint64_t number = 0;

	return field && read_number_until(&field, "\t\n", UINT32_MAX, &number) ? number : 0;
}

static bool belongs_to(const char *process, uid_t user, uint64_t *threads)
{
	char path[64], status[4096];
	struct text text = {.start = path, .capacity = sizeof(path) - 1, .descriptor = -1};

	text_print(&text, "/proc/%r/status", process, strlen(process));
	path[text.length] = '\0';
	if (!read_start(path, status, sizeof(status)) || read_field(status, "Uid:\t") != user)
		return false;
	*threads = read_field(status, "Threads:\t");
	return true;
}

/* What getdents64(2) gives. readdir(3) would bring in the allocator. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Threads count too (getrlimit(2)). */
static uint64_t count_tasks(uid_t user)
{
	_Alignas(struct entry) char entries[8192];
	int processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t count = 0, threads;
	long length;

	while ((length = syscall(SYS_getdents64, processes, entries, sizeof(entries))) > 0) {
		for (const char *position = entries; position < entries + length;) {
			const struct entry *entry = (const void *)position;

			if (*entry->name >= '1' && *entry->name <= '9' &&
			    belongs_to(entry->name, user, &threads))
				count += threads;
			position += entry->length;
		}
	}
	if (processes >= 0)
		close(processes);
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
