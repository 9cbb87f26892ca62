#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "end.h"
#include "job.h"
#include "message.h"
#include "performances.h"
#include "play.h"
#include "program.h"

int reset_child_signal(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_default_child_signal(stage);
}

/* All that a helper has of its own where it shares the launcher's memory. */
struct helper {
	_Alignas(16) char stack[128 * 1024];
	struct stage stage;
	const struct step *first;
	int launchers_end;
};

static int be_helper(void *start)
{
	struct helper *helper = start;

	close(helper->launchers_end);
	/* A Ctrl-C ends the launcher, and so the helper, which first puts things in order. */
	if (call_block_signals(&helper->stage, ALL_SIGNALS, &helper->stage.caller_mask) < 0)
		_exit(EXIT_NSRUN);
	_exit(play_from(&helper->stage, helper->first));
}

/*
 * A helper that only writes maps shares the launcher's memory, which saves copying page
 * tables. Unlike after a vfork(2) both run, so each has a stack; and one of them always
 * waits in the kernel for the other (see TELL and AWAIT), so that they do not use errno,
 * the one thing that both write, at the same time.
 */
static pid_t start_sharing(struct stage *stage, struct helper *helper)
{
	pid_t process = performs(stage) ? clone(be_helper, helper->stack + sizeof(helper->stack),
						CLONE_VM | SIGCHLD, helper)
					: 1;

	return (pid_t)settle(stage, process, "clone(CLONE_VM|SIGCHLD)");
}

/* One that pins namespaces starts guards, which must not depend on the launcher's memory. */
static pid_t start_apart(struct stage *stage, struct helper *helper)
{
	pid_t process = call_fork(stage);

	if (process == 0)
		be_helper(helper);
	return process;
}

