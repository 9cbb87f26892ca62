/* newuidmap(1) and newgidmap(1), which write the maps of those who are not root. */
#ifndef NSRUN_MAPPERS_H
#define NSRUN_MAPPERS_H

#include "operations.h"

/* Runs both at the same time, since each writes a file of its own. One that is missing or
 * fails is complained about. */
perform_operation run_mappers;

#endif
