/* The program takes over: finding and executing it. */
#pragma once

#include "stage.h"

/*
 * Executes file, looked for in PATH if it has no slash, as execvp(3) does; a text without
 * "#!" is run by /bin/sh. Returns only on failure, with errno set; touches nothing but its
 * own stack, so that a child that shares its parent's memory may call it.
 */
void execute(const char *file, char **arguments);

/* Tells an execve(2) with that list of arguments, which is not empty. */
void tell_execute(const struct stage *stage, const char *file, char **arguments);
