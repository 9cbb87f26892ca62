/* The program that nsrun starts: its environment, and finding and executing it. */
#ifndef NSRUN_PROGRAM_H
#define NSRUN_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

/* The value of a variable in environment, or NULL. */
const char *find_variable(char **environment, const char *name);

/* The directories where programs are looked for, with ':' between them. */
const char *find_path(char **environment);

/* Takes the next of the directories, and puts together where name would be in it.
 * Returns false when there is none left. An empty one is the working directory. */
bool next_candidate(const char **directories, const char *name, char candidate[PATH_MAX]);

/* Keeps in environment, in place, just the variables of the list "a,b,c". */
void keep_variables(char **environment, const char *list);

/*
 * Executes file, looked for in the PATH of environment if it has no slash, as
 * execvp(3) does; a text without "#!" is run by /bin/sh. Returns only on failure,
 * with errno set; touches nothing but its own stack, so that a child that shares its
 * parent's memory may call it.
 */
void execute(const char *file, char **arguments, char **environment);

/* The exit status that env(1) gives for an execute() that failed with that error. */
int execute_status(int error);

#endif
