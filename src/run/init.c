#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"

/* A launcher that has died reads no news: that is no fault. The write(2) then makes a SIGPIPE,
 * which init would pass on to the program. So it is taken back. */
static void send_news(const struct stage *stage, int news)
{
	char byte = (char)news;

	if (write(stage->news, &byte, 1) < 0)
		(void)await_signal(signal_bit(SIGPIPE), NULL, &(struct timespec){0});
}

/* For when the program has been executed, or has ended before. Closes all it can, since everybody
 * inside can open what PID 1 has open (/proc/1/fd in proc_pid_fd(5)). */
static void announce_start(struct stage *stage)
{
	const int kept[] = {stage->news, stage->signals, stage->launcher[0]};

	if (stage->progress)
		confirm_program(stage);
	if (performs(stage))
		close_all_but(kept, 3);
	(void)settle(stage, NOT_RETURNED, "write(news, \"@\", 1)");
	if (performs(stage))
		send_news(stage, PROGRAM_STARTED);
}

/* When the program stops or goes on, so must the job, of which the launcher is a part. WIFSTOPPED()
 * is not used: the one of musl overflows for an exit status of 255. */
static void take_change(struct stage *stage, int status)
{
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	if (WIFSIGNALED(status))
		_exit(128 + WTERMSIG(status));
	stage->terminal_is_inside = !WIFCONTINUED(status) && terminal_is_inside();
	if (stage->terminal_is_inside)
		send_news(stage, TERMINAL_INSIDE);
	send_news(stage, WIFCONTINUED(status) ? JOB_CONTINUED : WSTOPSIG(status));
}

/* Orphans of the namespace become children of its PID 1, which must reap them (pid_namespaces(7)).
 * When the program is among the dead, init ends with it, and the kernel kills all that is left. */
static void reap_all(struct stage *stage)
{
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (child == stage->child)
			take_change(stage, status);
	}
	if (child < 0 && errno == ECHILD)
		_exit(EXIT_NSRUN);
}

/* A shell must not go on before it can have the terminal. So the first SIGCONT is held: the
 * launcher sends another one when it has seen to that. */
static void take_signal(struct stage *stage)
{
	siginfo_t info;
	int signal = await_signal(ALL_SIGNALS, &info, &(struct timespec){0});
	bool holds = signal == SIGCONT && stage->terminal_is_inside;

	if (signal == SIGCHLD)
		reap_all(stage);
	else if (signal > 0 && !holds)
		pass_signal_on(stage->child, &info);
	if (holds)
		stage->terminal_is_inside = false;
	if (signal == SIGCONT)
		send_news(stage, holds ? CONTINUE_HELD : JOB_CONTINUED);
}

int be_init(struct stage *stage)
{
	struct pollfd events[] = {
	    {.fd = stage->baton, .events = POLLIN},
	    {.fd = stage->signals, .events = POLLIN},
	    {.fd = stage->launcher[0], .events = POLLIN},
	};

	if (!performs(stage)) {
		announce_start(stage);
		return settle(stage, 0, "poll({baton, signals, launcher}, 3, -1)");
	}
	/* musl's fork() restores the mask, and a wrong one if its own calls have failed. */
	(void)change_signal_mask(SIG_SETMASK, ALL_SIGNALS, NULL);
	/* A launcher that is stopped reads nothing. The init must not wait for it. */
	fcntl(stage->news, F_SETFL, O_NONBLOCK);
	for (;;) {
		if (poll(events, 3, -1) < 0)
			continue;
		if (events[0].revents) {
			events[0].fd = -1;
			announce_start(stage);
			reap_all(stage);
		}
		if (events[1].revents)
			take_signal(stage);
		if (events[2].revents) {
			events[2].fd = -1;
			/* The launcher is dead: with --kill-child so shall be all it started. */
			if (stage->step->death_signal == SIGKILL)
				_exit(128 + SIGKILL);
			kill(stage->child, stage->step->death_signal);
		}
	}
}
