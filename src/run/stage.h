/* The stage: the state of one process while it plays its steps of the plan, and the one way
 * in which a system call is explained, traced or complained about. */
#pragma once

#include <sys/stat.h>

#include "journal.h"
#include "play.h"
#include "signals.h"

/* Whether a run keeps its pins (guards.c). */
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

struct stage {
	struct journal *journal; /* NULL, traced, or of an explanation, which makes no call */
	enum actor actor;        /* which part this process plays */
	const struct plan *plan;
	const struct step *step;
	int status; /* the exit status that nsrun has come to */

	int baton; /* the socket to the process that takes turns with this one, or -1 */
	pid_t helper;
	pid_t child;     /* 0 until it has been started */
	int launcher[2]; /* a pipe that ends when the launcher does, which alone holds [1]; or -1 */
	int signals;     /* INIT: from which it reads its signals, or -1 */
	int news;        /* from an init to the launcher: how the program does; or -1 */
	int proc;        /* /proc as the launcher saw it, for the report, or -1 */
	bool terminal_is_inside; /* INIT: since the program has stopped */
	signal_set caller_mask;
	struct sigaction child_signal_before;
	int launcher_proc;  /* the launcher's directory in /proc, or -1 */
	int launcher_pidfd; /* HELPER: in a run without --fork, or -1 */
	int watch[2];       /* a socket of all that could still fail, and the helper's; or -1 */
	enum progress *progress; /* all share it where there are pins; else NULL */
	struct pin *pins;        /* HELPER: what it has made and its guard would undo, or NULL */
};

/* The stage of a process that has done nothing yet, and begins with that step of its own. */
struct stage new_stage(const struct plan *plan, const struct step *step, struct journal *journal);

/* True if calls are to be made, not only told. */
static inline bool performs(const struct stage *stage)
{
	return !stage->journal || stage->journal->traced;
}

/* Enters in the journal the call that format says and that has returned result. The one format
 * string serves --explain, --trace and the message, so that the three cannot differ. Complains of a
 * failure, unless the step tolerates its errno. Returns the result, with errno as it was. */
int settle(const struct stage *stage, long result, const char *format, ...);

/* Makes the call and settles it. One that is only told counts as having returned 0. */
#define MAKE_CALL(stage, call, ...) settle(stage, performs(stage) ? (call) : 0, __VA_ARGS__)

/* The same for a call whose failure is no fault. Wider than settle(): an id has 32 bits. */
long long tell_call(const struct stage *stage, long long result, const char *format, ...);

/* Closes a descriptor, if it was opened and not only told. Returns result, and keeps errno. */
int close_after(const struct stage *stage, int descriptor, int result);

/* mmap(2): MAP_SHARED with the processes that are forked later, or MAP_PRIVATE. Returns NULL with
 * errno set, without a complaint. */
__attribute__((cold)) void *get_memory(size_t size, int sharing);
