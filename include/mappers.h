/* newuidmap(1) and newgidmap(1), which map other ids for an ordinary user. */
#ifndef NSRUN_MAPPERS_H
#define NSRUN_MAPPERS_H

#include "stage.h"

/* Runs the two at the same time, since each writes a file of its own, and waits for
 * both. Returns -1 after a complaint where one of them is missing or has failed. */
int run_mappers(struct stage *stage, const struct step *step);

#endif
