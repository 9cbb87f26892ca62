#include "names.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

/* musl has no name for it, and glibc only a recent one (time_namespaces(7)). */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* In the order in which explanations and reports list them. */
const struct namespace namespace_types[NAMESPACE_TYPES] = {
    [MOUNT_NAMESPACE] = {CLONE_NEWNS, "CLONE_NEWNS", "mnt", "mnt", "mount"},
    [UTS_NAMESPACE] = {CLONE_NEWUTS, "CLONE_NEWUTS", "uts", "uts", "UTS"},
    [IPC_NAMESPACE] = {CLONE_NEWIPC, "CLONE_NEWIPC", "ipc", "ipc", "IPC"},
    [NETWORK_NAMESPACE] = {CLONE_NEWNET, "CLONE_NEWNET", "net", "net", "network"},
    [PID_NAMESPACE] = {CLONE_NEWPID, "CLONE_NEWPID", "pid", "pid_for_children", "PID"},
    [USER_NAMESPACE] = {CLONE_NEWUSER, "CLONE_NEWUSER", "user", "user", "user"},
    [CGROUP_NAMESPACE] = {CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "cgroup", "cgroup", "cgroup"},
    [TIME_NAMESPACE] = {CLONE_NEWTIME, "CLONE_NEWTIME", "time", "time_for_children", "time"},
};

const struct named_signal named_signals[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},     {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT},   {"IOT", SIGIOT},   {"BUS", SIGBUS},
    {"FPE", SIGFPE},       {"KILL", SIGKILL},   {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE},   {"ALRM", SIGALRM}, {"TERM", SIGTERM},
    {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD},   {"CLD", SIGCHLD},  {"CONT", SIGCONT},
    {"STOP", SIGSTOP},     {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},
    {"URG", SIGURG},       {"XCPU", SIGXCPU},   {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM},
    {"PROF", SIGPROF},     {"WINCH", SIGWINCH}, {"IO", SIGIO},     {"POLL", SIGPOLL},
    {"PWR", SIGPWR},       {"SYS", SIGSYS},     {NULL, 0},
};

bool read_number_until(const char **position, const char *ends, uint64_t most, uint64_t *number)
{
	const char *end = *position;
	uint64_t value = 0;

	for (; *end >= '0' && *end <= '9'; end++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*end - '0'), &value) || value > most)
			return false;
	}
	/* Hundreds of ranges may be read, and mostly the first of the ends is there: no search. */
	if (end == *position || (*end != *ends && (!*end || !strchr(ends, *end))))
		return false;
	*position = *end ? end + 1 : end;
	*number = value;
	return true;
}

bool read_number(const char *string, uint64_t most, uint64_t *number)
{
	return read_number_until(&string, "", most, number);
}

/* Reads what may follow RTMIN or RTMAX: a sign and a number, or nothing. */
static bool read_offset(const char *string, char sign, uint64_t *offset)
{
	return !*string || (*string == sign &&
			    read_number(string + 1, (uint64_t)(SIGRTMAX - SIGRTMIN), offset));
}

int signal_number(const char *name)
{
	uint64_t number = 0;

	if (read_number(name, (uint64_t)SIGRTMAX, &number))
		return (int)number;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (const struct named_signal *signal = named_signals; signal->name; signal++) {
		if (strcasecmp(name, signal->name) == 0)
			return signal->number;
	}
	if (strncasecmp(name, "RTMIN", 5) == 0 && read_offset(name + 5, '+', &number))
		return SIGRTMIN + (int)number;
	if (strncasecmp(name, "RTMAX", 5) == 0 && read_offset(name + 5, '-', &number))
		return SIGRTMAX - (int)number;
	return 0;
}
