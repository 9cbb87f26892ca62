/* Which ids the new user namespace shall have: the maps that the request asks for. */
#pragma once

#include "facts.h"

/* Puts together the maps that have ranges, or that the helper must write. Needs the
 * caller's ids in facts. Returns -1 after a complaint. */
__attribute__((cold)) int read_maps(struct facts *facts, const struct request *request);
