/* Sets of signals as the kernel has them: libc's own sigset_t functions leave out some
 * real-time signals that the library keeps for itself, which a launcher must not lose. */
#pragma once

#include <signal.h>
#include <stdint.h>
#include <time.h>

/* A bit a signal, as rt_sigprocmask(2) takes it. */
typedef uint64_t signal_set;

#define ALL_SIGNALS (~(signal_set)0)

static inline signal_set signal_bit(int signal)
{
	return (signal_set)1 << (signal - 1);
}

/* Each is the system call of (almost) that name. NULL is no limit. */
int change_signal_mask(int how, signal_set signals, signal_set *before);
__attribute__((cold)) int await_signal(signal_set signals, siginfo_t *info,
				       const struct timespec *limit);
__attribute__((cold)) int open_signal_descriptor(signal_set signals);

/* A limit of no time at all. */
extern const struct timespec at_once;

/* Takes away the signal, which is blocked, if it is pending. */
__attribute__((cold)) void take_back_signal(int signal);

/*
 * Sends a signal that has come on to the receiver, with the value of a sigqueue(3). One that the
 * kernel has sent to all of this process's group, for a key at the terminal or the like, is not
 * sent again to a receiver that is in the same group and so has got it.
 */
__attribute__((cold)) void pass_signal_on(pid_t receiver, const siginfo_t *info);
