/* What make_plan() is put together from. */
#pragma once

#include "plan.h"

/* Adds a step; the caller fills in the operation's arguments. */
struct step *add_step(struct plan *plan, enum actor by, enum operation operation, const char *why);

/* Two processes take turns: the one that is done tells the other, which awaits it. Returns the
 * step of the first. */
struct step *pass_baton(struct plan *plan, enum actor from, enum actor to, const char *why);

void add_write(struct plan *plan, enum actor by, const char *path, const char *text,
	       const char *why);

/* helper.c: what --owner asks for, and what a process in the old namespaces has to do. */
void plan_owner(struct plan *plan, const struct request *request);
void plan_helper_writes(struct plan *plan, const struct request *request,
			const struct facts *facts);
void plan_pins(struct plan *plan, enum actor runner, const struct request *request);

/* Also for the launcher or its child, which write these if there is no --owner. */
void plan_setgroups(struct plan *plan, enum actor by, const struct request *request);
void plan_clocks(struct plan *plan, enum actor by, const struct request *request);

/* All that changes what files the program sees: propagation, root, working directory, proc,
 * binfmt_misc. The runner becomes the program, or with --init its parent. */
void plan_mounts(struct plan *plan, enum actor runner, const struct request *request,
		 const struct facts *facts);
