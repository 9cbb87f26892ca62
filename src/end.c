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

/* For the handler, which has no other way to know them. */
static volatile pid_t child_to_continue;
static volatile sig_atomic_t was_continued;

static void pass_continue_on(int signal)
{
	if (child_to_continue > 0)
		kill(child_to_continue, signal);
	was_continued = 1;
}

/* SIGCONT alone is not waited for but handled: the stop signal that this process sends to
 * itself would discard it if it were pending (signal(7)). */
static void handle_continue(const struct stage *stage)
{
	struct sigaction action = {.sa_handler = pass_continue_on, .sa_flags = SA_RESTART};

	int result;

	child_to_continue = stage->child;
	result = performs(stage) ? sigaction(SIGCONT, &action, NULL) : 0;
	(void)settle(stage, result, "sigaction(SIGCONT, pass_continue_on)");
	/* musl's sigaction() unblocks two signals of its own. */
	if (performs(stage))
		(void)change_signal_mask(SIG_SETMASK, ALL_SIGNALS & ~signal_bit(SIGCONT), NULL);
}

/* The shell must see that the job has stopped. Whether the signal stops this process is
 * for the kernel to say: it may be ignored, or nobody be there to continue it. */
static void stop_as_caller_would(const struct stage *stage, int signal)
{
	if (stage->caller_mask & signal_bit(signal))
		return;
	kill(getpid(), signal);
	/* Still blocked. If it has been called off already, it is taken back; from here on
	 * a SIGCONT takes it back in the kernel. */
	if (was_continued) {
		take_back_signal(signal);
		kill(stage->child, SIGCONT);
		return;
	}
	change_signal_mask(SIG_UNBLOCK, signal_bit(signal), NULL);
	change_signal_mask(SIG_BLOCK, signal_bit(signal), NULL);
}

static bool is_stop_signal(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

void forward_signals_until_end(struct stage *stage, enum signal_care care, int *status)
{
	signal_set signals = signals_cared_for(care) & ~signal_bit(SIGCONT);
	siginfo_t info;

	if (care == FORWARD_ALL)
		handle_continue(stage);
	while (performs(stage)) {
		was_continued = 0;
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
		if (is_stop_signal(signal))
			stop_as_caller_would(stage, signal);
	}
	child_to_continue = 0;
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
