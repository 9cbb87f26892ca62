/*
 * The floor: no libc, and only the system calls that a start in new namespaces
 * cannot do without. It is what a launcher's time is measured against.
 *
 *     floor STEPS PROGRAM [ARGUMENT...]
 *
 * STEPS are unshare(1)'s letters: m u i n p U C T for namespaces, f to fork, r to
 * map root, and besides them A to list the types that the kernel offers, P to mount
 * proc, and R to map the ranges of user ids
 * whose map text stands before PROGRAM. "-" is no step at all. Options between the
 * text and PROGRAM are skipped: a launcher cannot help being given them, and the
 * kernel takes its time to copy some hundreds.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "kernel.h"

enum { FAILED = 125 };

struct run {
	unsigned long namespaces;
	bool fork;
	bool map_root;
	bool mount_proc;
	const char *ranges; /* the text for uid_map, or NULL */
	char **program;
	char **environment;
};

void begin(char **stack) __attribute__((noreturn, used));

__asm__(
    ".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

static long must(long result)
{
	if (result < 0)
		leave(FAILED);
	return result;
}

static size_t length_of(const char *text)
{
	size_t length = 0;

	while (text[length]) {
		/* Keeps the compiler from calling strlen, which is not there. */
		__asm__ volatile("");
		length++;
	}
	return length;
}

/* Close-on-exec does what close would, without a system call. */
static void write_file(const char *path, const char *text, size_t length)
{
	long file = must(system_call(SYS_open, (long)path, O_WRONLY | O_CLOEXEC, 0, 0, 0));

	if (must(system_call(SYS_write, file, (long)text, (long)length, 0, 0)) != (long)length)
		leave(FAILED);
}

static char *put(char *end, const char *text)
{
	while (*text)
		*end++ = *text++;
	return end;
}

static char *put_number(char *end, unsigned long number)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (count)
		*end++ = digits[--count];
	return end;
}

static void map_root(const char *path, long id)
{
	char line[32];
	char *end = put(put_number(put(line, "0 "), (unsigned long)id), " 1");

	write_file(path, line, (size_t)(end - line));
}

/* What happens inside of the namespaces. */
__attribute__((noreturn, noinline)) static void become_program(const struct run *run, long user,
							       long group)
{
	if (run->map_root) {
		map_root("/proc/self/uid_map", user);
		write_file("/proc/self/setgroups", "deny", 4);
		map_root("/proc/self/gid_map", group);
	}
	if (run->namespaces & CLONE_NEWNS)
		must(system_call(SYS_mount, (long)"none", (long)"/", 0, MS_REC | MS_PRIVATE, 0));
	if (run->mount_proc)
		must(system_call(SYS_mount, (long)"proc", (long)"/proc", (long)"proc",
				 MS_NOSUID | MS_NOEXEC | MS_NODEV, 0));
	system_call(SYS_execve, (long)run->program[0], (long)run->program, (long)run->environment,
		    0, 0);
	leave(127);
}

/*
 * Writes the map of its parent, from the user namespace where both began, once the
 * parent has left it. End of file says that the parent is gone.
 */
__attribute__((noreturn, noinline)) static void help(const struct run *run, const int pipe[2])
{
	char path[40];
	char byte;
	long parent = system_call(SYS_getppid, 0, 0, 0, 0, 0);
	char *end = put(put_number(put(path, "/proc/"), (unsigned long)parent), "/uid_map");

	*end = '\0';
	must(system_call(SYS_close, pipe[1], 0, 0, 0, 0));
	if (system_call(SYS_read, pipe[0], (long)&byte, 1, 0, 0) != 1)
		leave(FAILED);
	write_file(path, run->ranges, length_of(run->ranges));
	leave(0);
}

static void await(long process, int *status)
{
	must(system_call(SYS_wait4, process, (long)status, 0, 0, 0));
}

static void unshare_with_ranges(const struct run *run)
{
	int pipe[2];
	int status;
	long helper;

	must(system_call(SYS_pipe2, (long)pipe, O_CLOEXEC, 0, 0, 0));
	helper = must(system_call(SYS_fork, 0, 0, 0, 0, 0));
	if (helper == 0)
		help(run, pipe);
	must(system_call(SYS_unshare, (long)run->namespaces, 0, 0, 0, 0));
	must(system_call(SYS_write, pipe[1], (long)"", 1, 0, 0));
	await(helper, &status);
	if (status != 0)
		leave(FAILED);
}

/* -a is what /proc/self/ns lists: without looking, nobody can know. */
static void list_namespaces(void)
{
	char list[1024];
	long directory = must(system_call(SYS_open, (long)"/proc/self/ns",
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0));

	must(system_call(SYS_getdents64, directory, (long)list, sizeof(list), 0, 0));
	must(system_call(SYS_close, directory, 0, 0, 0, 0));
}

static void read_step(struct run *run, char step)
{
	static const struct {
		char letter;
		unsigned flag;
	} namespaces[] = {
	    {'m', CLONE_NEWNS},   {'u', CLONE_NEWUTS},    {'i', CLONE_NEWIPC},
	    {'n', CLONE_NEWNET},  {'p', CLONE_NEWPID},    {'U', CLONE_NEWUSER},
	    {'R', CLONE_NEWUSER}, {'C', CLONE_NEWCGROUP}, {'T', 0x80 /* CLONE_NEWTIME */},
	};

	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		if (namespaces[i].letter == step)
			run->namespaces |= namespaces[i].flag;
	}
	if (step == 'f')
		run->fork = true;
	if (step == 'r')
		run->map_root = true;
	if (step == 'A')
		list_namespaces();
	if (step == 'P')
		run->mount_proc = true;
	if (step == 'R') {
		run->ranges = *run->program++;
		while (**run->program == '-')
			run->program++;
	}
}

/* The launcher sleeps until the child's exec, so the two may share the stack. */
__attribute__((noreturn)) static void run_child(const struct run *run, long user, long group)
{
	long child = must(system_call(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0));
	int status;

	if (child == 0)
		become_program(run, user, group);
	await(child, &status);
	leave(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void begin(char **stack)
{
	size_t count = (size_t)stack[0];
	struct run run = {.environment = stack + 1 + count + 1};
	long user = 0;
	long group = 0;

	if (count < 3)
		leave(FAILED);
	run.program = stack + 3;
	for (const char *step = stack[2]; *step; step++)
		read_step(&run, *step);
	if (run.map_root) {
		user = system_call(SYS_geteuid, 0, 0, 0, 0, 0);
		group = system_call(SYS_getegid, 0, 0, 0, 0, 0);
	}
	if (run.ranges)
		unshare_with_ranges(&run);
	else if (run.namespaces)
		must(system_call(SYS_unshare, (long)run.namespaces, 0, 0, 0, 0));
	if (run.fork)
		run_child(&run, user, group);
	become_program(&run, user, group);
}
