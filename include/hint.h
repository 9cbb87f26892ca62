/* Advice after a failure: the cause that this machine shows, and what mends it. */
#ifndef NSRUN_HINT_H
#define NSRUN_HINT_H

#include <stdint.h>

#include "plan.h"

/* How to give a user (by login name, or by number where it has none) ids of its own. */
void hint_subordinate_ids(const char *path, const char *login, uint32_t user);

/* What may have made the step fail with that error. */
void hint_failure(const struct step *step, int error);

#endif
