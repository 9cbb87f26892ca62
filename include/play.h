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

/* Goes through all steps of all actors and tells each call to the listener. Makes no
 * call that changes anything. */
void tell_step(const struct step *step, void (*tell)(void *listener, const char *call),
	       void *listener);

/* Plays the steps of the stage's actor from first on. Returns an exit status. */
int play_from(struct stage *stage, const struct step *first);

#endif
