/* Advice after a failure: the cause that this machine shows, and what mends it. Nothing
 * here is guessed from the error alone; where no cause is found, nothing is said. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

/* What made the step of the plan fail with that error. */
void hint_failure(const struct plan *plan, const struct step *step, int error);

/* The same for unshare(2) of those namespaces. */
void hint_unshare(unsigned long namespaces, int error);

/* The same for a fork(2) of any kind. */
void hint_fork(int error);

/* Says so, and returns true, where new user namespaces have no power. */
bool hint_powerless(void);

/* The same for a program that could not be executed. */
void hint_program(const struct plan *plan, const struct step *step, int error);

/* The first file of that name in a directory of PATH that `fits`, in to path. Returns
 * false if there is none. */
bool find_in_path(const char *name, char **environment, bool (*fits)(const char *path),
		  char path[PATH_MAX]);
bool is_executable(const char *path);

/* The same for newuidmap or newgidmap, which ended with an error. */
void hint_mapper(const char *name);
