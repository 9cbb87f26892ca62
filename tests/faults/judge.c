/* What may be the end of a fault, and what may not. */
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct named_call {
	long number;
	const char *name;
	bool blocks; /* may be interrupted by a signal */
};

static const struct named_call named_calls[] = {
    {SYS_access, "access", false},
    {SYS_capget, "capget", false},
    {SYS_capset, "capset", false},
    {SYS_chdir, "chdir", false},
    {SYS_chroot, "chroot", false},
    {SYS_clone, "clone", false},
    {SYS_close, "close", true},
    {SYS_execve, "execve", false},
    {SYS_exit, "exit", false},
    {SYS_exit_group, "exit_group", false},
    {SYS_fchdir, "fchdir", false},
    {SYS_fcntl, "fcntl", false},
    {SYS_fork, "fork", false},
    {SYS_fstat, "fstat", false},
    {SYS_getdents64, "getdents64", false},
    {SYS_getegid, "getegid", false},
    {SYS_geteuid, "geteuid", false},
    {SYS_getpid, "getpid", false},
    {SYS_gettid, "gettid", false},
    {SYS_ioctl, "ioctl", false},
    {SYS_kill, "kill", false},
    {SYS_lstat, "lstat", false},
    {SYS_mmap, "mmap", false},
    {SYS_mount, "mount", false},
    {SYS_munmap, "munmap", false},
    {SYS_move_mount, "move_mount", false},
    {SYS_nanosleep, "nanosleep", true},
    {SYS_newfstatat, "newfstatat", false},
    {SYS_open, "open", true},
    {SYS_open_tree, "open_tree", false},
    {SYS_openat, "openat", true},
    {SYS_pidfd_open, "pidfd_open", false},
    {SYS_pipe2, "pipe2", false},
    {SYS_pivot_root, "pivot_root", false},
    {SYS_poll, "poll", true},
    {SYS_prctl, "prctl", false},
    {SYS_read, "read", true},
    {SYS_readlink, "readlink", false},
    {SYS_readlinkat, "readlinkat", false},
    {SYS_recvfrom, "recvfrom", true},
    {SYS_rt_sigaction, "rt_sigaction", false},
    {SYS_rt_sigprocmask, "rt_sigprocmask", false},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait", true},
    {SYS_sendto, "sendto", true},
    {SYS_setgid, "setgid", false},
    {SYS_setgroups, "setgroups", false},
    {SYS_sethostname, "sethostname", false},
    {SYS_setuid, "setuid", false},
    {SYS_signalfd4, "signalfd4", false},
    {SYS_socket, "socket", false},
    {SYS_socketpair, "socketpair", false},
    {SYS_stat, "stat", false},
    {SYS_umount2, "umount2", false},
    {SYS_uname, "uname", false},
    {SYS_unlink, "unlink", false},
    {SYS_unlinkat, "unlinkat", false},
    {SYS_unshare, "unshare", false},
    {SYS_vfork, "vfork", false},
    {SYS_wait4, "wait4", true},
    {SYS_waitid, "waitid", true},
    {SYS_write, "write", true},
    {SYS_writev, "writev", true},
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

const int *errors_of(long number)
{
	static const int usual[] = {EPERM, ENOMEM, 0};
	static const int filling[] = {EPERM, ENOMEM, ENOSPC, 0};
	static const int blocking[] = {EPERM, ENOMEM, EINTR, 0};
	static const int all[] = {EPERM, ENOMEM, ENOSPC, EINTR, 0};
	/* Whoever waits for a child that there is can but be interrupted. */
	static const int interrupted[] = {EINTR, 0};
	/* These do not fail: not even where there is no memory. */
	static const int none[] = {0};
	const struct named_call *call = find_call(number);

	switch (number) {
	case SYS_exit:
	case SYS_exit_group:
	case SYS_getpid:
	case SYS_gettid:
	case SYS_geteuid:
	case SYS_getegid:
		return none;
	case SYS_wait4:
	case SYS_waitid:
		return interrupted;
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

static const char *find_leftover(const struct option_set *set, const struct outcome *outcome)
{
	if (outcome->hangs)
		return "does not end";
	if (outcome->left_process)
		return "leaves a process";
	if (outcome->left_mount)
		return "leaves a mount";
	if (outcome->pins != 0 && !outcome->ran)
		return "leaves a pin, though the program did not run";
	if (outcome->pins != 0 && outcome->pins != set->pins)
		return "leaves some of the pins";
	if (outcome->left_file && outcome->pins == 0)
		return "leaves a file";
	if (outcome->ran && strcmp(outcome->descriptors, "0 1 2 9 ") != 0)
		return "leaves a descriptor to the program";
	return NULL;
}

/* The process that runs the program, or will: its death is the program's. */
static bool is_killed_program(const struct fault *fault, const struct outcome *outcome)
{
	int status = outcome->status;

	return fault->error == KILL &&
	       ((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
		(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL));
}

enum verdict judge(const struct option_set *set, const struct fault *fault,
		   const struct outcome *outcome, const char **why)
{
	int status = WIFEXITED(outcome->status) ? WEXITSTATUS(outcome->status) : -1;

	*why = find_leftover(set, outcome);
	if (*why)
		return WRONG;
	if (!outcome->struck)
		return MISSED;
	if (is_killed_program(fault, outcome))
		return DIED;
	if (status == set->status && status == 0 && outcome->ran) {
		*why = "loses a pin";
		if (outcome->pins != set->pins)
			return WRONG;
		*why = NULL;
		return HARMLESS;
	}
	*why = "has a wrong exit status";
	if (status < 125 || status > 127)
		return WRONG;
	*why = "fails, though the program ran";
	if (outcome->ran)
		return WRONG;
	*why = "says nothing of it";
	if (!strstr(outcome->errors, "nsrun: "))
		return WRONG;
	*why = NULL;
	return SAID_SO;
}
