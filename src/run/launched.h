/* Whether a process has become the program, seen from outside. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Opened while it lives: what is seen through these later is never another process, even
 * one that has got its number. */
struct launched {
	int directory; /* in /proc, or -1 */
	int pidfd;     /* or -1 */
};

/* The name that a process has until its exec. No program has it: exec replaces it by the
 * program's own (prctl(2)). */
extern const char launching[];

/* Opens path, a directory in /proc. Returns -1 with errno set where that fails. */
__attribute__((cold)) int open_process(const char *path);

/* The process must have named itself `launching` and then closed what closes at exec: it
 * runs the program now, or dies. Returns when it is known which. Where the directory could
 * not be opened the program is taken to run. */
__attribute__((cold)) bool runs_program(const struct launched *process);
