/* Completion in shells: scripts that are made from the table of options. */
#ifndef NSRUN_COMPLETION_H
#define NSRUN_COMPLETION_H

/* Prints the script for that shell, which must be one of --completion's. Returns an exit
 * status. */
int show_completion(const char *shell);

#endif
