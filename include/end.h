/* How the launcher ends: as its child does. */
#ifndef NSRUN_END_H
#define NSRUN_END_H

#include "stage.h"

/*
 * Sends SIGTERM and SIGINT on to the child until it ends, and gets its status
 * (wait(2)). Both signals and SIGCHLD must be blocked. A signal that the kernel sent is
 * left out: what a key at the terminal sends, the child got from there.
 */
void forward_signals_until_end(struct stage *stage, int *status);

/* The exit status for a child's status. Where a signal ended the child, the same one
 * ends this process, so that the caller sees what it would have seen without nsrun. */
int end_as(int status);

#endif
