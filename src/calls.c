#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"
#include "program.h"
#include "stage.h"

/* Its own function, so that the buffer is on the stack only where it is used. */
static void explain_call(const struct stage *stage, const char *format, va_list arguments)
{
	char buffer[16384];
	struct text call = {.start = buffer, .capacity = sizeof(buffer) - 1, .descriptor = -1};

	text_format(&call, format, arguments);
	text_show_cut(&call);
	buffer[call.length] = '\0';
	stage->tell(stage->listener, buffer);
}

static void tell(const struct stage *stage, long long result, const char *format, va_list arguments)
{
	if (stage->mode == TRACE)
		trace_call(actor_name(stage->actor), result, format, arguments);
	else if (stage->mode == EXPLAIN)
		explain_call(stage, format, arguments);
}

long long tell_call(const struct stage *stage, long long result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(stage, result, format, arguments);
	va_end(arguments);
	return result;
}

long settle(const struct stage *stage, long result, const char *format, ...)
{
	int error = errno;
	va_list arguments;

	if (stage->mode != PLAY) {
		va_start(arguments, format);
		tell(stage, result, format, arguments);
		va_end(arguments);
	}
	if (result >= 0 || result == NOT_RETURNED || error == stage->step->tolerates)
		return result;
	va_start(arguments, format);
	complain_of_call(error, format, arguments);
	va_end(arguments);
	errno = error;
	return result;
}

int call_default_child_signal(struct stage *stage)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	struct sigaction before = by_default;
	int result = performs(stage) ? sigaction(SIGCHLD, &by_default, &before) : 0;

	stage->child_signal_was_ignored = before.sa_handler == SIG_IGN;
	return (int)settle(stage, result, "sigaction(SIGCHLD, SIG_DFL)");
}

int call_unshare(struct stage *stage, unsigned long namespaces)
{
	int result = performs(stage) ? unshare((int)namespaces) : 0;

	return (int)settle(stage, result, "unshare(%N)", namespaces);
}

/* The three that follow go past libc, which would have every thread of the process
 * change its ids and may not do so in a child that shares its parent's memory. */
int call_setgroups_none(struct stage *stage)
{
#ifdef SYS_setgroups32
	long number = SYS_setgroups32;
#else
	long number = SYS_setgroups;
#endif
	long result = performs(stage) ? syscall(number, 0, NULL) : 0;

	return (int)settle(stage, result, "setgroups(0, NULL)");
}

int call_setgid(struct stage *stage, uint32_t group)
{
#ifdef SYS_setgid32
	long number = SYS_setgid32;
#else
	long number = SYS_setgid;
#endif
	long result = performs(stage) ? syscall(number, group) : 0;

	return (int)settle(stage, result, "setgid(%u)", group);
}

int call_setuid(struct stage *stage, uint32_t user)
{
#ifdef SYS_setuid32
	long number = SYS_setuid32;
#else
	long number = SYS_setuid;
#endif
	long result = performs(stage) ? syscall(number, user) : 0;

	return (int)settle(stage, result, "setuid(%u)", user);
}

int call_open_for_writing(struct stage *stage, const char *path)
{
	int result = performs(stage) ? keep_off_standard(open(path, O_WRONLY | O_CLOEXEC)) : 0;

	return (int)settle(stage, result, "open(%q, O_WRONLY|O_CLOEXEC)", path);
}

/* The files of /proc take what is written in one piece or not at all (proc(5)), so that
 * a short write is a failure. */
int call_write(struct stage *stage, int descriptor, const char *text)
{
	size_t length = strlen(text);
	ssize_t result = performs(stage) ? write(descriptor, text, length) : (ssize_t)length;

	if (result >= 0 && (size_t)result < length) {
		errno = EIO;
		result = -1;
	}
	return (int)settle(stage, result, "write(file, %q, %l)", text, (long long)length);
}

int call_mount(struct stage *stage, const char *source, const char *target, const char *type,
	       unsigned long flags)
{
	int result = performs(stage) ? mount(source, target, type, flags, NULL) : 0;

	return (int)settle(stage, result, "mount(%q, %q, %q, %M, NULL)", source, target, type,
			   flags);
}

int call_chroot(struct stage *stage, const char *path)
{
	return (int)settle(stage, performs(stage) ? chroot(path) : 0, "chroot(%q)", path);
}

int call_chdir(struct stage *stage, const char *path)
{
	return (int)settle(stage, performs(stage) ? chdir(path) : 0, "chdir(%q)", path);
}

int call_pivot_root(struct stage *stage)
{
	long result = performs(stage) ? syscall(SYS_pivot_root, ".", ".") : 0;

	return (int)settle(stage, result, "pivot_root(\".\", \".\")");
}

/* The old root lies on top of the new one: "/" is what is on top. */
int call_detach_root(struct stage *stage)
{
	int result = performs(stage) ? umount2("/", MNT_DETACH) : 0;

	return (int)settle(stage, result, "umount2(\"/\", MNT_DETACH)");
}

int call_sethostname(struct stage *stage, const char *name)
{
	size_t length = strlen(name);
	int result = performs(stage) ? sethostname(name, length) : 0;

	return (int)settle(stage, result, "sethostname(%q, %l)", name, (long long)length);
}

int call_open_socket(struct stage *stage)
{
	int result = performs(stage) ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : 0;

	return (int)settle(stage, result, "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)");
}

