/* Namespaces pinned to files, all of them or none, whoever is killed on the way. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "plan.h"

struct stage;

/*
 * The helper makes the pins. Two guards, of which one may be killed, outlive it: they
 * wait until no process that could still fail holds `watch` any more, and remove the
 * pins unless the program has been executed by then.
 */
struct guard {
	int watch[2];               /* write end: launcher, helper, child */
	int done[2];                /* write end: the guards; the launcher awaits its end */
	struct guard_state *shared; /* NULL: no pins in this run */
};

/* All that follows is for runs that pin namespaces; only the first may be called without
 * `shared`, which it makes. */

/* LAUNCHER: makes what all others inherit. Returns -1 after a complaint. */
__attribute__((cold)) int open_guard(struct stage *stage);

/* LAUNCHER, after the fork of the helper: lets go of what is the guards' alone. */
__attribute__((cold)) void leave_guards(struct guard *guard);

/* Whoever becomes the program, just before its exec, and after an exec that failed. */
__attribute__((cold)) void announce_program(struct stage *stage);
__attribute__((cold)) void withdraw_program(struct guard *guard);

/* LAUNCHER: says that child has executed the program, if it has. */
__attribute__((cold)) void confirm_program(struct guard *guard, pid_t child);

/* The same for an init, in whose /proc its child may not be found. */
__attribute__((cold)) void confirm_program_of_init(struct guard *guard, pid_t program);

/* LAUNCHER: whether one of the two above has said so. */
__attribute__((cold)) bool program_is_confirmed(const struct guard *guard);

/* LAUNCHER: returns when the guards have ended, and with them every pin that must go. */
__attribute__((cold)) void await_guards(struct guard *guard);
