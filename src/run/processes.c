#include "operations.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"

int reset_child_signal(struct stage *stage)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL};

	return MAKE_CALL(stage, sigaction(SIGCHLD, &by_default, &stage->child_signal_before),
			 "sigaction(SIGCHLD, SIG_DFL)");
}

/* Returns -1 unless a byte has passed. EPIPE, or ECONNRESET with a byte unread (unix(7)), tells
 * that the other process has died: it has said why, or was killed. There is nothing to add. */
static int settle_baton(struct stage *stage, ssize_t result, const char *call)
{
	if (result == 0)
		errno = EPIPE;
	if (result > 0 || (errno != EPIPE && errno != ECONNRESET))
		return settle(stage, result, "%s", call);
	(void)tell_call(stage, result, "%s", call);
	return -1;
}

/* A socket and MSG_NOSIGNAL: the other's death must not kill this one by SIGPIPE. */
int pass_the_baton(struct stage *stage)
{
	ssize_t result = performs(stage) ? send(stage->baton, "+", 1, MSG_NOSIGNAL) : 1;

	return settle_baton(stage, result, "send(baton, \"+\", 1, MSG_NOSIGNAL)");
}

int await_baton(struct stage *stage)
{
	ssize_t result = 1;
	char byte;

	while (performs(stage) && (result = recv(stage->baton, &byte, 1, 0)) < 0 && errno == EINTR)
		continue;
	return settle_baton(stage, result, "recv(baton, &byte, 1, 0)");
}

int open_launcher(struct stage *stage)
{
	return performs(stage) ? make_pipe(stage->launcher) : 0;
}

/* The launcher may have died before the signal was armed: then nobody would send it. */
int die_with_launcher(struct stage *stage)
{
	struct pollfd launcher = {.fd = stage->launcher[0], .events = POLLIN};
	int signal = stage->step->death_signal;
	int result;

	/* No signal: an init watches the launcher by itself. */
	if (signal && MAKE_CALL(stage, prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0),
				"prctl(PR_SET_PDEATHSIG, %G)", signal) < 0)
		return -1;
	result = MAKE_CALL(stage, poll(&launcher, 1, 0), "poll(&launcher, 1, 0)");
	if (result > 0)
		_exit(EXIT_NSRUN);
	return result;
}

/* Opened before the program starts: what that does cannot be undone, should no descriptor be left.
 * It reads only signals that are blocked (signalfd(2)), and all are since before the fork. */
int open_signals(struct stage *stage)
{
	stage->signals = MAKE_CALL(stage, open_signal_descriptor(ALL_SIGNALS),
				   "signalfd(-1, &signals, SFD_CLOEXEC)");
	return stage->signals;
}

int await_process(struct stage *stage, pid_t process, const char *name, int *status)
{
	pid_t result = 1;

	while (performs(stage) && (result = waitpid(process, status, 0)) < 0 && errno == EINTR)
		continue;
	return settle(stage, result, "waitpid(%s, &status, 0)", name);
}

/* Who is killed by a signal cannot say so itself. */
static void complain_if_killed(int helper_status)
{
	if (WIFSIGNALED(helper_status))
		complain("the helper was killed by %G", WTERMSIG(helper_status));
}

void clear_up(struct stage *stage)
{
	int status = 0;

	close_for_good(&stage->baton);
	if (stage->progress)
		release_pins(stage);
	while (stage->helper > 0 && waitpid(stage->helper, &status, 0) < 0 && errno == EINTR)
		continue;
	complain_if_killed(status);
}

int reap_helper(struct stage *stage)
{
	pid_t helper = stage->helper;
	int status = 0;

	/* The child has an end of its own. If this one stayed open, the helper would wait for a
	 * child that is dead, and this process for the helper. */
	if (stage->child > 0) {
		close_for_good(&stage->baton);
		/* An init that lives has noted the exec already. One that died before that took its
		 * program along: this passes for a start that failed. */
		confirm_program(stage);
		release_pins(stage);
	}
	stage->helper = 0;
	if (await_process(stage, helper, "HELPER", &status) < 0)
		return -1;
	/* A child that runs the program has heard from the helper that it succeeded: how the
	 * helper ended after that does not matter. A child that died without that answer has
	 * said nothing. */
	if (stage->progress && *stage->progress == EXECUTED)
		return 0;
	complain_if_killed(status);
	errno = ECHILD;
	return status == 0 || stage->child > 0 ? 0 : -1;
}
