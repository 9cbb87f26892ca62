/*
 * Every system call of a run fails once, and every process dies once at each of them.
 *
 * strace(1) can do that too, but it counts a call in each process for itself and then
 * upsets all processes that come so far. Here one fault hits one process: what the others
 * do about it is the question.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sets.h"

enum { MOST_DEPTH = 8, MOST_CALLS = 512, PROGRAM_DESCRIPTOR = 9 };

/* A process by its descent: "0" is the launcher, "01" its second child. */
struct process_path {
	char steps[MOST_DEPTH];
};

/* A system call of the run. */
struct call {
	struct process_path process;
	unsigned index; /* among those of its process */
	long number;
	unsigned long arguments[4];
	char object[48]; /* the path or the file that it is about, as far as it fits */
};

enum { KILL = 0, SHORT_WRITE = -1 };

struct fault {
	struct call call;
	int error; /* or KILL, or SHORT_WRITE */
};

/* What is there when all is over. */
struct outcome {
	bool hangs;
	bool left_process;
	bool left_mount;      /* more or fewer mounts than before */
	bool left_file;       /* more or fewer files in the directory */
	bool struck;          /* the fault has happened */
	bool started_program; /* to a process whose vfork(2) had returned, or an init's fork(2) */
	bool executed;        /* the program has been */
	bool ran;             /* and had the time to say so */
	unsigned pins;
	int status; /* as of waitpid(2) */
	char descriptors[64];
	char errors[16 * 1024];
};

struct recording {
	size_t count;
	struct call calls[MOST_CALLS];
};

/* Runs nsrun as the child of the calling process, which is to be process 1 of its own PID
 * namespace, and waits until all processes have ended. One of fault and recording is NULL. */
void run_under(const struct option_set *set, const struct fault *fault, struct recording *recording,
	       struct outcome *outcome);

/* Does so in a place of its own: PID and mount namespace, proc, directory. */
void try_in_place(const struct option_set *set, const struct fault *fault,
		  struct recording *recording, struct outcome *outcome);

/* Makes what all places share. Returns the directory. */
const char *make_common_place(const char *nsrun, const char *program);

/* How a fault ended. */
enum verdict { SAID_SO, DIED, HARMLESS, MISSED, WRONG };

/* *why gets what is wrong. */
enum verdict judge(const struct option_set *set, const struct fault *fault,
		   const struct outcome *outcome, const char **why);

/* Why a run may succeed after that fault, or NULL: it may not. */
const char *why_harmless(const struct option_set *set, const struct fault *fault);

/* The name of a system call that nsrun makes, or NULL. */
const char *call_name(long number);

/* The errors with which a call may fail here, 0 at the end. */
const int *errors_of(const struct call *call);

/* Which argument is a path, or -1; and whether the first one is a descriptor. */
int path_argument(long number);
bool takes_descriptor(long number);

void give_up(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
