#include "signals.h"

#include <stddef.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int change_signal_mask(int how, signal_set signals, signal_set *before)
{
	return (int)syscall(SYS_rt_sigprocmask, how, &signals, before, sizeof(signals));
}

int await_signal(signal_set signals, siginfo_t *info)
{
	return (int)syscall(SYS_rt_sigtimedwait, &signals, info, NULL, sizeof(signals));
}

int open_signal_descriptor(signal_set signals)
{
	return (int)syscall(SYS_signalfd4, -1, &signals, sizeof(signals), SFD_CLOEXEC);
}

void take_back_signal(int signal)
{
	const struct timespec at_once = {0};
	signal_set signals = signal_bit(signal);

	(void)syscall(SYS_rt_sigtimedwait, &signals, NULL, &at_once, sizeof(signals));
}

bool is_from_terminal(int signal, int code)
{
	if (code <= 0)
		return false;
	switch (signal) {
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGCONT:
	case SIGWINCH:
		return true;
	case SIGHUP:
		/* When a terminal hangs up, only the leader of its session is told. */
		return getsid(0) != getpid();
	default:
		return false;
	}
}
