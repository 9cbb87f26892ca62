/* The terminal that a shell takes for its group in a new PID namespace. It cannot give it back: the
 * group that had it has no number there (tcsetpgrp(3)). */
#pragma once

#include "stage.h"

/* LAUNCHER: takes the terminal back when its child has ended. */
void keep_terminal(const struct stage *stage);

/* INIT: whether a group inside has the terminal. */
__attribute__((cold)) bool terminal_is_inside(void);

/* LAUNCHER: notes which group inside has the terminal, when the init says that one does; and gives
 * the terminal to that group where the caller has given it to the launcher's. */
__attribute__((cold)) void note_terminal(const struct stage *stage);
__attribute__((cold)) void return_terminal(void);
