/* Advice after a failure: the cause that this machine shows, and what mends it. Nothing
 * here is guessed from the error alone; where no cause is found, nothing is said. Of several
 * causes only the first that must be mended is told. What hints returns true if it has. */
#pragma once

#include "look.h"
#include "plan.h"

/* What surprises everybody once, for a person to read before the run. */
void give_notes(const struct request *request, const struct facts *facts);

/* Hints at what made the step of the plan fail with that error. */
bool hint_failure(const struct plan *plan, const struct step *step, int error);

/* The same for newuidmap or newgidmap, which could not be run, or ended with an error. */
bool hint_missing_mapper(const char *name);
bool hint_mapper(const char *name, const char *map);

/* The same for unshare(2), a file to write, a change of ids, a program to execute. */
bool hint_unshare(unsigned long namespaces, int error);
bool hint_write(const struct step *step, int error);
bool hint_ids(const struct plan *plan, const struct step *step, int error);
bool hint_program(const struct plan *plan, const struct step *step, int error);

/* The same for a map of users or groups that is to be made from outside. */
bool hint_map(bool users, const char *map);

/* Hints if this process lacks the capability, and would have it as root of a user namespace. */
bool hint_lack(enum capability capability, const char *name);

/* Hints if new user namespaces have no power here. */
bool hint_powerless(void);

/* Hints if the directory, or one on the way to the file, may not be entered. */
bool hint_closed_directory(const char *path);

/* For find_mount(): a root that is no mount, as that of a chroot(2) may be, has none. */
bool is_root(const char *point);
