#include "terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

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
	group = find_group(&terminal);
	if (group >= stage->child)
		take_terminal_from(terminal, group);
}

bool terminal_is_inside(void)
{
	int terminal;

	return find_group(&terminal) > 0;
}

/* The group inside that had the terminal last, for a handler, which has no other way to know it. */
static volatile pid_t group_inside;

void note_terminal(const struct stage *stage)
{
	int terminal;
	pid_t group = find_group(&terminal);

	if (group >= stage->child)
		group_inside = group;
}

void return_terminal(void)
{
	int terminal;

	if (group_inside && find_group(&terminal) == getpgrp())
		(void)tcsetpgrp(terminal, group_inside);
}
