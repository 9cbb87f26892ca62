/* Tests whose subject this kernel or this machine does not have. */
#pragma once

#include <stdbool.h>

/* Ends the test, as one that tests/run.sh counts apart and shows with its reason, such as
 * "needs Linux 6.7: binfmt_misc in a user namespace". */
void leave_out(const char *reason);

/* Whether this is Linux major.minor or later. */
bool is_linux(int major, int minor);
