#include "play.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptors.h"
#include "hint.h"
#include "message.h"
#include "operations.h"

static int perform(struct stage *stage);

/* Plays the steps of the stage's actor, from the stage's step on. Returns an exit status. */
static int play_on(struct stage *stage)
{
	const struct step *end = stage->plan->steps + stage->plan->count;

	for (; stage->step < end; stage->step++) {
		const struct step *step = stage->step;

		if (step->by != stage->actor || perform(stage) >= 0 ||
		    (step->tolerates && errno == step->tolerates))
			continue;
		hint_failure(stage->plan, step, errno);
		if (stage->actor == LAUNCHER)
			clear_up(stage);
		if (stage->pins)
			undo_pins(stage);
		return stage->status ? stage->status : EXIT_NSRUN;
	}
	return stage->status;
}

/* A socketpair(2), which explanations call by that name. Returns -1 after a complaint. */
__attribute__((cold)) static int make_sockets(struct stage *stage, int ends[2], const char *name)
{
	int result = performs(stage) ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : 0;

	for (int i = 0; performs(stage) && result == 0 && i < 2; i++) {
		ends[i] = keep_off_standard(ends[i]);
		result = ends[i] < 0 ? -1 : 0;
	}
	return settle(stage, result, "socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, %s)", name);
}

enum { STACK_SIZE = 128 * 1024 };

/* What a helper has of its own, even where it shares the launcher's memory. */
struct helper {
	_Alignas(16) char stack[STACK_SIZE];
	struct stage stage;
	int ends[2]; /* of the baton: the launcher's, and its own */
};

__attribute__((cold)) static int be_helper(void *start)
{
	struct helper *helper = start;
	struct stage *stage = &helper->stage;

	stage->actor = HELPER;
	stage->baton = helper->ends[1];
	close(helper->ends[0]);
	close_for_good(&stage->watch[0]);
	/* A Ctrl-C ends the launcher. The helper sees that, puts things in order and ends too. */
	if (block_more_signals(stage, ALL_SIGNALS) < 0)
		_exit(EXIT_NSRUN);
	_exit(play_on(stage));
}

/* A helper that only writes maps shares the launcher's memory: to copy page tables, as fork(2)
 * does, makes such a start a fifth slower (make bench). After a vfork(2) the parent stands still;
 * here both run, so each has a stack. errno is the one variable that both write. Each of them waits
 * in the kernel while the other makes calls (PASS_BATON, AWAIT_BATON), so neither sees the other's.
 * A helper that pins namespaces has memory of its own: the kernel, when memory is short, kills all
 * processes that share it. */
__attribute__((cold)) static int start_helper(struct stage *stage)
{
	struct helper *helper = get_memory(sizeof(*helper), MAP_PRIVATE);
	bool pins = find_step(stage->plan, PIN);

	if (pins && performs(stage))
		stage->progress = get_memory(sizeof(*stage->progress), MAP_SHARED);
	if (!helper || (pins && performs(stage) && !stage->progress))
		return complain("cannot get memory for the helper: %m");
	/* By the link "self": its own pid may be another process in a proc of an outer PID
	 * namespace. Mappers get the pid instead. */
	if (pins || !find_step(stage->plan, RUN_MAPPERS)) {
		stage->launcher_proc = MAKE_CALL(
		    stage, keep_off_standard(open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC)),
		    "open(\"/proc/self\", O_PATH|O_DIRECTORY|O_CLOEXEC)");
		if (stage->launcher_proc < 0)
			return -1;
	}
	if (make_sockets(stage, helper->ends, "baton") < 0 ||
	    (pins && make_sockets(stage, stage->watch, "watch") < 0))
		return -1;
	helper->stage = *stage;
	stage->helper = MAKE_CALL(
	    stage,
	    clone(be_helper, helper->stack + STACK_SIZE, (pins ? 0 : CLONE_VM) | SIGCHLD, helper),
	    pins ? "fork()" : "clone(CLONE_VM|SIGCHLD)");
	if (performs(stage)) {
		close_keeping_errno(helper->ends[1]);
		close_for_good(&stage->watch[1]);
		/* Only the helper needs it. What PID 1 has open, a program can open too: this would
		 * lead out of a new root. */
		close_for_good(&stage->launcher_proc);
		stage->baton = helper->ends[0];
	} else {
		munmap(helper, sizeof(*helper));
	}
	return stage->helper;
}

