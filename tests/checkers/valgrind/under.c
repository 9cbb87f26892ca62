/* Stands in for nsrun, and runs it under valgrind. FOLDER has both of them, and a folder for
 * what valgrind finds. Forks nothing: a test may count processes, or let none be made. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char *argv[])
{
	/* Not named by the process: there may be several of one number. */
	uint64_t name;
	char log[256];
	char *options[] = {"valgrind",
			   "--quiet",
			   "--vgdb=no",
			   "--fair-sched=yes",
			   "--error-exitcode=67",
			   "--suppressions=" FOLDER "/suppressions",
			   log,
			   FOLDER "/nsrun"};
	size_t count = sizeof(options) / sizeof(*options);
	char **all = calloc(count + (size_t)argc + 1, sizeof(*all));

	if (!all || getrandom(&name, sizeof(name), 0) != sizeof(name))
		return 99;
	snprintf(log, sizeof(log), "--log-file=" FOLDER "/found/%016llx", (unsigned long long)name);
	for (size_t i = 0; i < count; i++)
		all[i] = options[i];
	for (int i = 1; i < argc; i++)
		all[count + (size_t)i - 1] = argv[i];
	setenv("VALGRIND_LIB", FOLDER "/library", 1);
	setenv("VALGRIND_TRIAL", FOLDER "/trial", 1);
	execve(FOLDER "/valgrind", all, environ);
	return 99;
}
