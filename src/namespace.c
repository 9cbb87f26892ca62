#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl has no name for it, and glibc only a recent one (time_namespaces(7)). */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* In the order in which explanations and reports list them. */
const struct namespace namespace_types[NAMESPACE_TYPES] = {
    [MOUNT_NAMESPACE] = {CLONE_NEWNS, "CLONE_NEWNS", "mnt", "mnt", "max_mnt_namespaces", "mount"},
    [UTS_NAMESPACE] = {CLONE_NEWUTS, "CLONE_NEWUTS", "uts", "uts", "max_uts_namespaces", "UTS"},
    [IPC_NAMESPACE] = {CLONE_NEWIPC, "CLONE_NEWIPC", "ipc", "ipc", "max_ipc_namespaces", "IPC"},
    [NETWORK_NAMESPACE] = {CLONE_NEWNET, "CLONE_NEWNET", "net", "net", "max_net_namespaces",
			   "network"},
    [PID_NAMESPACE] = {CLONE_NEWPID, "CLONE_NEWPID", "pid", "pid_for_children",
		       "max_pid_namespaces", "PID"},
    [USER_NAMESPACE] = {CLONE_NEWUSER, "CLONE_NEWUSER", "user", "user", "max_user_namespaces",
			"user"},
    [CGROUP_NAMESPACE] = {CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "cgroup", "cgroup",
			  "max_cgroup_namespaces", "cgroup"},
    [TIME_NAMESPACE] = {CLONE_NEWTIME, "CLONE_NEWTIME", "time", "time_for_children",
			"max_time_namespaces", "time"},
};

static unsigned long flag_of(const char *link)
{
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (strcmp(link, namespace_types[i].link) == 0)
			return namespace_types[i].flag;
	}
	return 0;
}

unsigned long offered_namespaces(struct journal *journal)
{
	/* What getdents64(2) fills; the two words in front are inode and offset. */
	struct entry {
		uint64_t inode, offset;
		unsigned short length;
		unsigned char type;
		char name[];
	};
	_Alignas(struct entry) char list[1024];
	int directory = open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned long offered = 0;
	long length;

	note_call(journal, directory, "open(\"/proc/self/ns\", O_RDONLY|O_DIRECTORY|O_CLOEXEC)");
	if (directory < 0)
		return 0;
	length = syscall(SYS_getdents64, directory, list, sizeof(list));
	note_call(journal, length, "getdents64(directory, list, %l)", (long long)sizeof(list));
	close(directory);
	for (long i = 0; i < length; i += ((struct entry *)(list + i))->length)
		offered |= flag_of(((struct entry *)(list + i))->name);
	if (length >= 0 && !offered)
		errno = ENOENT;
	return offered;
}