/* Has a stage of its own, since it may share memory with the launcher. */
static int be_child(void *launchers_stage)
{
	struct stage own = *(const struct stage *)launchers_stage;

	own.actor = CHILD;
	close_for_good(&own.launcher[1]);
	_exit(play_on(&own));
}

/* Kernels before 6.3 do not let processes in different time namespaces share memory (EINVAL). The
 * launcher stands still all the same (CLONE_VFORK in clone(2)). Its own stack may have no room for
 * the child's (RLIMIT_STACK in getrlimit(2)). */
__attribute__((cold)) static pid_t clone_child(struct stage *stage)
{
	char *stack = get_memory(STACK_SIZE, MAP_PRIVATE);

	return stack ? clone(be_child, stack + STACK_SIZE, CLONE_VFORK | SIGCHLD, stage) : -1;
}

/* An init never executes anything, so it gets memory of its own. The pipe from it brings news as
 * long as it lives. */
__attribute__((cold)) static int fork_init(struct stage *stage)
{
	int ends[2] = {-1, -1};
	pid_t child;

	if (performs(stage) && make_pipe(ends) < 0)
		return -1;
	child = performs(stage) ? fork() : 1;
	stage->news = ends[child == 0];
	close_keeping_errno(ends[child != 0]);
	if (child == 0)
		be_child(stage);
	stage->child = child;
	if (performs(stage) && child > 0)
		await_start(stage);
	return settle(stage, child, "fork()");
}

/* The child shares the launcher's memory until its exec, and the launcher stands still (vfork(2)):
 * that saves copying page tables. The child plays only what is VFORK_SAFE, and does not return from
 * this function. The plan and all it points to are read only. */
static int fork_child(struct stage *stage)
{
	pid_t child;

	if (find_step(stage->plan, BE_INIT))
		return fork_init(stage);
	child = performs(stage) ? vfork() : 1;
	if (child < 0 && errno == EINVAL)
		child = clone_child(stage);
	if (child == 0)
		be_child(stage);
	stage->child = child;
	return settle(stage, child, "vfork()");
}

/* An init must hear of a stop that hits the program even before its exec. So it must not stand
 * still, and there is no vfork(2) here. The program's end of the new baton closes at the exec. */
__attribute__((cold)) static int start_program(struct stage *stage)
{
	int ends[2] = {-1, -1};
	pid_t program;

	close_for_good(&stage->baton);
	if (make_sockets(stage, ends, "baton") < 0)
		return -1;
	program = performs(stage) ? fork() : 1;
	if (program == 0) {
		stage->actor = PROGRAM;
		stage->baton = ends[1];
		_exit(play_on(stage));
	}
	close_keeping_errno(ends[1]);
	close_keeping_errno(stage->proc);
	stage->baton = ends[0];
	stage->child = program;
	return settle(stage, program, "fork()");
}

static int perform(struct stage *stage)
{
	/* Not in operations.c: the process that each of them starts calls play_on(). */
	static perform_operation *const starts[OPERATIONS] = {
	    [START_HELPER] = start_helper, [FORK] = fork_child, [START_PROGRAM] = start_program};
	enum operation operation = stage->step->operation;

	return (starts[operation] ? starts[operation] : operations[operation].perform)(stage);
}

int play(const struct plan *plan, struct journal *journal)
{
	struct stage stage = new_stage(plan, plan->steps, journal);

	return play_on(&stage);
}

const char *tell_step(const struct plan *plan, const struct step *step, struct journal *journal)
{
	struct stage stage = new_stage(plan, step, journal);

	if (step->operation == READ_FACTS)
		return journal->calls;
	start_journal(journal, false);
	/* What the step would find in a run. */
	if (find_step(plan, RESET_CHILD_SIGNAL))
		sigaction(SIGCHLD, NULL, &stage.child_signal_before);
	perform(&stage);
	return journal->calls;
}
