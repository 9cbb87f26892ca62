/* Namespaces pinned to files: all of them or none, whoever is killed on the way, and nobody
 * else's. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "plan.h"

struct stage;

/*
 * The helper makes the pins, and it or its successor waits until no process is left that could
 * still fail; then it takes them off again, unless the program has been executed. A guard, its
 * child, does all of that too once it has ended: so one of the two may be killed.
 */
enum progress {
	NOT_READY, /* whatever dies now, the pins must go */
	EXECUTING, /* the exec has been called and has not failed yet */
	EXECUTED   /* the pins stay */
};

/* What there is to be undone, noted down before it is made. An inode of 0: nothing is. */
struct pin {
	const char *name; /* in the directory; NULL: not asked for */
	int directory;
	struct stat namespace;
	struct stat file; /* one that was made to mount on */
};

/* In memory that all processes share, so that it outlives each of them. */
struct pins {
	enum progress progress;
	int launcher_pidfd; /* or -1 */
	struct pin list[NAMESPACE_TYPES];
};

/* All that follows is for runs that pin namespaces. */

/* What is on top at the place, with O_PATH, or -1. No link is followed. */
int open_place(const struct pin *pin);

/* HELPER, when it has failed: takes off what it has made. */
void undo_pins(const struct stage *stage);

/* Becomes the guard of the helper, which has the other end of this pipe. */
_Noreturn void be_guard(const struct stage *stage, const int helpers_end[2]);

/* The parent of what becomes the program, when its start is over: notes down whether it was
 * executed. */
void confirm_program(struct stage *stage);

/* LAUNCHER: lets the helper and the guard take off what must go, and returns when they have
 * ended. */
void release_pins(struct stage *stage);
