/* Which ids the new user namespace shall have: the maps that the request asks for. */
#ifndef NSRUN_MAPS_H
#define NSRUN_MAPS_H

#include "facts.h"

/* Reads the caller's ids, and what --map options need from /etc and /proc. Returns -1
 * after a complaint. */
int read_ids(struct facts *facts, const struct request *request);

#endif
