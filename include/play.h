/* The performance: every process walks the same list and plays its own steps. */
#pragma once

#include "plan.h"

enum mode {
	PLAY,   /* make each call */
	TRACE,  /* make each call and write it to standard error */
	EXPLAIN /* only tell each call */
};

/* Plays the plan. Returns nsrun's exit status, unless the launcher itself becomes the program, or
 * ends by the signal that has killed it. */
int play(const struct plan *plan, enum mode mode);

/* Tells each call of one step to the listener, in C notation, and makes none. */
void tell_step(const struct plan *plan, const struct step *step,
	       void (*tell)(void *listener, const char *call), void *listener);
