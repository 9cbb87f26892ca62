/* Tests whose subject this kernel or this machine does not have. */
#ifndef NSRUN_TESTS_LEAVE_OUT_H
#define NSRUN_TESTS_LEAVE_OUT_H

#include <stdbool.h>

/* Ends the test, as one that tests/run.sh counts apart and shows with its reason, such as
 * "needs Linux 6.7: binfmt_misc in a user namespace". */
void leave_out(const char *reason);

/* Whether this is Linux major.minor or later. */
bool is_linux(int major, int minor);

#endif
