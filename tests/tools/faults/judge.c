/* What may be the end of a fault, and what may not. */
#include "faults.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Linux 6.15 and later tell how a process ended that is reaped (PIDFD_GET_INFO). */
static bool kernel_tells_ends(void)
{
	uint64_t information[8] = {1 << 3};
	pid_t child = fork();
	int pidfd;
	bool tells;

	if (child == 0)
		_exit(0);
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		give_up("cannot try pidfd_open(2)");
	tells =
	    ioctl(pidfd, _IOWR(0xff, 11, uint64_t[8]), information) == 0 && information[0] & 1 << 3;
	close(pidfd);
	return tells;
}

/* Where one is killed in its exec and reaped before a guard looks, as always happens here,
 * an older kernel leaves no sign that it ran nothing. */
static bool leaves_no_sign(const struct fault *fault)
{
	return fault->error == KILL && fault->call.number == SYS_execve && !kernel_tells_ends();
}

/* It had started the program: vfork(2) returns as soon as that is executed. What dies with
 * the one that is killed then may have been given no time to be seen. An init does not wait. */
static bool had_started_program(const struct option_set *set, const struct fault *fault,
				const struct outcome *outcome)
{
	return fault->error == KILL && outcome->started_program && set->status == 0;
}

static const char *find_leftover(const struct option_set *set, const struct fault *fault,
				 const struct outcome *outcome)
{
	if (outcome->hangs)
		return "does not end";
	if (outcome->left_process)
		return "leaves a process";
	if (outcome->left_mount)
		return "leaves a mount";
	if (outcome->pins != 0 && leaves_no_sign(fault))
		return NULL;
	if (outcome->pins != 0 && !outcome->executed && !had_started_program(set, fault, outcome))
		return "leaves a pin, though the program did not run";
	if (outcome->pins != 0 && outcome->pins != set->pins)
		return "leaves some of the pins";
	if (outcome->left_file && outcome->pins == 0)
		return "leaves a file";
	if (outcome->ran && strcmp(outcome->descriptors, "0 1 2 9 ") != 0)
		return "leaves a descriptor to the program";
	return NULL;
}

/* The process that runs the program, or will: its death is the program's. */
static bool is_killed_program(const struct fault *fault, const struct outcome *outcome)
{
	int status = outcome->status;

	return fault->error == KILL &&
	       ((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
		(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL));
}

/* A step is named by its call, or by the process that was to make it. */
static bool names_step(const char *errors)
{
	return strstr(errors, "nsrun: cannot ") || strstr(errors, "nsrun: the helper was killed") ||
	       strstr(errors, "idmap' was killed");
}

/* The message itself was not to be written. */
static bool cannot_be_told(const struct fault *fault)
{
	return fault->call.number == SYS_write && fault->call.arguments[0] == STDERR_FILENO;
}

/* Messages, not hints. One cause has one. */
static unsigned count_messages(const char *errors)
{
	static const char start[] = "nsrun: ";
	unsigned count = strncmp(errors, start, strlen(start)) == 0;

	while ((errors = strchr(errors, '\n')))
		count += strncmp(++errors, start, strlen(start)) == 0;
	return count;
}

static enum verdict judge_success(const struct option_set *set, const struct fault *fault,
				  const char **why)
{
	*why = "succeeds, though this is not known to be harmless";
	if (!why_harmless(set, fault))
		return WRONG;
	return HARMLESS;
}

static enum verdict judge_failure(const struct option_set *set, const struct fault *fault,
				  const struct outcome *outcome, int status, const char **why)
{
	*why = "has a wrong exit status";
	if (status < 125 || status > 127)
		return WRONG;
	*why = "fails, though the program ran";
	if (outcome->executed)
		return WRONG;
	*why = "does not say what failed";
	if (!names_step(outcome->errors) && !cannot_be_told(fault))
		return WRONG;
	*why = "says more than one thing";
	if (set->status == 0 && count_messages(outcome->errors) > 1)
		return WRONG;
	return SAID_SO;
}

enum verdict judge(const struct option_set *set, const struct fault *fault,
		   const struct outcome *outcome, const char **why)
{
	int status = WIFEXITED(outcome->status) ? WEXITSTATUS(outcome->status) : -1;

	*why = find_leftover(set, fault, outcome);
	if (*why)
		return WRONG;
	if (!outcome->struck) {
		*why = "ends in another way, undisturbed";
		return status == set->status && outcome->pins == set->pins ? MISSED : WRONG;
	}
	*why = "loses a pin, though the program ran";
	if (outcome->ran && outcome->pins != set->pins && !is_killed_program(fault, outcome))
		return WRONG;
	*why = NULL;
	if (is_killed_program(fault, outcome))
		return DIED;
	return status == 0 ? judge_success(set, fault, why)
			   : judge_failure(set, fault, outcome, status, why);
}
