#include "end.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

signal_set signals_cared_for(enum signal_care care)
{
	signal_set termination = signal_bit(SIGINT) | signal_bit(SIGTERM);

	if (care == FORWARD_ALL)
		return ALL_SIGNALS;
	/* To forward signals is to wait for them and for the child's end alike. */
	return care == FORWARD_TERMINATION ? termination | signal_bit(SIGCHLD) : termination;
}

void forward_signals_until_end(struct stage *stage, int *status)
{
	signal_set signals = signals_cared_for(FORWARD_TERMINATION);
	siginfo_t info;

	while (performs(stage)) {
		int signal = await_signal(signals, &info);

		if (signal == SIGCHLD) {
			if (waitpid(stage->child, status, WNOHANG) == stage->child)
				break;
			continue;
		}
		/* A child that has just ended is still there to be reaped: kill() cannot
		 * reach another process by mistake. */
		if (signal > 0 && !is_from_terminal(signal, info.si_code))
			kill(stage->child, signal);
	}
	(void)settle(stage, stage->child, "waitpid(CHILD, &status, 0)");
}

int end_as(int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (!signal)
		return WEXITSTATUS(status);
	/* One core dump is enough, and the program has made it. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* SIGKILL has no disposition to set; it needs none. */
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	change_signal_mask(SIG_UNBLOCK, signal_bit(signal), NULL);
	kill(getpid(), signal);
	/* Only PID 1 of a namespace gets here: the kernel spares it (pid_namespaces(7)). */
	return 128 + signal;
}
