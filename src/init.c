#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"
#include "performances.h"

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Orphans of the namespace become children of its PID 1, which must reap them
 * (pid_namespaces(7)). When the program is among the dead, init ends with it, and the
 * kernel kills what is left in the namespace. */
static void reap_all(pid_t program)
{
	int status;
	pid_t dead;

	while ((dead = waitpid(-1, &status, WNOHANG)) > 0) {
		if (dead == program)
			_exit(exit_status(status));
	}
	if (dead < 0 && errno == ECHILD)
		_exit(EXIT_NSRUN);
}

static void take_signal(int signals, pid_t program)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap_all(program);
	else if (!is_from_terminal((int)info.ssi_signo, info.ssi_code))
		kill(program, (int)info.ssi_signo);
}

/* The launcher is dead: with --kill-child so shall be all that it started. */
static void end_with_launcher(int signal, pid_t program)
{
	if (signal == SIGKILL)
		_exit(128 + SIGKILL);
	kill(program, signal);
}

/* All signals are blocked since before the fork, so that none is lost before this
 * descriptor receives them. */
static int open_signals(struct stage *stage)
{
	int result = performs(stage) ? open_signal_descriptor(ALL_SIGNALS) : 0;

	return (int)settle(stage, result, "signalfd(-1, &signals, SFD_CLOEXEC)");
}

int be_init(struct stage *stage, const struct step *step)
{
	struct pollfd events[2] = {
	    {.fd = open_signals(stage), .events = POLLIN},
	    {.fd = step->signal ? stage->launcher : -1, .events = POLLIN},
	};

	if (events[0].fd < 0)
		return -1;
	if (performs(stage))
		close(stage->started);
	while (performs(stage)) {
		if (poll(events, 2, -1) < 0)
			continue;
		if (events[0].revents)
			take_signal(events[0].fd, stage->child);
		if (events[1].revents) {
			events[1].fd = -1;
			end_with_launcher(step->signal, stage->child);
		}
	}
	(void)settle(stage, 0, "poll({signals, launcher}, 2, -1)");
	return 0;
}
