/* The performance: every process walks the same list and plays its own steps. */
#ifndef NSRUN_PLAY_H
#define NSRUN_PLAY_H

#include "stage.h"

/*
 * Plays the plan. Where the launcher itself becomes the program, it does not return;
 * otherwise it returns nsrun's exit status, or does not return because a signal killed
 * the program and so kills nsrun.
 */
int play(const struct plan *plan, enum mode mode);

/* The operation's name in explanations. */
const char *operation_name(enum operation operation);

/* Tells each call of one step to the listener, in C notation, and makes none. */
void tell_step(const struct plan *plan, const struct step *step,
	       void (*tell)(void *listener, const char *call), void *listener);

/* LAUNCHER: closes what was for the child and the helper. */
void close_descriptors(struct stage *stage);

/* LAUNCHER: says so if a signal killed the helper, which could not say so itself. */
void complain_if_killed(int helper_status);

/* Plays the steps of the stage's actor from first on. Returns an exit status. */
int play_from(struct stage *stage, const struct step *first);

#endif
