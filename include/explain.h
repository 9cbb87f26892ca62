/* --explain: the plan in words and in C, instead of its performance. */
#ifndef NSRUN_EXPLAIN_H
#define NSRUN_EXPLAIN_H

#include "plan.h"

/* Prints the plan on standard output. Returns an exit status. */
int explain(const struct plan *plan, const struct request *request, const struct facts *facts);

#endif
