/* How the launcher ends: as its child does. */
#ifndef NSRUN_END_H
#define NSRUN_END_H

#include "stage.h"

/* The signals that the launcher keeps blocked while its child runs. */
signal_set signals_cared_for(enum signal_care care);

/*
 * Sends SIGINT and SIGTERM on to the child until it ends, and gets its status (wait(2)).
 * They and SIGCHLD must be blocked. What a key at the terminal sent, the program has got
 * from there.
 */
void forward_signals_until_end(struct stage *stage, int *status);

/* The exit status for a child's status. Where a signal ended the child, the same one
 * ends this process, so that the caller sees what it would have seen without nsrun. */
int end_as(int status);

#endif
