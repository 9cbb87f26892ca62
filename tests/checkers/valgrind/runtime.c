/* What a build for valgrind has in addition: it takes back what valgrind changes for the
 * program that nsrun runs, and keeps valgrind from what it cannot do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_execve(const char *program, char *const arguments[], char *const environment[]);
int __wrap_execve(const char *program, char *const arguments[], char *const environment[]);

/*
 * valgrind grows the stack as it is told of faults. After a fork(2) that failed it is told
 * of nothing any more, since it leaves all signals blocked then.
 */
static void grow_stack(void)
{
	volatile char space[512 * 1024];

	for (size_t position = 0; position < sizeof(space); position += 4096)
		space[position] = 0;
}

enum { MAXIMUM = 4096 };

static int trial = -1;

/* valgrind is in LD_PRELOAD, and leaves that in the environment of a program, empty. */
__attribute__((constructor)) static void prepare(void)
{
	static const char *const added[] = {"LD_PRELOAD", "GLIBCPP_FORCE_NEW", "GLIBCXX_FORCE_NEW",
					    "VALGRIND_LIB", "VALGRIND_TRIAL"};
	const char *file = getenv("VALGRIND_TRIAL");

	if (!file)
		return;
	grow_stack();
	trial = open(file, O_PATH | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(added) / sizeof(*added); i++)
		unsetenv(added[i]);
}

/* A trial would take a number there, and might be the first process. Before there is one, the
 * link is empty (pid_namespaces(7)). */
static bool is_in_new_pid_namespace(void)
{
	struct stat own, of_children;

	if (getpid() == 1)
		return true;
	if (stat("/proc/self/ns/pid", &own) < 0)
		return false;
	return stat("/proc/self/ns/pid_for_children", &of_children) < 0 ||
	       own.st_ino != of_children.st_ino;
}

/* What becomes of execve(2) in a process that valgrind is not in: 0, or the error. */
static int try(const char *program, char *const arguments[], char *const environment[])
{
	static char *all[MAXIMUM] = {"trial"};
	size_t count = 2;
	char file[32];
	int status;
	pid_t child;

	/* Of fexecve(3), valgrind would make a path, which may lead elsewhere by now. */
	snprintf(file, sizeof(file), "/proc/self/fd/%d", trial);
	all[1] = (char *)program;
	while (*arguments && count + 1 < MAXIMUM)
		all[count++] = *arguments++;
	all[count] = NULL;
	child = fork();
	if (child == 0) {
		__real_execve(file, all, environment);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 0;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

/* valgrind ends a process whose execve(2) fails for a reason that it has not foreseen. */
int __wrap_execve(const char *program, char *const arguments[], char *const environment[])
{
	struct sigaction usual = {.sa_handler = SIG_DFL}, before;
	int error = 0;

	if (trial >= 0 && !is_in_new_pid_namespace()) {
		sigaction(SIGCHLD, &usual, &before);
		error = try(program, arguments, environment);
		sigaction(SIGCHLD, &before, NULL);
	}
	if (error == 0)
		return __real_execve(program, arguments, environment);
	errno = error;
	return -1;
}
