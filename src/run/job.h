/* The launcher beside its child: it passes signals on, stops and goes on as the child does, and
 * ends as it does. And the terminal that a shell takes for its group in a new PID namespace: it
 * cannot give it back, since the group that had it has no number there (tcsetpgrp(3)). */
#pragma once

#include "stage.h"

/* What asks a process to end, and what tells of a child's end. */
#define TERMINATION (signal_bit(SIGINT) | signal_bit(SIGTERM) | signal_bit(SIGCHLD))

/* Sends SIGINT and SIGTERM on to the child until it ends, and gets its status (wait(2)). All of
 * TERMINATION must be blocked. */
__attribute__((cold)) void forward_signals_until_end(struct stage *stage, int *status);

/* What an init writes to the stage's `news`, besides the numbers of stop signals. */
enum { PROGRAM_STARTED = '@', JOB_CONTINUED, TERMINAL_INSIDE, CONTINUE_HELD };

/* INIT: whether a group inside has the terminal. */
__attribute__((cold)) bool terminal_is_inside(void);

/* LAUNCHER: to be called before all signals are blocked for an init, so that they stay blocked. */
__attribute__((cold)) void prepare_to_follow(const struct stage *stage);

/*
 * LAUNCHER, with all signals blocked: sends them on to the init. The first returns when the program
 * has started, the second when the init has ended, with its status (wait(2)). While the program is
 * stopped, by whomever, this process is stopped too, so that a shell gets its terminal back.
 */
__attribute__((cold)) void await_start(const struct stage *stage);
__attribute__((cold)) void follow_job(struct stage *stage, int *status);

/* Takes the terminal back from the child, which has ended. Returns the exit status for the child's.
 * Where a signal ended the child, the same one ends this process, so that the caller sees what it
 * would have seen without nsrun. */
int end_as(const struct stage *stage, int status);
