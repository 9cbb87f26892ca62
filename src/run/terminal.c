#include "terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Returns a descriptor of the terminal, or -1. Standard error may be a file or a pipe. */
static int find_terminal(pid_t *group)
{
	int terminal = STDERR_FILENO;

	*group = tcgetpgrp(terminal);
	if (*group >= 0)
		return terminal;
	terminal = STDIN_FILENO;
	*group = tcgetpgrp(terminal);
	return *group >= 0 ? terminal : -1;
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

/* All groups of the namespace are younger than its first process. Only who sits at a terminal has a
 * TERM (environ(7)): other runs are spared the calls. */
void keep_terminal(const struct stage *stage)
{
	static const char variable[] = "TERM"; /* a literal would lie in the cold segment */
	const struct step *step = find_step(stage->plan, UNSHARE);
	int terminal;
	pid_t group;

	if (!step || !has_namespace(step->namespaces, PID_NAMESPACE) || !getenv(variable))
		return;
	terminal = find_terminal(&group);
	if (terminal >= 0 && group >= stage->child)
		take_terminal_from(terminal, group);
}

bool terminal_is_inside(void)
{
	pid_t group;

	/* 0: it has no number here. */
	return find_terminal(&group) >= 0 && group > 0;
}

/* The group inside that had the terminal last, for a handler, which has no other way to know it. */
static volatile pid_t group_inside;

void note_terminal(const struct stage *stage)
{
	pid_t group;

	if (find_terminal(&group) >= 0 && group >= stage->child)
		group_inside = group;
}

void return_terminal(void)
{
	pid_t group;
	int terminal = group_inside ? find_terminal(&group) : -1;

	if (terminal >= 0 && group == getpgrp())
		(void)tcsetpgrp(terminal, group_inside);
}
