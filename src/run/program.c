#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"
#include "environment.h"
#include "message.h"

/* A text has no NUL byte in its first line; a foreign architecture's program has. */
static bool is_text(const char *path)
{
	char start[128];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, start, sizeof(start));
	const char *newline = length > 0 ? memchr(start, '\n', (size_t)length) : NULL;

	close_keeping_errno(file);
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

void tell_execute(const struct stage *stage, const struct step *step)
{
	static const char comma[] = ", ";
	char buffer[8192];
	struct text words = text_in(buffer, sizeof(buffer) - (sizeof(comma) - 1));

	for (char **argument = step->execute.arguments; *argument; argument++)
		text_print(&words, "%q, ", *argument);
	if (words.overflowed) {
		text_show_cut(&words);
		words.capacity = sizeof(buffer);
		text_add(&words, comma);
	}
	(void)settle(stage, NOT_RETURNED, "execve(%q, {%rNULL}, environ)", step->execute.file,
		     words.start, words.length);
}
