/* What each operation of a plan does. */
#ifndef NSRUN_OPERATIONS_H
#define NSRUN_OPERATIONS_H

#include "stage.h"

/* Returns -1 with errno set, after a complaint, where the step has failed. */
typedef int perform_operation(struct stage *stage, const struct step *step);

/*
 * A child that vfork(2) has made shares its parent's memory until its exec. It may play an
 * operation that is VFORK_SAFE: one that writes to its own stack, to errno and to its copy
 * of the stage, and to nothing else; that allocates nothing, and takes no lock.
 */
enum vfork_safety { NOT_VFORK_SAFE, VFORK_SAFE };

struct operation_row {
	const char *name; /* in explanations */
	perform_operation *perform;
	enum vfork_safety vfork_safety;
};

/* All operations but those that start a process, which play.c has. */
extern const struct operation_row operations[OPERATIONS];

#endif
