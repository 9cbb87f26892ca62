#include "play.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "end.h"
#include "hint.h"
#include "mappers.h"
#include "message.h"
#include "program.h"

/* Each returns -1 with errno set, after a complaint, where its step has failed. */
typedef int performance(struct stage *stage, const struct step *step);

static int reset_child_signal(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_default_child_signal(stage);
}

/* A descriptor of ours must not be 0, 1 or 2, even where the caller has closed these:
 * messages would go into it. */
static int move_above_standard(int descriptor)
{
	int moved;

	if (descriptor > STDERR_FILENO)
		return descriptor;
	moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(descriptor);
	return moved;
}

static int become_helper(struct stage *stage, const struct step *step, int ends[2])
{
	sigset_t all;

	stage->actor = HELPER;
	stage->baton = ends[1];
	close(ends[0]);
	/* A Ctrl-C ends the launcher, and so the helper, which first puts things in order. */
	sigfillset(&all);
	if (call_block_signals(stage, &all, &stage->caller_mask) < 0)
		return EXIT_NSRUN;
	return play_from(stage, step + 1);
}

static int start_helper(struct stage *stage, const struct step *step)
{
	int ends[2] = {-1, -1};

	if (call_socketpair(stage, ends) < 0)
		return -1;
	if (performs(stage)) {
		ends[0] = move_above_standard(ends[0]);
		ends[1] = move_above_standard(ends[1]);
	}
	if (step->flag && open_guard(stage) < 0)
		return -1;
	stage->helper = call_fork(stage);
	if (stage->helper == 0)
		_exit(become_helper(stage, step, ends));
	if (performs(stage)) {
		close(ends[1]);
		stage->baton = ends[0];
	}
	leave_guards(&stage->guard);
	return stage->helper < 0 ? -1 : 0;
}

static int guard_pins(struct stage *stage, const struct step *step)
{
	(void)step;
	return start_guards(stage);
}

static int tell_other(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_send(stage);
}

/* The end of the stream means that the other one has died: it has said why, or was
 * killed. Either way this process has nothing to add. */
static int await_other(struct stage *stage, const struct step *step)
{
	char byte;
	int result = call_receive(stage, &byte);

	(void)step;
	if (result == 0)
		errno = EPIPE;
	return result > 0 ? 0 : -1;
}

static int drop_groups(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_setgroups_none(stage);
}

static int set_group(struct stage *stage, const struct step *step)
{
	return call_setgid(stage, step->id);
}

static int set_user(struct stage *stage, const struct step *step)
{
	return call_setuid(stage, step->id);
}

static int unshare_namespaces(struct stage *stage, const struct step *step)
{
	return call_unshare(stage, step->namespaces);
}

static int write_file(struct stage *stage, const struct step *step)
{
	int file = call_open_for_writing(stage, step->write.path);
	int result, error;

	if (file < 0)
		return -1;
	result = call_write(stage, file, step->write.text);
	error = errno;
	/* What these files refuse they have refused by now. */
	if (performs(stage))
		close(file);
	errno = error;
	return result < 0 ? -1 : 0;
}

static int open_launcher(struct stage *stage, const struct step *step)
{
	(void)step;
	stage->launcher = call_pidfd_open_self(stage);
	if (stage->launcher >= 0 && performs(stage))
		stage->launcher = move_above_standard(stage->launcher);
	return stage->launcher < 0 ? -1 : 0;
}

static int block_signals(struct stage *stage, const struct step *step)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* To forward signals the launcher waits for them and for the child's end alike. */
	if (step->flag)
		sigaddset(&signals, SIGCHLD);
	return call_block_signals(stage, &signals, &stage->caller_mask);
}

/* For kernels that do not let processes in different time namespaces share memory
 * (before 6.3): the launcher waits for the same moment as after a vfork(2). */