int call_raise_loopback(struct stage *stage, int socket)
{
	struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int result = performs(stage) ? ioctl(socket, SIOCSIFFLAGS, &interface) : 0;

	return (int)settle(stage, result, "ioctl(socket, SIOCSIFFLAGS, {\"lo\", IFF_UP})");
}

int call_open_proc(struct stage *stage)
{
	int result = performs(stage) ? open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC) : 0;

	return (int)settle(stage, result, "open(\"/proc\", O_PATH|O_DIRECTORY|O_CLOEXEC)");
}

int call_read_link(struct stage *stage, const char *path, char *buffer, size_t size)
{
	ssize_t result = performs(stage) ? readlinkat(stage->proc, path, buffer, size - 1) : 0;

	buffer[result > 0 ? result : 0] = '\0';
	return (int)settle(stage, result, "readlinkat(proc, %q, buffer, %l)", path,
			   (long long)size - 1);
}

int call_read_file(struct stage *stage, const char *path, char *buffer, size_t size)
{
	int file = performs(stage) ? openat(stage->proc, path, O_RDONLY | O_CLOEXEC) : 0;
	ssize_t length = 0;

	buffer[0] = '\0';
	if (settle(stage, file, "openat(proc, %q, O_RDONLY|O_CLOEXEC)", path) < 0)
		return -1;
	if (performs(stage)) {
		length = read(file, buffer, size - 1);
		close(file);
	}
	buffer[length > 0 ? length : 0] = '\0';
	return (int)settle(stage, length, "read(file, buffer, %l)", (long long)size - 1);
}

int call_pidfd_open_self(struct stage *stage)
{
	pid_t self = performs(stage) ? getpid() : 1;
	int result = 0;

	(void)settle(stage, self, "getpid()");
	if (performs(stage))
		result = keep_off_standard((int)syscall(SYS_pidfd_open, self, 0));
	return (int)settle(stage, result, "pidfd_open(LAUNCHER, 0)");
}

int call_set_death_signal(struct stage *stage, int signal)
{
	int result = performs(stage) ? prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0) : 0;

	return (int)settle(stage, result, "prctl(PR_SET_PDEATHSIG, %G)", signal);
}

int call_block_signals(struct stage *stage, signal_set blocked, signal_set *before)
{
	int result = performs(stage) ? change_signal_mask(SIG_BLOCK, blocked, before) : 0;

	return (int)settle(stage, result, "sigprocmask(SIG_BLOCK, &signals, &before)");
}

int call_set_signal_mask(struct stage *stage, signal_set mask)
{
	int result = performs(stage) ? change_signal_mask(SIG_SETMASK, mask, NULL) : 0;

	return (int)settle(stage, result, "sigprocmask(SIG_SETMASK, &signals, NULL)");
}

int call_socketpair(struct stage *stage, int ends[2])
{
	int result = performs(stage) ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : 0;

	for (int i = 0; performs(stage) && result == 0 && i < 2; i++) {
		ends[i] = keep_off_standard(ends[i]);
		if (ends[i] < 0)
			result = -1;
	}
	return (int)settle(stage, result,
			   "socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, baton)");
}

/* A socket and MSG_NOSIGNAL: the other's death must not kill this one by SIGPIPE. */
int call_send(struct stage *stage)
{
	ssize_t result = performs(stage) ? send(stage->baton, "+", 1, MSG_NOSIGNAL) : 0;

	return (int)settle(stage, result, "send(baton, \"+\", 1, MSG_NOSIGNAL)");
}

int call_receive(struct stage *stage, char *byte)
{
	ssize_t result = 1;

	if (performs(stage)) {
		do {
			result = recv(stage->baton, byte, 1, 0);
		} while (result < 0 && errno == EINTR);
	}
	return (int)settle(stage, result, "recv(baton, &byte, 1, 0)");
}

pid_t call_fork(struct stage *stage)
{
	pid_t result = performs(stage) ? fork() : 1;

	if (result == 0)
		return 0;
	return (pid_t)settle(stage, result, "fork()");
}

int call_wait(struct stage *stage, pid_t process, const char *name, int *status)
{
	pid_t result = 1;

	if (performs(stage)) {
		do {
			result = waitpid(process, status, 0);
		} while (result < 0 && errno == EINTR);
	}
	return (int)settle(stage, result, "waitpid(%s, &status, 0)", name);
}

static void tell_execute(struct stage *stage)
{
	static const char comma[] = ", ";
	char buffer[8192];
	struct text arguments = {
	    .start = buffer, .capacity = sizeof(buffer) - sizeof(comma), .descriptor = -1};
	char **argument = stage->step->program.arguments;

	for (; *argument; argument++)
		text_print(&arguments, "%q, ", *argument);
	if (arguments.overflowed) {
		text_show_cut(&arguments);
		arguments.capacity = sizeof(buffer);
		text_raw(&arguments, comma, sizeof(comma) - 1);
	}
	(void)settle(stage, NOT_RETURNED, "execve(%q, {%rNULL}, environ)",
		     stage->step->program.path, arguments.start, arguments.length);
}

void call_execute(struct stage *stage)
{
	const struct step *step = stage->step;

	if (stage->mode != PLAY)
		tell_execute(stage);
	if (performs(stage))
		execute(step->program.path, step->program.arguments, step->program.environment);
}
