/* The program takes over: finding and executing it. */
#pragma once

#include "stage.h"

/* Executes file as execvp(3) does; /bin/sh runs a text without "#!". Returns only on failure, with
 * errno set. Touches nothing but its own stack: a child that shares its parent's memory may call
 * it. */
void execute(const char *file, char **arguments);

/* Tells an execve(2) with that list of arguments, which is not empty. */
void tell_execute(const struct stage *stage, const char *file, char **arguments);