static pid_t fork_and_await_program(void)
{
	int ends[2];
	pid_t child;
	char byte;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child == 0)
		return 0;
	close(ends[1]);
	while (child > 0 && read(ends[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	close(ends[0]);
	return child;
}

/*
 * The child shares the launcher's memory until its exec, and the launcher stands still
 * (vfork(2)): that saves copying page tables. So the child may write to its own stack
 * and to nothing else, errno and its copy of the stage aside; it may not allocate, take
 * locks, or return from this function. The plan and all it points to are read only.
 */
static int fork_child(struct stage *stage, const struct step *step)
{
	pid_t child = performs(stage) ? vfork() : 1;

	if (child < 0 && errno == EINVAL)
		child = fork_and_await_program();
	if (child == 0) {
		struct stage own = *stage;
		own.actor = CHILD;
		_exit(play_from(&own, step + 1));
	}
	stage->child = child;
	if (child > 0)
		confirm_program(&stage->guard, child);
	return settle(stage, child, "vfork()") < 0 ? -1 : 0;
}

static int restore_signals(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_set_signal_mask(stage, &stage->caller_mask);
}

static int pin(struct stage *stage, const struct step *step)
{
	return make_pin(stage, step);
}

static int reap_helper(struct stage *stage, const struct step *step)
{
	pid_t helper = stage->helper;
	int status = 0;

	(void)step;
	stage->helper = 0;
	if (call_wait(stage, helper, "HELPER", &status) < 0)
		return -1;
	errno = ECHILD;
	if (WIFSIGNALED(status))
		complain("the helper was killed by %G", WTERMSIG(status));
	return status == 0 ? 0 : -1;
}

static int mount_file_system(struct stage *stage, const struct step *step)
{
	return call_mount(stage, step->mount.source, step->mount.target, step->mount.type,
			  step->mount.flags);
}

static int change_root(struct stage *stage, const struct step *step)
{
	return call_chroot(stage, step->path);
}

static int change_directory(struct stage *stage, const struct step *step)
{
	return call_chdir(stage, step->path);
}

static int keep_capabilities(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_raise_capabilities(stage);
}

/* The launcher may have died before the signal was armed: then nobody would send it. */
static int die_with_launcher(struct stage *stage, const struct step *step)
{
	struct pollfd launcher = {.fd = stage->launcher, .events = POLLIN};
	int dead;

	if (call_set_death_signal(stage, step->signal) < 0)
		return -1;
	dead = performs(stage) ? poll(&launcher, 1, 0) : 0;
	if (settle(stage, dead, "poll(&launcher, 1, 0)") < 0)
		return -1;
	if (dead > 0)
		_exit(EXIT_NSRUN);
	return 0;
}

static int execute_program(struct stage *stage, const struct step *step)
{
	struct sigaction ignored = {.sa_handler = SIG_IGN};

	if (stage->child_signal_was_ignored && sigaction(SIGCHLD, &ignored, NULL) < 0)
		return complain_of(errno, "cannot ignore SIGCHLD again");
	announce_program(&stage->guard);
	call_execute(stage);
	if (!performs(stage))
		return 0;
	int error = errno;
	withdraw_program(&stage->guard);
	stage->status = execute_status(error);
	complain_of(error, "cannot run '%s'", step->program.path);
	errno = error;
	return -1;
}

static int wait_for_child(struct stage *stage, const struct step *step)
{
	int status = 0;

	if (step->flag)
		forward_signals_until_end(stage, &status);
	else if (call_wait(stage, stage->child, "CHILD", &status) < 0)
		return -1;
	stage->status = end_as(status);
	return 0;
}

static int perform(struct stage *stage, const struct step *step)
{
	static performance *const performances[OPERATIONS] = {
	    [RESET_CHILD_SIGNAL] = reset_child_signal,
	    [START_HELPER] = start_helper,
	    [GUARD_PINS] = guard_pins,
	    [TELL] = tell_other,
	    [AWAIT] = await_other,
	    [DROP_GROUPS] = drop_groups,
	    [SET_GROUP] = set_group,
	    [SET_USER] = set_user,
	    [UNSHARE] = unshare_namespaces,
	    [WRITE_FILE] = write_file,
	    [RUN_MAPPERS] = run_mappers,
	    [OPEN_LAUNCHER] = open_launcher,
	    [BLOCK_SIGNALS] = block_signals,
	    [FORK] = fork_child,
	    [RESTORE_SIGNALS] = restore_signals,
	    [PIN] = pin,
	    [REAP_HELPER] = reap_helper,
	    [MOUNT] = mount_file_system,
	    [CHANGE_ROOT] = change_root,
	    [CHANGE_DIRECTORY] = change_directory,
	    [KEEP_CAPABILITIES] = keep_capabilities,
	    [DIE_WITH_LAUNCHER] = die_with_launcher,
	    [EXECUTE] = execute_program,
	    [WAIT_FOR_CHILD] = wait_for_child,
	};

	return performances[step->operation](stage, step);
}

/* The launcher leaves only when all that it started has ended and been undone. */
static void clear_up(struct stage *stage)
{
	int status;

	if (stage->actor != LAUNCHER)
		return;
	if (stage->baton >= 0)
		close(stage->baton);
	if (stage->helper > 0) {
		while (waitpid(stage->helper, &status, 0) < 0 && errno == EINTR)
			continue;
		if (WIFSIGNALED(status))
			complain("the helper was killed by %G", WTERMSIG(status));
	}
	await_guards(&stage->guard);
}

int play_from(struct stage *stage, const struct step *first)
{
	const struct step *end = stage->plan->steps + stage->plan->count;

	for (const struct step *step = first; step < end; step++) {
		if (step->by != stage->actor)
			continue;
		stage->step = step;
		if (perform(stage, step) >= 0 || (step->tolerates && errno == step->tolerates))
			continue;
		hint_failure(step, errno);
		clear_up(stage);
		return stage->status ? stage->status : EXIT_NSRUN;
	}
	return stage->status;
}

int play(const struct plan *plan, enum mode mode)
{
	struct stage stage = {
	    .mode = mode,
	    .actor = LAUNCHER,
	    .plan = plan,
	    .baton = -1,
	    .launcher = -1,
	};

	return play_from(&stage, plan->steps);
}

void tell_step(const struct step *step, void (*tell)(void *listener, const char *call),
	       void *listener)
{
	struct stage stage = {
	    .mode = EXPLAIN,
	    .actor = step->by,
	    .step = step,
	    .baton = -1,
	    .launcher = -1,
	    .tell = tell,
	    .listener = listener,
	};

	perform(&stage, step);
}
