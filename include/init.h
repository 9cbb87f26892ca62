/* PID 1 for --init: it reaps orphans, passes signals on and ends with the program. */
#ifndef NSRUN_INIT_H
#define NSRUN_INIT_H

#include "operations.h"

/* Does not return. */
perform_operation be_init;

#endif
