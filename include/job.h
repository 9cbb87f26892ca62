/* A program below an init as one job with the launcher: it stops and goes on with it. */
#ifndef NSRUN_JOB_H
#define NSRUN_JOB_H

#include "stage.h"

/* What passes through the stage's `news` besides the numbers of stop signals, which are
 * all lower. */
enum { PROGRAM_STARTED = '@', JOB_CONTINUED };

/* INIT: tells the launcher, at first that the program has been started. */
void start_telling_news(const struct stage *stage);
void tell_news(const struct stage *stage, int news);

/*
 * LAUNCHER: sends signals on to the init until it ends, and gets its status (wait(2)). All
 * signals must be blocked. Where the program stops, whoever stopped it, this process stops
 * too, so that a shell gets its terminal back.
 */
void follow_job(struct stage *stage, int *status);

#endif
