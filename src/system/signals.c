#include "signals.h"

#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int change_signal_mask(int how, signal_set signals, signal_set *before)
{
	return (int)syscall(SYS_rt_sigprocmask, how, &signals, before, sizeof(signals));
}

int await_signal(signal_set signals, siginfo_t *info, const struct timespec *limit)
{
	return (int)syscall(SYS_rt_sigtimedwait, &signals, info, limit, sizeof(signals));
}

int open_signal_descriptor(signal_set signals)
{
	return (int)syscall(SYS_signalfd4, -1, &signals, sizeof(signals), SFD_CLOEXEC);
}

/* True if the kernel sends the signal to all of a process group, as for a key at its terminal. */
static bool is_for_group(const siginfo_t *info)
{
	const signal_set signals = signal_bit(SIGINT) | signal_bit(SIGQUIT) | signal_bit(SIGTSTP) |
				   signal_bit(SIGTTIN) | signal_bit(SIGTTOU) | signal_bit(SIGCONT) |
				   signal_bit(SIGWINCH);

	if (info->si_code <= 0)
		return false;
	/* When a terminal hangs up, only the leader of its session is told. */
	if (info->si_signo == SIGHUP)
		return getsid(0) != getpid();
	return signals & signal_bit(info->si_signo);
}

/* rt_sigqueueinfo(2) refuses what claims to be the kernel's or kill(2)'s: kill(2) sends that. */
void pass_signal_on(pid_t receiver, const siginfo_t *info)
{
	int signal = info->si_signo;

	if (is_for_group(info) && getpgid(receiver) == getpgrp())
		return;
	if (info->si_code >= 0 || syscall(SYS_rt_sigqueueinfo, receiver, signal, info) < 0)
		kill(receiver, signal);
}