int start_helper(struct stage *stage, const struct step *step)
{
	struct helper *helper;
	int ends[2] = {-1, -1};

	helper =
	    mmap(NULL, sizeof(*helper), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (helper == MAP_FAILED)
		return complain_of(errno, "cannot get memory for the helper");
	if (call_socketpair(stage, ends) < 0)
		return -1;
	/* Once there is a guard, a helper must follow: it is what lets the guard go. */
	if (step->flag && open_guard(stage) < 0)
		return -1;
	helper->stage = *stage;
	helper->stage.actor = HELPER;
	helper->stage.baton = ends[1];
	helper->launchers_end = ends[0];
	helper->first = step + 1;
	stage->helper = step->flag ? start_apart(stage, helper) : start_sharing(stage, helper);
	if (performs(stage)) {
		close(ends[1]);
		stage->baton = ends[0];
	} else {
		munmap(helper, sizeof(*helper));
	}
	if (stage->guard.shared)
		leave_guards(&stage->guard);
	return stage->helper < 0 ? -1 : 0;
}

int guard_pins(struct stage *stage, const struct step *step)
{
	return start_guards(stage, step);
}

int tell_other(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_send(stage);
}

/* The end of the stream means that the other one has died: it has said why, or was
 * killed. Either way this process has nothing to add. */
int await_other(struct stage *stage, const struct step *step)
{
	char byte;
	int result = call_receive(stage, &byte);

	(void)step;
	if (result == 0)
		errno = EPIPE;
	return result > 0 ? 0 : -1;
}

int open_launcher(struct stage *stage, const struct step *step)
{
	(void)step;
	stage->launcher = call_pidfd_open_self(stage);
	return stage->launcher < 0 ? -1 : 0;
}

int block_signals(struct stage *stage, const struct step *step)
{
	return call_block_signals(stage, signals_cared_for(step->care), &stage->caller_mask);
}

enum { COMPLAINED = -2 };

/*
 * Where the two cannot share memory, the launcher waits for the same moment as after a
 * vfork(2): the end of this pipe, which closes when the program is executed or its
 * process dies. An init, which goes on without an exec, writes to it.
 */
static pid_t fork_and_await_program(struct stage *stage)
{
	int ends[2];
	pid_t child;
	char byte;

	if (make_pipe(ends) < 0) {
		complain_of(errno, "cannot make a pipe");
		return COMPLAINED;
	}
	child = fork();
	if (child == 0) {
		close(ends[0]);
		stage->news = ends[1];
		return 0;
	}
	close(ends[1]);
	while (child > 0 && read(ends[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	stage->news = ends[0];
	return child;
}

/*
 * The child shares the launcher's memory until its exec, and the launcher stands still
 * (vfork(2)): that saves copying page tables. So the child may write to its own stack
 * and to nothing else, errno and its copy of the stage aside; it may not allocate, take
 * locks, or return from this function. The plan and all it points to are read only.
 *
 * An init never executes anything, so it gets memory of its own. Kernels before 6.3 do
 * not let processes in different time namespaces share any (EINVAL).
 */
int fork_child(struct stage *stage, const struct step *step)
{
	bool is_init = step->flag;
	pid_t child = 1;

	if (performs(stage))
		child = is_init ? fork_and_await_program(stage) : vfork();
	if (child < 0 && errno == EINVAL && !is_init)
		child = fork_and_await_program(stage);
	if (child == COMPLAINED)
		return -1;
	if (child == 0) {
		struct stage own = *stage;
		own.actor = CHILD;
		_exit(play_from(&own, step + 1));
	}
	stage->child = child;
	if (child > 0 && !is_init && stage->guard.shared)
		confirm_program(&stage->guard, child);
	return settle(stage, child, is_init ? "fork()" : "vfork()") < 0 ? -1 : 0;
}

/* Before the program is started: what it does cannot be undone, should there be no such
 * descriptor. It gets only what is blocked (signalfd(2)), as all is since before the fork;
 * but musl's fork() may put back another mask when its own calls fail. */
int open_signals(struct stage *stage, const struct step *step)
{
	int result;

	(void)step;
	if (call_set_signal_mask(stage, ALL_SIGNALS) < 0)
		return -1;
	result = performs(stage) ? open_signal_descriptor(ALL_SIGNALS) : 0;
	stage->signals = (int)settle(stage, result, "signalfd(-1, &signals, SFD_CLOEXEC)");
	return stage->signals < 0 ? -1 : 0;
}

/* The same between init and the program. */
int start_program(struct stage *stage, const struct step *step)
{
	pid_t program = performs(stage) ? vfork() : 1;

	if (program == 0) {
		struct stage own = *stage;
		own.actor = PROGRAM;
		_exit(play_from(&own, step + 1));
	}
	stage->child = program;
	if (program > 0 && stage->guard.shared)
		confirm_program_of_init(&stage->guard, program);
	return settle(stage, program, "vfork()") < 0 ? -1 : 0;
}

int restore_signals(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_set_signal_mask(stage, stage->caller_mask);
}

static void close_for_good(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

void complain_if_killed(int helper_status)
{
	if (WIFSIGNALED(helper_status))
		complain("the helper was killed by %G", WTERMSIG(helper_status));
}

int reap_helper(struct stage *stage, const struct step *step)
{
	pid_t helper = stage->helper;
	int status = 0;

	/* The child has an end of its own. This one would let the helper wait for a child that
	 * is dead, and so this process for the helper. */
	if (step->flag)
		close_for_good(&stage->baton);
	stage->helper = 0;
	if (call_wait(stage, helper, "HELPER", &status) < 0)
		return -1;
	/* Once the program runs, it has told the child that it succeeded, and how it ended
	 * since is nothing; the child that it left without an answer has said nothing. */
	if (step->flag) {
		if (!program_is_confirmed(&stage->guard))
			complain_if_killed(status);
		return 0;
	}
	errno = ECHILD;
	complain_if_killed(status);
	return status == 0 ? 0 : -1;
}

/* The launcher may have died before the signal was armed: then nobody would send it. */
int die_with_launcher(struct stage *stage, const struct step *step)
{
	struct pollfd launcher = {.fd = stage->launcher, .events = POLLIN};
	int dead;

	/* No signal: an init watches the launcher by itself. */
	if (step->signal && call_set_death_signal(stage, step->signal) < 0)
		return -1;
	dead = performs(stage) ? poll(&launcher, 1, 0) : 0;
	if (settle(stage, dead, "poll(&launcher, 1, 0)") < 0)
		return -1;
	if (dead > 0)
		_exit(EXIT_NSRUN);
	return 0;
}

int execute_program(struct stage *stage, const struct step *step)
{
	struct sigaction ignored = {.sa_handler = SIG_IGN};

	if (stage->child_signal_was_ignored &&
	    settle(stage, performs(stage) ? sigaction(SIGCHLD, &ignored, NULL) : 0,
		   "sigaction(SIGCHLD, SIG_IGN)") < 0)
		return -1;
	if (stage->pins)
		announce_program(stage);
	call_execute(stage);
	if (!performs(stage))
		return 0;
	int error = errno;
	if (stage->guard.shared)
		withdraw_program(&stage->guard);
	stage->status = execute_status(error);
	complain_of(error, "cannot run '%s'", step->program.path);
	errno = error;
	return -1;
}

void close_descriptors(struct stage *stage)
{
	if (!performs(stage))
		return;
	close_for_good(&stage->baton);
	close_for_good(&stage->launcher);
	close_for_good(&stage->proc);
}

int wait_for_child(struct stage *stage, const struct step *step)
{
	int status = 0;

	close_descriptors(stage);
	if (step->care == FORWARD_ALL)
		follow_job(stage, &status);
	else if (step->care == FORWARD_TERMINATION)
		forward_signals_until_end(stage, &status);
	else if (call_wait(stage, stage->child, "CHILD", &status) < 0)
		return -1;
	stage->status = end_as(status);
	return 0;
}
