/* Faults after which a run succeeds all the same, and why that is right. */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { ANY = -1 };

static const struct harmless {
	long number;
	const char *object; /* a pattern */
	int which;          /* an argument, or ANY */
	long value;         /* which it has */
	int error;          /* with which it fails, or ANY */
	const char *why;
} harmless[] = {
    {SYS_close, "*", ANY, 0, ANY, "close(2) closes even where it fails"},
    {SYS_close_range, "", ANY, 0, ANY, "what is to be closed is closed one by one"},
    {SYS_fcntl, "*", 1, F_SETFD, ANY, "musl's open() sets what open(2) has set already"},
    {SYS_fcntl, "pipe", 1, F_SETOWN, ANY, "only a Ctrl-Z below an init is not passed on"},
    {SYS_fcntl, "pipe", 1, F_SETFL, ANY, "only a Ctrl-Z below an init is not passed on"},
    {SYS_ioctl, "*", 1, TIOCGPGRP, ANY, "a terminal that a shell has taken is left to the caller"},
    {SYS_flock, "*", ANY, 0, ANY, "only another start could come between"},
    {SYS_ioctl, "/memfd", 1, TIOCGWINSZ, ANY, "a report that is no terminal's has no colours"},
    {SYS_ioctl, "anon_inode", ANY, 0, ANY,
     "a program that was reaped so soon is taken to have run"},
    {SYS_nanosleep, "", ANY, 0, ANY, "the next look comes sooner"},
    {SYS_open, "/etc/passwd", ANY, 0, ANY, "getent(1) is asked for the user's name"},
    {SYS_read, "/etc/passwd", ANY, 0, ANY, "getent(1) is asked for the user's name"},
    {SYS_open, ".", ANY, 0, ANY, "only a note on the pin's mount is left out"},
    {SYS_open, "pin", ANY, 0, ANY, "only a note on the pin's mount is left out"},
    {SYS_open, "/proc/self/fdinfo/*", ANY, 0, ANY, "only a note on the pin's mount is left out"},
    {SYS_read, "/proc/*/fdinfo/*", ANY, 0, ANY, "only a note on the pin's mount is left out"},
    {SYS_open, "/proc/self/mountinfo", ANY, 0, ANY, "only a note on the pin's mount is left out"},
    {SYS_read, "/proc/*/mountinfo", ANY, 0, ANY, "only a note on the pin's mount is left out"},
    {SYS_open, "/proc/self/ns/mnt", ANY, 0, ANY, "only another start could come between"},
    {SYS_open_tree, "ns/*", ANY, 0, ANY, "mount(2) does the same"},
    {SYS_openat, ".", ANY, 0, ANY, "the file is made by its name"},
    {SYS_openat, "stat", ANY, 0, ANY, "what cannot be looked at is taken to run the program"},
    {SYS_pidfd_open, "", ANY, 0, ANY, "a program that was reaped so soon is taken to have run"},
    {SYS_read, "/proc/*/stat", ANY, 0, ANY, "what cannot be looked at is taken to run the program"},
    {SYS_poll, "", ANY, 0, ANY, "it is waited for again"},
    {SYS_read, "anon_inode", ANY, 0, ANY, "it is waited for again"},
    {SYS_read, "socket", ANY, 0, ANY, "it is waited for again"},
    {SYS_sched_setscheduler, "", ANY, 0, ANY, "a program that dies at once may be seen too late"},
    {SYS_setpgid, "", ANY, 0, ANY, "it is looked at again"},
    {SYS_getsid, "", ANY, 0, ANY, "what cannot be looked at is taken to run the program"},
    {SYS_shutdown, "socket", ANY, 0, ANY, "the helper sees another end"},
    {SYS_statfs, "*", ANY, 0, ANY, "only a note on what is pinned there is left out"},
    {SYS_read, "pipe", ANY, 0, ANY, "it is waited for again, or the child's end for it"},
    {SYS_read, "/etc/sub[ug]id", ANY, 0, EINTR, "it is read again"},
    {SYS_recvfrom, "socket", ANY, 0, EINTR, "it is waited for again"},
    {SYS_rt_sigtimedwait, "", ANY, 0, ANY, "it is waited for again"},
    {SYS_wait4, "", ANY, 0, EINTR, "it is waited for again"},
    {SYS_prctl, "", 0, PR_SET_DUMPABLE, ANY, "the launcher may dump core too"},
    {SYS_rt_sigaction, "", 0, SIGSTOP, ANY, "the kernel refuses it in any case"},
    {SYS_rt_sigaction, "", 0, SIGCONT, ANY, "only a Ctrl-Z below an init is not passed on"},
    {SYS_rt_sigaction, "", 0, SIGSTOP, ANY, "it fails always"},
    {SYS_rt_sigprocmask, "", ANY, 0, ANY,
     "the libc's own around a fork; nsrun sets its mask after"},
    {SYS_uname, "", ANY, 0, ANY, "only the report's line for the time namespace depends on it"},
    {SYS_write, "/memfd", 0, 2, ANY, "what is told of a step is not the step"},
    {SYS_write, "pipe", ANY, 0, ANY, "only a Ctrl-Z below an init is not passed on"},
};
enum { KINDS = sizeof(harmless) / sizeof(harmless[0]) };

/* The children of the helper, which is the first child of the launcher; and the helper itself
 * once it only waits. */
static bool is_guard(const struct option_set *set, const struct call *call)
{
	return (set->pins > 0 || strstr(set->arguments, "=pin ")) &&
	       strncmp(call->process.steps, "00", 2) == 0 &&
	       (call->process.steps[2] != '\0' || call->number == SYS_read);
}

const char *why_harmless(const struct option_set *set, const struct fault *fault)
{
	const struct call *call = &fault->call;

	if (fault->error == KILL && is_guard(set, call))
		return "the other guard does what this one would do";
	if (fault->error == KILL)
		return call->number == SYS_exit_group ? "it has done its work" : NULL;
	for (size_t i = 0; i < KINDS; i++) {
		const struct harmless *kind = &harmless[i];

		if (kind->number == call->number && fnmatch(kind->object, call->object, 0) == 0 &&
		    (kind->error == ANY || kind->error == fault->error) &&
		    (kind->which == ANY ||
		     call->arguments[kind->which] == (unsigned long)kind->value))
			return kind->why;
	}
	return NULL;
}
