#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

static bool is_variable(const char *entry, const char *name, size_t length)
{
	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

const char *find_variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++) {
		if (is_variable(*environment, name, length))
			return *environment + length + 1;
	}
	return NULL;
}

void keep_variables(char **environment, const char *list)
{
	size_t kept = 0;

	while (*list) {
		size_t length = strcspn(list, ",");

		for (size_t i = 0; length > 0 && environment[i]; i++) {
			if (!is_variable(environment[i], list, length))
				continue;
			/* One that is named twice has been kept already. */
			if (i >= kept) {
				char *found = environment[i];
				environment[i] = environment[kept];
				environment[kept++] = found;
			}
			break;
		}
		list += length + (list[length] == ',');
	}
	environment[kept] = NULL;
}

/* A text has no NUL byte in its first line; a foreign architecture's program has. */
static bool is_text(const char *path)
{
	char start[128];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, start, sizeof(start));
	const char *newline = length > 0 ? memchr(start, '\n', (size_t)length) : NULL;

	if (file >= 0)
		close(file);
	if (length < 0)
		return false;
	return !memchr(start, '\0', newline ? (size_t)(newline - start) : (size_t)length);
}

/* Its own function, so that only this rare case has the arguments on the stack. */
static void execute_by_shell(const char *path, char **arguments, char **environment)
{
	size_t count = 1;
	while (arguments[count - 1])
		count++;
	char *shell_arguments[count + 2];

	shell_arguments[0] = (char *)"sh";
	shell_arguments[1] = (char *)path;
	/* From the second argument on, with the NULL at the end. */
	memcpy(shell_arguments + 2, arguments + 1, (count - 1) * sizeof(char *));
	execve("/bin/sh", shell_arguments, environment);
}

static void execute_file(const char *path, char **arguments, char **environment)
{
	execve(path, arguments, environment);
	if (errno != ENOEXEC)
		return;
	if (is_text(path))
		execute_by_shell(path, arguments, environment);
	errno = ENOEXEC;
}

/* The errors after which execvp(3) goes on to the next directory. */
static bool may_be_elsewhere(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ESTALE ||
	       error == ENODEV || error == ETIMEDOUT;
}

const char *find_path(char **environment)
{
	const char *path = find_variable(environment, "PATH");

	return path ? path : "/bin:/usr/bin";
}

bool next_candidate(const char **directories, const char *name, char candidate[PATH_MAX])
{
	while (*directories) {
		const char *start = *directories;
		size_t length = strcspn(start, ":");
		size_t slash = length > 0;

		*directories = start[length] ? start + length + 1 : NULL;
		if (length + slash + strlen(name) >= PATH_MAX)
			continue;
		memcpy(candidate, start, length);
		candidate[length] = '/';
		strcpy(candidate + length + slash, name);
		return true;
	}
	return false;
}

static void execute_from_path(const char *file, char **arguments, char **environment)
{
	const char *directories = find_path(environment);
	char candidate[PATH_MAX];
	bool denied = false;

	if (strlen(file) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return;
	}
	while (next_candidate(&directories, file, candidate)) {
		execute_file(candidate, arguments, environment);
		if (!may_be_elsewhere(errno))
			return;
		denied = denied || errno == EACCES;
	}
	errno = denied ? EACCES : ENOENT;
}

void execute(const char *file, char **arguments, char **environment)
{
	if (!*file)
		errno = ENOENT;
	else if (strchr(file, '/'))
		execute_file(file, arguments, environment);
	else
		execute_from_path(file, arguments, environment);
}

int execute_status(int error)
{
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}
