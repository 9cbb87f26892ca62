/* What each operation of a plan does, and what several of them need. */
#pragma once

#include "stage.h"

/* Does the stage's step. Returns -1 with errno set, after a complaint, where that has failed. */
typedef int perform_operation(struct stage *stage);

/* A child that vfork(2) has made shares its parent's memory until its exec. It may play an
 * operation that is VFORK_SAFE: one that writes to its own stack, to errno and to its copy of the
 * stage, and to nothing else but the progress that all processes share; that allocates nothing, and
 * takes no lock. */
enum vfork_safety { NOT_VFORK_SAFE, VFORK_SAFE };

struct operation_row {
	const char *name;           /* in explanations */
	perform_operation *perform; /* NULL: play.c does it, or it comes before the plan */
	enum vfork_safety vfork_safety;
};

/* init.c: PID 1 for --init. It reaps orphans, passes signals on, and does not return. */
__attribute__((cold)) perform_operation be_init;

/* job.c: the launcher beside its child. It passes signals on, stops and goes on as the child does,
 * and ends as it does. And the terminal that a shell takes for its group in a new PID namespace: it
 * cannot give it back, since the group that had it has no number there (tcsetpgrp(3)). */
perform_operation block_signals, restore_signals, wait_for_child;

/* Adds these to the blocked signals, and keeps the mask from before in the stage. */
int block_more_signals(struct stage *stage, signal_set signals);

/* What an init writes to the stage's `news`, besides the numbers of stop signals. */
enum { PROGRAM_STARTED = '@', JOB_CONTINUED, TERMINAL_INSIDE, CONTINUE_HELD };

/* INIT: whether a group inside has the terminal. */
__attribute__((cold)) bool terminal_is_inside(void);

/* LAUNCHER, with all signals blocked: sends them on to the init until the program has started. */
__attribute__((cold)) void await_start(const struct stage *stage);

/* pins.c: the helper makes a pin. */
__attribute__((cold)) perform_operation make_pin;

/* guards.c: either all pins are made or none stays, whichever process is killed on the way. What is
 * not of this run is left alone. */
__attribute__((cold)) perform_operation guard_pins, watch_pins;

/* HELPER: takes off what it has pinned, when it has failed. */
void undo_pins(const struct stage *stage);

/* For a program's parent, if there are pins, after the start: notes whether it was executed. */
void confirm_program(struct stage *stage);

/* LAUNCHER: lets the helper and the guard take off what must go, and waits for their end. */
void release_pins(struct stage *stage);

/* processes.c: how the processes of a run keep together. */
perform_operation reset_child_signal, pass_the_baton, await_baton, open_launcher, open_signals,
    reap_helper, die_with_launcher;

/* programs.c: newuidmap(1) and newgidmap(1), at the same time, since each writes a file of its own;
 * and the program, which takes over. */
__attribute__((cold)) perform_operation run_mappers;
perform_operation execute_program;

/* report.c: what there is before, and what the program is given. */
__attribute__((cold)) perform_operation list_namespaces, report;

extern const struct operation_row operations[OPERATIONS];

/* waitpid(2) for one process, which explanations call by that name. */
int await_process(struct stage *stage, pid_t process, const char *name, int *status);

/* LAUNCHER: has failed, and leaves only when the helper has ended and all has been undone. */
void clear_up(struct stage *stage);
