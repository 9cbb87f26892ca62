/* Sets of signals as the kernel has them: libc's own sigset_t functions leave out some real-time
 * signals that the library keeps for itself, which a launcher must not lose. */
#pragma once

#include <signal.h>
#include <stdint.h>

/* A bit a signal, as rt_sigprocmask(2) takes it. */
typedef uint64_t signal_set;

#define ALL_SIGNALS (~(signal_set)0)

static inline signal_set signal_bit(int signal)
{
	return (signal_set)1 << (signal - 1);
}

/* Each is the system call of (almost) that name. */
int change_signal_mask(int how, signal_set signals, signal_set *before);
__attribute__((cold)) int open_signal_descriptor(signal_set signals);

/* Takes one of the signals, which are blocked, once there is one. Returns -1 at the limit: one of 0
 * takes only what is pending, and NULL is none (sigtimedwait(2)). */
__attribute__((cold)) int await_signal(signal_set signals, siginfo_t *info,
				       const struct timespec *limit);

/* Sends a signal that has come on to the receiver, with the value of a sigqueue(3). One that the
 * kernel has sent to all of this process's group, for a key at the terminal or the like, is not
 * sent again to a receiver that is in the same group and so has got it. */
__attribute__((cold)) void pass_signal_on(pid_t receiver, const siginfo_t *info);
