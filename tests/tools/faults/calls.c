/* The system calls that nsrun makes, and how they may fail. */
#include "faults.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What a call is about: which argument tells. */
enum object { NO_OBJECT, DESCRIPTOR, PATH_FIRST, PATH_SECOND };

struct named_call {
	long number;
	const char *name;
	bool blocks; /* may be interrupted by a signal */
	enum object object;
};

static const struct named_call named_calls[] = {
    {SYS_access, "access", false, PATH_FIRST},
    {SYS_capget, "capget", false, NO_OBJECT},
    {SYS_capset, "capset", false, NO_OBJECT},
    {SYS_chdir, "chdir", false, PATH_FIRST},
    {SYS_chroot, "chroot", false, PATH_FIRST},
    {SYS_clone, "clone", false, NO_OBJECT},
    {SYS_close, "close", true, DESCRIPTOR},
    {SYS_close_range, "close_range", false, NO_OBJECT},
    {SYS_execve, "execve", false, PATH_FIRST},
    {SYS_exit, "exit", false, NO_OBJECT},
    {SYS_exit_group, "exit_group", false, NO_OBJECT},
    {SYS_fchdir, "fchdir", false, DESCRIPTOR},
    {SYS_fcntl, "fcntl", false, DESCRIPTOR},
    {SYS_flock, "flock", false, DESCRIPTOR},
    {SYS_fork, "fork", false, NO_OBJECT},
    {SYS_fstat, "fstat", false, DESCRIPTOR},
    {SYS_getdents64, "getdents64", false, DESCRIPTOR},
    {SYS_getegid, "getegid", false, NO_OBJECT},
    {SYS_geteuid, "geteuid", false, NO_OBJECT},
    {SYS_getpid, "getpid", false, NO_OBJECT},
    {SYS_getppid, "getppid", false, NO_OBJECT},
    {SYS_getsid, "getsid", false, NO_OBJECT},
    {SYS_gettid, "gettid", false, NO_OBJECT},
    {SYS_ioctl, "ioctl", false, DESCRIPTOR},
    {SYS_kill, "kill", false, NO_OBJECT},
    {SYS_linkat, "linkat", false, PATH_SECOND},
    {SYS_lstat, "lstat", false, PATH_FIRST},
    {SYS_mmap, "mmap", false, NO_OBJECT},
    {SYS_mount, "mount", false, PATH_FIRST},
    {SYS_munmap, "munmap", false, NO_OBJECT},
    {SYS_move_mount, "move_mount", false, NO_OBJECT},
    {SYS_nanosleep, "nanosleep", true, NO_OBJECT},
    {SYS_newfstatat, "newfstatat", false, PATH_SECOND},
    {SYS_open, "open", true, PATH_FIRST},
    {SYS_open_tree, "open_tree", false, PATH_SECOND},
    {SYS_openat, "openat", true, PATH_SECOND},
    {SYS_pidfd_open, "pidfd_open", false, NO_OBJECT},
    {SYS_pipe2, "pipe2", false, NO_OBJECT},
    {SYS_pivot_root, "pivot_root", false, NO_OBJECT},
    {SYS_poll, "poll", true, NO_OBJECT},
    {SYS_prctl, "prctl", false, NO_OBJECT},
    {SYS_read, "read", true, DESCRIPTOR},
    {SYS_readlink, "readlink", false, PATH_FIRST},
    {SYS_readlinkat, "readlinkat", false, PATH_SECOND},
    {SYS_recvfrom, "recvfrom", true, DESCRIPTOR},
    {SYS_rt_sigaction, "rt_sigaction", false, NO_OBJECT},
    {SYS_rt_sigprocmask, "rt_sigprocmask", false, NO_OBJECT},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait", true, NO_OBJECT},
    {SYS_sched_setscheduler, "sched_setscheduler", false, NO_OBJECT},
    {SYS_sendto, "sendto", true, DESCRIPTOR},
    {SYS_setgid, "setgid", false, NO_OBJECT},
    {SYS_setgroups, "setgroups", false, NO_OBJECT},
    {SYS_sethostname, "sethostname", false, NO_OBJECT},
    {SYS_setns, "setns", false, DESCRIPTOR},
    {SYS_setpgid, "setpgid", false, NO_OBJECT},
    {SYS_setuid, "setuid", false, NO_OBJECT},
    {SYS_shutdown, "shutdown", false, DESCRIPTOR},
    {SYS_signalfd4, "signalfd4", false, NO_OBJECT},
    {SYS_socket, "socket", false, NO_OBJECT},
    {SYS_socketpair, "socketpair", false, NO_OBJECT},
    {SYS_stat, "stat", false, PATH_FIRST},
    {SYS_statfs, "statfs", false, PATH_FIRST},
    {SYS_umount2, "umount2", false, PATH_FIRST},
    {SYS_uname, "uname", false, NO_OBJECT},
    {SYS_unlink, "unlink", false, PATH_FIRST},
    {SYS_unlinkat, "unlinkat", false, PATH_SECOND},
    {SYS_unshare, "unshare", false, NO_OBJECT},
    {SYS_vfork, "vfork", false, NO_OBJECT},
    {SYS_wait4, "wait4", true, NO_OBJECT},
    {SYS_waitid, "waitid", true, NO_OBJECT},
    {SYS_write, "write", true, DESCRIPTOR},
    {SYS_writev, "writev", true, DESCRIPTOR},
};

static const struct named_call *find_call(long number)
{
	for (size_t i = 0; i < sizeof(named_calls) / sizeof(named_calls[0]); i++) {
		if (named_calls[i].number == number)
			return &named_calls[i];
	}
	return NULL;
}

const char *call_name(long number)
{
	const struct named_call *call = find_call(number);

	return call ? call->name : NULL;
}

int path_argument(long number)
{
	const struct named_call *call = find_call(number);

	return !call ? -1 : call->object == PATH_FIRST ? 0 : call->object == PATH_SECOND ? 1 : -1;
}

bool takes_descriptor(long number)
{
	const struct named_call *call = find_call(number);

	return call && call->object == DESCRIPTOR;
}

const int *errors_of(const struct call *made)
{
	static const int usual[] = {EPERM, ENOMEM, 0};
	static const int filling[] = {EPERM, ENOMEM, ENOSPC, 0};
	static const int blocking[] = {EPERM, ENOMEM, EINTR, 0};
	static const int all[] = {EPERM, ENOMEM, ENOSPC, EINTR, 0};
	/* Whoever waits for a child that there is can but be interrupted, and not even that
	 * where it does not wait (WNOHANG). */
	static const int interrupted[] = {EINTR, 0};
	/* These do not fail: not even where there is no memory. */
	static const int none[] = {0};
	const struct named_call *call = find_call(made->number);

	switch (made->number) {
	case SYS_exit:
	case SYS_exit_group:
	case SYS_getpid:
	case SYS_getppid:
	case SYS_gettid:
	case SYS_geteuid:
	case SYS_getegid:
		return none;
	case SYS_wait4:
		return made->arguments[2] & WNOHANG ? none : interrupted;
	case SYS_waitid:
		return made->arguments[3] & WNOHANG ? none : interrupted;
	case SYS_open:
	case SYS_openat:
	case SYS_write:
		return all;
	case SYS_unshare:
	case SYS_mount:
	case SYS_clone:
	case SYS_fork:
	case SYS_vfork:
		return filling;
	default:
		return call && call->blocks ? blocking : usual;
	}
}
