#include "operations.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"
#include "wait.h"

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Whoever stops the program stops the job, of which the launcher is a part. WIFSTOPPED()
 * says so too, but musl's overflows for an exit status of 255. */
static void take_change(const struct stage *stage, int status)
{
	if (WIFEXITED(status) || WIFSIGNALED(status))
		_exit(exit_status(status));
	send_news(stage, WSTOPSIG(status));
}

/* Orphans of the namespace become children of its PID 1, which must reap them
 * (pid_namespaces(7)). When the program is among the dead, init ends with it, and the
 * kernel kills what is left in the namespace. */
static void reap_all(const struct stage *stage)
{
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (child == stage->child)
			take_change(stage, status);
	}
	if (child < 0 && errno == ECHILD)
		_exit(EXIT_NSRUN);
}

static void take_signal(const struct stage *stage, int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap_all(stage);
	else if (!is_from_terminal((int)info.ssi_signo, info.ssi_code))
		kill(stage->child, (int)info.ssi_signo);
	if (info.ssi_signo == SIGCONT)
		send_news(stage, JOB_CONTINUED);
}

/* The launcher is dead: with --kill-child so shall be all that it started. */
static void end_with_launcher(int signal, pid_t program)
{
	if (signal == SIGKILL)
		_exit(128 + SIGKILL);
	kill(program, signal);
}

int be_init(struct stage *stage, const struct step *step)
{
	struct pollfd events[2] = {
	    {.fd = stage->signals, .events = POLLIN},
	    {.fd = step->kill_child ? stage->launcher : -1, .events = POLLIN},
	};

	start_sending_news(stage);
	while (performs(stage)) {
		if (poll(events, 2, -1) < 0)
			continue;
		if (events[0].revents)
			take_signal(stage, events[0].fd);
		if (events[1].revents) {
			events[1].fd = -1;
			end_with_launcher(step->kill_child, stage->child);
		}
	}
	(void)settle(stage, 0, "poll({signals, launcher}, 2, -1)");
	return 0;
}
