#include "wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
		int signal = await_signal(signals, &info, NULL);

		if (signal == SIGCHLD) {
			if (waitpid(stage->child, status, WNOHANG) == stage->child)
				break;
			continue;
		}
		/* A child that has just ended is still there to be reaped: the signal cannot
		 * reach another process by mistake. */
		if (signal > 0)
			pass_signal_on(stage->child, &info);
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

/* For the handler, which has no other way to know them. */
static volatile pid_t child_to_continue;
static volatile sig_atomic_t awaits_answer, is_called_off;

/* The kernel sends it where there is news for a launcher that stops. */
static void continue_job(int signal, siginfo_t *info, void *context)
{
	int error = errno;

	(void)signal;
	(void)context;
	is_called_off = 1;
	if (info->si_code != POLL_IN && child_to_continue > 0) {
		awaits_answer = 1;
		pass_signal_on(child_to_continue, info);
	}
	errno = error;
}

/* SIGCONT alone is not waited for but handled: the stop signal that this process sends to
 * itself would discard it if it were pending (signal(7)). */
static void handle_continue(const struct stage *stage)
{
	struct sigaction action = {.sa_sigaction = continue_job,
				   .sa_flags = SA_SIGINFO | SA_RESTART};
	int result;

	child_to_continue = stage->child;
	result = performs(stage) ? sigaction(SIGCONT, &action, NULL) : 0;
	(void)settle(stage, result, "sigaction(SIGCONT, continue_job)");
	if (performs(stage))
		(void)change_signal_mask(SIG_UNBLOCK, signal_bit(SIGCONT), NULL);
}

/* musl's first sigaction() of a handler unblocks two signals of its own, of which one would kill
 * a launcher that sends signals on already. So the first is now; for SIGSTOP the kernel takes
 * none (sigaction(2)). */
void prepare_to_follow(const struct stage *stage)
{
	struct sigaction action = {.sa_sigaction = continue_job, .sa_flags = SA_SIGINFO};
	int result = performs(stage) ? sigaction(SIGSTOP, &action, NULL) : -1;

	(void)tell_call(stage, result, "sigaction(SIGSTOP, continue_job)");
}

/* SIGIO tells that there is news (fcntl(2)), so that signals are all that is waited for.
 * Nothing in it can fail for a pipe of our own. But musl's fork() may have put back another
 * mask, should its own calls have failed. */
void have_news_signalled(const struct stage *stage)
{
	(void)change_signal_mask(SIG_SETMASK, ALL_SIGNALS, NULL);
	fcntl(stage->news, F_SETOWN, getpid());
	fcntl(stage->news, F_SETFL, O_NONBLOCK | O_ASYNC);
}

/* The shell must see that the job has stopped. Whether the signal stops this process is
 * for the kernel to say: it may be ignored, or nobody be there to continue it. */
static void stop_as_caller_would(int signal)
{
	kill(getpid(), signal);
	if (signal == SIGSTOP)
		return;
	/* Still blocked. If it has been called off already, it is taken back; from here on
	 * a SIGCONT takes it back in the kernel. */
	if (is_called_off) {
		take_back_signal(signal);
		return;
	}
	change_signal_mask(SIG_UNBLOCK, signal_bit(signal), NULL);
	change_signal_mask(SIG_BLOCK, signal_bit(signal), NULL);
}

/* Nobody but the kernel can wake a launcher that stands still when its program goes on or
 * ends: the init, which is in another PID namespace, cannot name it (kill(2)). */
static void stop_until_news(const struct stage *stage, int signal)
{
	struct pollfd news = {.fd = stage->news, .events = POLLIN};

	if (signal != SIGSTOP && stage->caller_mask & signal_bit(signal))
		return;
	fcntl(stage->news, F_SETSIG, SIGCONT);
	if (poll(&news, 1, 0) == 0 && !is_called_off)
		stop_as_caller_would(signal);
	fcntl(stage->news, F_SETSIG, SIGIO);
}

static bool is_stop_signal(int news)
{
	return news == SIGSTOP || news == SIGTSTP || news == SIGTTIN || news == SIGTTOU;
}

/* Returns the signal that has stopped the program, or 0. The init answers each SIGCONT: a stop
 * that it told of before has been called off. A program that may look into /proc/1/fd can write
 * here too, what it likes and as much. */
static int read_news(const struct stage *stage, bool *has_started)
{
	enum { PIPE_CAPACITY = 65536 };
	ssize_t length = 1;
	int stopped_by = 0;
	char byte;

	for (int i = 0; i < PIPE_CAPACITY && (length = read(stage->news, &byte, 1)) == 1; i++) {
		if (byte == JOB_CONTINUED)
			awaits_answer = 0;
		*has_started |= byte == PROGRAM_STARTED;
		stopped_by = is_stop_signal(byte) ? byte : 0;
	}
	*has_started |= length == 0;
	return awaits_answer ? 0 : stopped_by;
}

/* Returns whether the program has started or, as the init has, ended. */
static bool obey_news(const struct stage *stage)
{
	bool has_started = false;
	int stopped_by;

	do {
		is_called_off = 0;
		stopped_by = read_news(stage, &has_started);
		if (stopped_by)
			stop_until_news(stage, stopped_by);
	} while (stopped_by);
	return has_started;
}

static void take_job_signal(const struct stage *stage, signal_set signals)
{
	siginfo_t info;
	int signal = await_signal(signals, &info, NULL);
	bool is_news =
	    (signal == SIGIO && info.si_code > 0) || (signal == SIGCONT && info.si_code == POLL_IN);

	/* Stop signals too: the init decides nothing, the program does. A child that has just
	 * ended is still there to be reaped: the signal cannot reach another process. */
	if (signal > 0 && signal != SIGCHLD && !is_news)
		pass_signal_on(stage->child, &info);
}

void await_start(const struct stage *stage)
{
	while (!obey_news(stage))
		take_job_signal(stage, ALL_SIGNALS);
}

void follow_job(struct stage *stage, int *status)
{
	handle_continue(stage);
	while (performs(stage)) {
		(void)obey_news(stage);
		/* Looked at first: a SIGCHLD may have come before this process waited for it. */
		if (waitpid(stage->child, status, WNOHANG) == stage->child)
			break;
		take_job_signal(stage, ALL_SIGNALS & ~signal_bit(SIGCONT));
	}
	child_to_continue = 0;
	(void)settle(stage, stage->child, "waitpid(CHILD, &status, 0)");
}
