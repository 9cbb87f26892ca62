/* What make_plan() is put together from. */
#pragma once

#include "plan.h"

/* Adds a step; the caller fills in the operation's arguments. */
struct step *add_step(struct plan *plan, enum actor by, enum operation operation, const char *why);

/* All that changes what files the program sees: propagation, root, working directory, proc,
 * binfmt_misc. The runner becomes the program, or with --init its parent. */
void plan_mounts(struct plan *plan, enum actor runner, const struct request *request,
		 const struct facts *facts);
