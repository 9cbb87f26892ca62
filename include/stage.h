/* Where a plan is played: the state of one process while it walks the steps, and the
 * system calls that it makes. */
#ifndef NSRUN_STAGE_H
#define NSRUN_STAGE_H

#include <sys/types.h>

#include "guard.h"
#include "journal.h"
#include "plan.h"
#include "signals.h"

enum mode {
	PLAY,   /* make each call */
	TRACE,  /* make each call and write it to standard error */
	EXPLAIN /* only tell each call */
};

struct stage {
	enum mode mode;
	enum actor actor; /* which part this process plays */
	const struct plan *plan;
	const struct step *step;
	int status; /* the exit status that nsrun has come to */

	int baton; /* the socket to the helper, or of the helper; -1 */
	pid_t helper;
	pid_t child;
	int launcher; /* a pidfd of the launcher, or -1 */
	int signals;  /* INIT: from which it reads its signals, or -1 */
	int news;     /* from an init to the launcher: how the program does; or -1 */
	int proc;     /* /proc as the launcher saw it, for the report, or -1 */
	bool child_signal_was_ignored;
	signal_set caller_mask;
	bool pins; /* namespaces are pinned in this run */
	struct guard guard;

	/* EXPLAIN: takes each call. */
	void (*tell)(void *listener, const char *call);
	void *listener;
};

/*
 * Each of these makes the system call that it is named after, or only tells it, as the
 * stage's mode says. The one format string in it serves --explain, --trace and the
 * message when the call fails, so that the three cannot differ. A call that fails with
 * an errno that the step does not tolerate has been complained about on return.
 */
int call_default_child_signal(struct stage *stage);
int call_unshare(struct stage *stage, unsigned long namespaces);
int call_setgroups_none(struct stage *stage);
int call_setgid(struct stage *stage, uint32_t group);
int call_setuid(struct stage *stage, uint32_t user);
int call_open_for_writing(struct stage *stage, const char *path);
int call_write(struct stage *stage, int descriptor, const char *text);
int call_mount(struct stage *stage, const char *source, const char *target, const char *type,
	       unsigned long flags);
/* A file to be mounted on: a new one, or one that is there, which may not be a link. */
int call_create(struct stage *stage, const char *path);
int call_open_place(struct stage *stage, const char *path);
/* Binds source on the open file, which has that name. */
int call_bind(struct stage *stage, const char *source, int place, const char *name);
int call_chroot(struct stage *stage, const char *path);
int call_clone_tree(struct stage *stage, const char *path);
int call_move_tree(struct stage *stage, int tree, const char *path);
int call_enter_tree(struct stage *stage, int tree);
int call_pivot_root(struct stage *stage);
int call_detach_root(struct stage *stage);
int call_sethostname(struct stage *stage, const char *name);
int call_open_socket(struct stage *stage);
int call_raise_loopback(struct stage *stage, int socket);
int call_open_proc(struct stage *stage);
/* Reads a link or a file below stage->proc in to buffer, NUL-terminated. */
int call_read_link(struct stage *stage, const char *path, char *buffer, size_t size);
int call_read_file(struct stage *stage, const char *path, char *buffer, size_t size);
int call_chdir(struct stage *stage, const char *path);
int call_pidfd_open_self(struct stage *stage);
int call_set_death_signal(struct stage *stage, int signal);
/* dropped: an explanation shall know that there are none to raise. */
int call_raise_capabilities(struct stage *stage, bool dropped);
int call_block_signals(struct stage *stage, signal_set blocked, signal_set *before);
int call_set_signal_mask(struct stage *stage, signal_set mask);
int call_socketpair(struct stage *stage, int ends[2]);
int call_send(struct stage *stage);
int call_receive(struct stage *stage, char *byte);
pid_t call_fork(struct stage *stage);
int call_wait(struct stage *stage, pid_t process, const char *name, int *status);
void call_execute(struct stage *stage);

/* True if calls are to be made, not only told. */
static inline bool performs(const struct stage *stage)
{
	return stage->mode != EXPLAIN;
}

/* Tells, traces or complains about a call that returned result; see above. The errno
 * of a failed call is kept. */
long settle(const struct stage *stage, long result, const char *format, ...);

/* The same for a call whose failure is no fault. Wider than settle(): an id has 32 bits. */
long long tell_call(const struct stage *stage, long long result, const char *format, ...);

#endif
