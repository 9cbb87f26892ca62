/* A terminal for a command, and somebody who presses keys. */
#ifndef NSRUN_TESTS_TERMINAL_H
#define NSRUN_TESTS_TERMINAL_H

#include "lastmile.h"

/* Ctrl-C, Ctrl-\ and Ctrl-Z. */
#define INTERRUPT "\003"
#define QUIT "\034"
#define SUSPEND "\032"

/* The command leads a session of its own in a terminal of its own: the process's output
 * is what the terminal shows. */
__attribute__((format(printf, 2, 3))) void start_in_terminal(struct process *process,
							     const char *format, ...);
void press(const struct process *process, const char *keys);

#endif
