/* The performance: every process walks the same list and plays its own steps. */
#pragma once

#include "plan.h"

/* Plays the plan. The journal is a traced one, or NULL. Returns nsrun's exit status, unless the
 * launcher itself becomes the program, or ends by the signal that has killed it. */
int play(const struct plan *plan, struct journal *journal);

/* Makes none of the step's calls. Returns them, as the journal keeps them. Those that have read the
 * facts are there until the next step is told. */
const char *tell_step(const struct plan *plan, const struct step *step, struct journal *journal);
