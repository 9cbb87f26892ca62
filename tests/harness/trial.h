/*
 * What the tests of hints share: a trial makes the cause of a failure real, runs nsrun
 * into it, and looks at all that is said: the error line and each hint, no more and no
 * less, so that a hint about another cause is always noticed. Each trial is run a second
 * time with -q, which must leave the error line and nothing else.
 *
 * A trial has a mount namespace of its own, and an empty directory to work in: whatever it
 * covers or makes is gone when it ends. All trials run on one processor, and need root.
 */
#pragma once

#include "harness.h"

/* A seccomp filter by which a system call fails. */
struct filter {
	int call; /* 0: there is no filter */
	int error;
	uint32_t fourth; /* only where the fourth argument is this; 0: always */
};

struct trial {
	enum who who;
	/* A script for /bin/sh, run by root first. In scripts $B is where programs are: nsrun, and
	 * capable, which is newuidmap with a file capability. */
	const char *prepare;
	/* The script of the trial, in which $N is nsrun, with -q or without. */
	const char *script;
	struct filter filter;

	int status;
	/* The line without "nsrun: ", as a pattern of fnmatch(3); NULL: nothing is said. */
	const char *error;
	/* A part of each hint, in their order. */
	const char *hints[5];
	/* Set: there may be more hints, but none has this in it. */
	const char *never;
};

int set_up_trials(void **state);

/* Runs the trial with and without -q, and fails the test if anything is not as it says. */
void attempt(const struct trial *trial);

/* For scripts: strace, by which calls of nsrun have another result than the kernel's. */
#define STRACE(options, call, result)                                                              \
	"exec strace -f -qq -o /dev/null " options " -e trace=" call " -e inject=" call ":" result \
	" $N "

#define TAMPER(call, result) STRACE("", call, result)

/* The same, of all that nsrun writes to a file of its own in /proc: with -D, it is strace that
 * forks, so that nsrun has the shell's number. */
#define TAMPER_WRITING(file, result) STRACE("-D -P /proc/$$/" file, "write", result)

/* For preparation: a file of /proc/sys/kernel that this kernel need not have. */
#define SYSCTL(name, value)                                                                        \
	"mount -t tmpfs none /proc/sys/kernel && echo " value " >/proc/sys/kernel/" name
