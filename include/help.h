/* What --help and --version print, on standard output. */
#ifndef NSRUN_HELP_H
#define NSRUN_HELP_H

#include <stdbool.h>

/* Each returns an exit status: a full disk under standard output is a failure. */
int show_help(bool all, char **environment);
int show_version(void);

#endif
