/* A command line with all that becomes of it, without a look at the machine. */
#pragma once

#include "plan.h"
#include "unit.h"

struct scene {
	struct request request;
	struct facts facts;
	struct room room;
	struct plan plan;
	struct words words;
};

/* Reads the line, whose first word is nsrun's name, as main() does. */
int read_scene(struct scene *scene, const char *line);

/*
 * Plans what was read with the facts that read_facts() would find for that user in that
 * group, on a machine with all namespace types where each has 65536 subordinate ids from
 * 100000 on, all names stand for id 7, and the shell is /bin/sh.
 */
void plan_scene(struct scene *scene, uint32_t user, uint32_t group);
