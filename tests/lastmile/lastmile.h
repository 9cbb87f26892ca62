/*
 * What the tests of init, signals, root, network and names share: a directory with copies
 * of nsrun and of the test program itself, and a way to start the one below the other.
 *
 * A test program that is started by the name "role" is no test: it plays the part of a
 * program below nsrun, which its first argument names (see roles.c).
 */
#ifndef NSRUN_TESTS_LASTMILE_H
#define NSRUN_TESTS_LASTMILE_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "checked.h"

/* Exit status of nsrun's own failures; time that something may take at most; time after
 * which what has not happened is taken not to happen. All in milliseconds. */
enum { FAILED = 125, PATIENCE = 5000, SETTLED = 60 };

/* Where nsrun and role lie, within everybody's reach. */
extern char work_directory[];

/* To be called first in main(): does not return in a role. */
void play_role(int count, char **arguments);

int set_up(void **state);
int tear_down(void **state);
/* The same, in a mount namespace of the tests' own. */
int set_up_with_mounts(void **state);

struct process {
	pid_t id;
	int output; /* what all below write to standard output and standard error */
	size_t length;
	char text[1 << 16];
};

/* How the command's caller leaves things before it executes it. */
struct caller {
	bool is_user; /* nsrun-test, not root */
	void (*prepare)(const void *argument);
	const void *argument;
	const char *directory; /* the working directory, or NULL */
};

/* A command is a line of words; single quotes hold blanks together. It gets a process
 * group of its own, /dev/null as standard input and default signals. */
__attribute__((format(printf, 3, 4))) void
start(struct process *process, const struct caller *caller, const char *format, ...);
/* Splits the line and executes it; does not return. */
void execute_line(char *line);
/* Whether the text turns up in the output in time. */
bool output_holds(struct process *process, const char *text, int milliseconds);
/* Fails the test, with what was written so far, unless it does. */
void await_text(struct process *process, const char *text);
/* Takes in what has been written by now. */
void read_output(struct process *process);
unsigned count_in_output(struct process *process, const char *text);
/* The status that waitpid(2) gives. Fails the test if the end does not come. */
int await_end(struct process *process);
/* start() and await_end(), then all that is there to read. */
__attribute__((format(printf, 3, 4))) int run(struct process *process, const struct caller *caller,
					      const char *format, ...);
void close_process(struct process *process);

/* Kills what is left of all that was started, and tells how many these were. */
int clear_up(void);
/* Whether all that was started ends by itself in that time. */
bool all_end(int milliseconds);

/* The only child of the process, or 0. */
pid_t child_of(pid_t process);
/* The first of that name in the line of only children; fails the test without one. */
pid_t program_of(pid_t launcher, const char *name);
/* The letter of proc(5): R, S, T, Z …, or 0 if there is no such process. */
char state_of(pid_t process);
bool await_state(pid_t process, char state);
/* A set of signals such as SigPnd; bit 0 is signal 1. */
uint64_t signals_of(pid_t process, const char *set);
static inline uint64_t signal_bit(int number)
{
	return UINT64_C(1) << (number - 1);
}

double milliseconds_now(void);
void pause_milliseconds(double milliseconds);

/* Blocks or unblocks every signal, also those that libc keeps for itself. */
void set_raw_mask(uint64_t mask);

/* Writes a file, relative to work_directory. */
void copy_file(const char *from, const char *to);
/* Makes work_directory/name, in which role can run, with bin, proc and tmp; the path is
 * written into root. */
void make_root(char *root, size_t size, const char *name);

#endif
