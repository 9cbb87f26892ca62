#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"

/* What asks a process to end, and what tells of a child's end. */
#define TERMINATION (signal_bit(SIGINT) | signal_bit(SIGTERM) | signal_bit(SIGCHLD))

/* Returns the group that has the terminal, or -1 where there is none. 0: it has no number here.
 * Standard error may be a file or a pipe. */
static pid_t find_group(int *terminal)
{
	pid_t group;

	*terminal = STDERR_FILENO;
	group = tcgetpgrp(*terminal);
	if (group >= 0)
		return group;
	*terminal = STDIN_FILENO;
	return tcgetpgrp(*terminal);
}

bool terminal_is_inside(void)
{
	int terminal;

	return find_group(&terminal) > 0;
}

/* Waits for one of the signals. SIGCHLD and what the kernel sends for news are not passed on. */
static void take_next_signal(const struct stage *stage, signal_set signals)
{
	siginfo_t info;
	int signal = await_signal(signals, &info, NULL);
	bool is_news =
	    (signal == SIGIO && info.si_code > 0) || (signal == SIGCONT && info.si_code == POLL_IN);

	/* Stop signals too: the program decides what they do. A child that has just ended is still
	 * there to be reaped: the signal cannot reach another process. */
	if (signal > 0 && signal != SIGCHLD && !is_news)
		pass_signal_on(stage->child, &info);
}

static bool has_ended(const struct stage *stage, int *status)
{
	return waitpid(stage->child, status, WNOHANG) == stage->child;
}

/* Sends SIGINT and SIGTERM on to the child until it ends, and gets its status (wait(2)). */
__attribute__((cold, noinline)) static void forward_signals_until_end(struct stage *stage,
								      int *status)
{
	while (performs(stage) && !has_ended(stage, status))
		take_next_signal(stage, TERMINATION);
	(void)settle(stage, stage->child, "waitpid(CHILD, &status, 0)");
}

/* For the handler, which has no other way to know them. */
static volatile pid_t child_to_continue;
static volatile pid_t group_inside; /* that had the terminal last */
static volatile sig_atomic_t awaits_answer, is_called_off;

/* Gives the terminal to the group inside where the caller has given it to this process's. */
__attribute__((cold)) static void return_terminal(void)
{
	int terminal;

	if (group_inside && find_group(&terminal) == getpgrp())
		(void)tcsetpgrp(terminal, group_inside);
}

/* A SIGCONT with POLL_IN is from the kernel, for news. Any other one is for the program. */
static void continue_job(int signal, siginfo_t *info, void *context)
{
	int error = errno;

	(void)signal;
	(void)context;
	is_called_off = 1;
	if (info->si_code != POLL_IN && child_to_continue > 0) {
		awaits_answer = 1;
		return_terminal();
		pass_signal_on(child_to_continue, info);
	}
	errno = error;
}

static const struct sigaction continuing = {.sa_sigaction = continue_job,
					    .sa_flags = SA_SIGINFO | SA_RESTART};

int block_more_signals(struct stage *stage, signal_set signals)
{
	return MAKE_CALL(stage, change_signal_mask(SIG_BLOCK, signals, &stage->caller_mask),
			 "sigprocmask(SIG_BLOCK, &signals, &before)");
}

static int set_signal_mask(struct stage *stage, signal_set mask)
{
	return MAKE_CALL(stage, change_signal_mask(SIG_SETMASK, mask, NULL),
			 "sigprocmask(SIG_SETMASK, &signals, NULL)");
}

int block_signals(struct stage *stage)
{
	if (!find_step(stage->plan, BE_INIT))
		return block_more_signals(stage, TERMINATION);
	if (block_more_signals(stage, ALL_SIGNALS) < 0)
		return -1;
	/* When musl's sigaction() first sets a handler, it unblocks two signals of its own. One of
	 * them would kill a launcher that sends signals on already, so the first time is now. It
	 * does nothing else: the kernel takes no handler for SIGSTOP (sigaction(2)). */
	(void)tell_call(stage, performs(stage) ? sigaction(SIGSTOP, &continuing, NULL) : -1,
			"sigaction(SIGSTOP, continue_job)");
	return set_signal_mask(stage, ALL_SIGNALS);
}

int restore_signals(struct stage *stage)
{
	return set_signal_mask(stage, stage->caller_mask);
}

/* The shell must see that the job has stopped. The kernel decides whether the signal stops this
 * process: it may be ignored, or nobody may be there to continue the group (setpgid(2)). */
static void stop_as_caller_would(int signal)
{
	kill(getpid(), signal);
	if (signal == SIGSTOP)
		return;
	/* The signal is still blocked. If it has been called off already, it is taken back here.
	 * From here on a SIGCONT discards it in the kernel (signal(7)). */
	if (is_called_off) {
		(void)await_signal(signal_bit(signal), NULL, &(struct timespec){0});
		return;
	}
	change_signal_mask(SIG_UNBLOCK, signal_bit(signal), NULL);
	change_signal_mask(SIG_BLOCK, signal_bit(signal), NULL);
}

/* When the program goes on or ends, only the kernel can wake a launcher that is stopped. The init
 * is in another PID namespace and cannot name it (kill(2)). It answers each SIGCONT, which calls
 * off a stop that it told of before. */
static void stop_until_news(const struct stage *stage, int signal)
{
	struct pollfd news = {.fd = stage->news, .events = POLLIN};

	if (signal != SIGSTOP && stage->caller_mask & signal_bit(signal))
		return;
	is_called_off = 0;
	fcntl(stage->news, F_SETSIG, SIGCONT);
	if (poll(&news, 1, 0) == 0 && !awaits_answer && !is_called_off)
		stop_as_caller_would(signal);
	fcntl(stage->news, F_SETSIG, SIGIO);
}

