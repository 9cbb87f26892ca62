#include "wait.h"

#include <errno.h>
#include <fcntl.h>
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

/* A launcher that is gone reads no news: that is no fault. The SIGPIPE that tells of it would
 * be passed on to the program, so it is taken back. */
void send_news(const struct stage *stage, int news)
{
	char byte = (char)news;

	if (write(stage->news, &byte, 1) < 0)
		take_back_signal(SIGPIPE);
}

/* A launcher that is stopped reads nothing; its init must go on. */
void start_sending_news(const struct stage *stage)
{
	(void)settle(stage, NOT_RETURNED, "write(news, \"@\", 1)");
	if (!performs(stage))
		return;
	fcntl(stage->news, F_SETFL, O_NONBLOCK);
	send_news(stage, PROGRAM_STARTED);
}

/* For the handler, which has no other way to know them. */
static volatile pid_t child_to_continue;
static volatile sig_atomic_t was_continued;

static void pass_continue_on(int signal)
{
	int error = errno;

	if (child_to_continue > 0)
		kill(child_to_continue, signal);
	was_continued = 1;
	errno = error;
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
	if (performs(stage))
		(void)change_signal_mask(SIG_UNBLOCK, signal_bit(SIGCONT), NULL);
}

/* musl's first sigaction() of a handler unblocks two signals of its own, of which one would kill
 * a launcher that sends signals on already. So the first is now; for SIGSTOP the kernel takes
 * none (sigaction(2)). */
void prepare_to_follow(const struct stage *stage)
{
	struct sigaction action = {.sa_handler = pass_continue_on};
	int result = performs(stage) ? sigaction(SIGSTOP, &action, NULL) : -1;

	(void)tell_call(stage, result, "sigaction(SIGSTOP, pass_continue_on)");
}

/* SIGIO tells that there is news (fcntl(2)), so that signals are all that is waited for.
 * Nothing in it can fail for a pipe of our own. */
static void have_news_signalled(const struct stage *stage)
{
	if (!performs(stage))
		return;
	fcntl(stage->news, F_SETOWN, getpid());
	fcntl(stage->news, F_SETFL, O_NONBLOCK | O_ASYNC);
}

/* The shell must see that the job has stopped. Whether the signal stops this process is
 * for the kernel to say: it may be ignored, or nobody be there to continue it. */
static void stop_as_caller_would(const struct stage *stage, int signal)
{
	if (signal != SIGSTOP && stage->caller_mask & signal_bit(signal))
		return;
	kill(getpid(), signal);
	if (signal == SIGSTOP)
		return;
	/* Still blocked. If it has been called off already, it is taken back; from here on
	 * a SIGCONT takes it back in the kernel. */
	if (was_continued) {
		take_back_signal(signal);
		return;
	}
	change_signal_mask(SIG_UNBLOCK, signal_bit(signal), NULL);
	change_signal_mask(SIG_BLOCK, signal_bit(signal), NULL);
}

static bool is_stop_signal(int news)
{
	return news == SIGSTOP || news == SIGTSTP || news == SIGTTIN || news == SIGTTOU;
}

/* The init answers each SIGCONT: a stop that it told of before has been called off. A program
 * that may look into /proc/1/fd can write here too, what it likes and as much. */
static void take_news(const struct stage *stage)
{
	enum { PIPE_CAPACITY = 65536 };
	int stopped_by = 0;
	char byte;

	for (int i = 0; i < PIPE_CAPACITY && read(stage->news, &byte, 1) == 1; i++) {
		if (byte == JOB_CONTINUED)
			was_continued = 0;
		stopped_by = is_stop_signal(byte) ? byte : 0;
	}
	if (stopped_by && !was_continued)
		stop_as_caller_would(stage, stopped_by);
}

void follow_job(struct stage *stage, int *status)
{
	siginfo_t info;

	handle_continue(stage);
	have_news_signalled(stage);
	while (performs(stage)) {
		take_news(stage);
		/* Looked at first: a SIGCHLD may have come before this process waited for it. */
		if (waitpid(stage->child, status, WNOHANG) == stage->child)
			break;
		int signal = await_signal(ALL_SIGNALS & ~signal_bit(SIGCONT), &info);

		/* Stop signals too: the init decides nothing, the program does. A child that has
		 * just ended is still there to be reaped: kill() cannot reach another process
		 * by mistake. */
		if (signal > 0 && signal != SIGCHLD && !is_from_terminal(signal, info.si_code) &&
		    !(signal == SIGIO && info.si_code > 0))
			kill(stage->child, signal);
	}
	child_to_continue = 0;
	(void)settle(stage, stage->child, "waitpid(CHILD, &status, 0)");
}
