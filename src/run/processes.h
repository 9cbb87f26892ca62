/* How the processes of a run keep together: signals, the baton that passes between them,
 * their ends. */
#pragma once

#include "stage.h"

/* Adds these to the blocked signals, and keeps the mask from before in the stage. */
int block_more_signals(struct stage *stage, signal_set signals);

/* waitpid(2) for one process, which explanations call by that name. */
int await_process(struct stage *stage, pid_t process, const char *name, int *status);

/* LAUNCHER: has failed, and leaves only when the helper has ended and all has been undone. */
void clear_up(struct stage *stage);
