/* Users, groups and their subordinate ids, as /etc lists them. nsrun reads that itself: a static
 * libc cannot load name service modules. Whoever is not there is asked for through getent(1). */
#pragma once

#include "idmap.h"
#include "lines.h"

/* The id of that name in the database "passwd" or "group". Returns -1 after a complaint. */
__attribute__((cold)) int find_id(struct journal *journal, const char *database, const char *name,
				  uint32_t *id);

/* The passwd(5) line of a user. Returns 1, 0 if there is none, or -1 after a complaint. */
__attribute__((cold)) int find_user(struct journal *journal, uint32_t id, struct record *record);

/* The first range in subuid(5) or subgid(5) (path) that belongs to the user, by login name (may be
 * NULL) or by number; inner is 0. If there is none, *range gets ids that are nobody's, unless the
 * last ids are somebody's: then it is not valid. Returns as find_user(). */
__attribute__((cold)) int find_subordinate_range(struct journal *journal, const char *path,
						 const char *login, uint32_t user,
						 struct id_range *range);