/* All groups of the namespace are younger than its first process. */
__attribute__((cold)) static void remember_terminal(const struct stage *stage)
{
	int terminal;
	pid_t group = find_group(&terminal);

	if (group >= stage->child)
		group_inside = group;
}

/* Returns whether the program has started, or the init has ended before that. A program that may
 * open /proc/1/fd can write here too: anything, and without end. */
static bool obey_news(const struct stage *stage)
{
	enum { PIPE_CAPACITY = 65536 };
	bool has_started = false;
	ssize_t length = 1;
	char byte;

	for (int i = 0; i < PIPE_CAPACITY && (length = read(stage->news, &byte, 1)) == 1; i++) {
		if (byte == JOB_CONTINUED)
			awaits_answer = 0;
		if (byte == TERMINAL_INSIDE)
			remember_terminal(stage);
		if (byte == CONTINUE_HELD) {
			return_terminal();
			kill(stage->child, SIGCONT);
		}
		if (byte == SIGSTOP || byte == SIGTSTP || byte == SIGTTIN || byte == SIGTTOU)
			stop_until_news(stage, byte);
		has_started |= byte == PROGRAM_STARTED;
	}
	return has_started || length == 0;
}

/* SIGIO tells of news (fcntl(2)), so that the launcher waits for signals only. None of these calls
 * can fail for a pipe of our own. The mask is set again because musl's fork() restores a wrong one
 * if its own calls have failed. */
void await_start(const struct stage *stage)
{
	(void)change_signal_mask(SIG_SETMASK, ALL_SIGNALS, NULL);
	fcntl(stage->news, F_SETOWN, getpid());
	fcntl(stage->news, F_SETFL, O_NONBLOCK | O_ASYNC);
	while (!obey_news(stage))
		take_next_signal(stage, ALL_SIGNALS);
}

/* Sends all signals on until the init ends, and gets its status (wait(2)). While the program is
 * stopped, by whomever, this process is stopped too, so that a shell gets its terminal back. */
__attribute__((cold, noinline)) static void follow_job(struct stage *stage, int *status)
{
	child_to_continue = stage->child;
	(void)MAKE_CALL(stage, sigaction(SIGCONT, &continuing, NULL),
			"sigaction(SIGCONT, continue_job)");
	/* All signals are waited for but SIGCONT, which has a handler. A pending SIGCONT would be
	 * discarded by the stop signal that this process sends to itself (signal(7)). */
	if (performs(stage))
		(void)change_signal_mask(SIG_UNBLOCK, signal_bit(SIGCONT), NULL);
	while (performs(stage)) {
		(void)obey_news(stage);
		/* Asked before waiting: await_start() may have taken the SIGCHLD. */
		if (has_ended(stage, status))
			break;
		take_next_signal(stage, ALL_SIGNALS & ~signal_bit(SIGCONT));
	}
	child_to_continue = 0;
	(void)settle(stage, stage->child, "waitpid(CHILD, &status, 0)");
}

/* From a group that has no process any more. SIGTTOU would stop whoever does so from the
 * background, so it is blocked (tcsetpgrp(3)). */
__attribute__((cold, noinline)) static void take_terminal_from(int terminal, pid_t group)
{
	if (kill(-group, 0) == 0 || errno != ESRCH)
		return;
	(void)change_signal_mask(SIG_BLOCK, signal_bit(SIGTTOU), NULL);
	/* Not if some shell has taken it meanwhile. */
	if (tcgetpgrp(terminal) == group)
		(void)tcsetpgrp(terminal, getpgrp());
}

/* Only who sits at a terminal has a TERM (environ(7)): other runs are spared the calls. */
static void keep_terminal(const struct stage *stage)
{
	static const char variable[] = "TERM"; /* a literal would lie in the cold segment */
	const struct step *step = find_step(stage->plan, UNSHARE);
	int terminal;
	pid_t group;

	if (!step || !has_namespace(step->namespaces, PID_NAMESPACE) || !getenv(variable))
		return;
	group = find_group(&terminal);
	if (group >= stage->child)
		take_terminal_from(terminal, group);
}

/* Returns the exit status for the child's. Where a signal ended the child, the same one ends this
 * process, so that the caller sees what it would have seen without nsrun. */
static int end_as(const struct stage *stage, int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (performs(stage))
		keep_terminal(stage);
	if (!signal)
		return WEXITSTATUS(status);
	/* One core dump is enough, and the program has made it. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* Fails for SIGKILL, which has no disposition and needs none (sigaction(2)). */
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	change_signal_mask(SIG_UNBLOCK, signal_bit(signal), NULL);
	kill(getpid(), signal);
	/* Only PID 1 of a namespace gets here: the kernel spares it (pid_namespaces(7)). */
	return 128 + signal;
}

int wait_for_child(struct stage *stage)
{
	const int kept[] = {stage->news, stage->launcher[1]};
	bool is_init = find_step(stage->plan, BE_INIT);
	int status = 0;

	close_for_good(&stage->baton);
	close_for_good(&stage->launcher[0]);
	close_for_good(&stage->proc);
	if (performs(stage) && (is_init || stage->progress))
		close_all_but(kept, 2);
	if (is_init)
		follow_job(stage, &status);
	else if (stage->step->forwards)
		forward_signals_until_end(stage, &status);
	else if (await_process(stage, stage->child, "CHILD", &status) < 0)
		return -1;
	stage->status = end_as(stage, status);
	return 0;
}
