/* --report: the namespaces before and after, pids, ids and maps. */
#ifndef NSRUN_REPORT_H
#define NSRUN_REPORT_H

#include "operations.h"

/* LAUNCHER: what there is before; whoever becomes the program: what it is given. */
perform_operation list_namespaces, report;

#endif
