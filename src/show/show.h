/* What is printed on standard output in place of a run. Each function returns an exit status:
 * a full disk there is a failure. */
#ifndef NSRUN_SHOW_H
#define NSRUN_SHOW_H

#include "plan.h"

int show_help(bool all, char **environment);
int show_version(void);

/* Prints the completion script for that shell, which must be one of --completion's. */
int show_completion(const char *shell);

/* Prints the plan, in words and in C. */
int explain(const struct plan *plan, const struct request *request, const struct facts *facts);

#endif
