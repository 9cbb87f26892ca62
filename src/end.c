#include "end.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void signals_cared_for(enum signal_care care, sigset_t *signals)
{
	if (care == FORWARD_ALL) {
		sigfillset(signals);
		return;
	}
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	/* To forward signals is to wait for them and for the child's end alike. */
	if (care == FORWARD_TERMINATION)
		sigaddset(signals, SIGCHLD);
}

static bool is_stop_signal(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

void forward_signals_until_end(struct stage *stage, enum signal_care care, int *status)
{
	sigset_t signals;
	siginfo_t info;

	signals_cared_for(care, &signals);
	while (performs(stage)) {
		int signal = sigwaitinfo(&signals, &info);

		if (signal == SIGCHLD) {
			if (waitpid(stage->child, status, WNOHANG) == stage->child)
				break;
			continue;
		}
		/* A child that has just ended is still there to be reaped: kill() cannot
		 * reach another process by mistake. */
		if (signal > 0 && info.si_code <= 0)
			kill(stage->child, signal);
		/* The shell must see that the job has stopped. */
		if (is_stop_signal(signal))
			kill(getpid(), SIGSTOP);
	}
	(void)settle(stage, stage->child, "waitpid(CHILD, &status, 0)");
}

int end_as(int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	sigset_t unblocked;

	if (!signal)
		return WEXITSTATUS(status);
	/* One core dump is enough, and the program has made it. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* SIGKILL has no disposition to set; it needs none. */
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigemptyset(&unblocked);
	sigaddset(&unblocked, signal);
	sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
	kill(getpid(), signal);
	/* Only PID 1 of a namespace gets here: the kernel spares it (pid_namespaces(7)). */
	return 128 + signal;
}
