/* Namespaces pinned to files. Either all pins are made or none stays, whichever process is killed
 * on the way. What is not of this run is left alone. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "plan.h"

struct stage;

/*
 * The helper makes the pins. It, or its successor, waits until no process is left that could still
 * fail, and takes them off unless the program has been executed. The guard, a child of the helper,
 * does the same once these have ended. So one of the two may be killed. Without --fork both outlive
 * the exec, and may not be the program's children: hence the successor, the third process. The
 * launcher cannot stand in for one, since it has no power outside of a new user namespace.
 */
enum progress {
	NOT_READY, /* whatever dies now, the pins must go */
	EXECUTING, /* the exec has been called and has not failed yet */
	EXECUTED   /* the pins stay */
};

/* What is to be undone, noted down before it is made. Where an inode is 0, nothing was made. There
 * is a list of these, one for each type of namespaces, in memory that only the helper and its guard
 * share. A program that traces an init (ptrace(2)) can write to what init shares: that is the
 * progress, and never what root outside takes off. */
struct pin {
	const char *name; /* in the directory; NULL: nothing has been made */
	int directory;
	struct stat namespace;
	struct stat file; /* one that was made to mount on */
};

/* All that follows is for runs that pin namespaces. */

/* HELPER: takes off what it has made, when it has failed. */
void undo_pins(const struct stage *stage);

/* For the parent of the program, when the start is over: notes down whether the program was
 * executed. */
void confirm_program(struct stage *stage);

/* LAUNCHER: lets the helper and the guard take off what must go, and returns when they have
 * ended. */
void release_pins(struct stage *stage);
