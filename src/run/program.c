#include "operations.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "environment.h"
#include "look.h"
#include "message.h"
#include "text.h"

/* The errors after which execvp(3) goes on to the next directory. */
static bool may_be_elsewhere(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ESTALE ||
	       error == ENODEV || error == ETIMEDOUT;
}

/* Returns false with errno set, to ENOEXEC if the file can be read. A text has no NUL byte in its
 * first line; a foreign architecture's program has. */
static bool is_text(const char *path)
{
	char start[128 + 1];
	ssize_t length = read_start(path, start, sizeof(start));

	if (length < 0)
		return false;
	errno = ENOEXEC;
	return strlen(start) == (size_t)length || strchr(start, '\n');
}

/* Has a text run by /bin/sh. The list for that lies apart: the stack may have room for no more than
 * the kernel has put there (execve(2)). A parent that shares this memory is left with the list, and
 * does not use it. */
static void execute_file(const char *path, char **arguments)
{
	size_t count = 0;
	char **list;

	execve(path, arguments, environ);
	if (errno != ENOEXEC || !is_text(path))
		return;
	while (arguments[count++])
		continue;
	list = get_memory((count + 1) * sizeof(*list), MAP_PRIVATE);
	if (!list)
		return;
	list[0] = (char *)"sh";
	list[1] = (char *)path;
	/* From the second argument on, with the NULL at the end. */
	memcpy(list + 2, arguments + 1, (count - 1) * sizeof(*list));
	execve("/bin/sh", list, environ);
	/* Where there is no /bin/sh, the error is that of the file: it cannot be executed. */
	if (may_be_elsewhere(errno))
		errno = ENOEXEC;
}

static void execute_from_path(const char *file, char **arguments)
{
	const char *directories = find_path();
	char candidate[PATH_MAX];
	bool denied = false;

	if (strlen(file) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return;
	}
	while (next_candidate(&directories, file, candidate)) {
		execute_file(candidate, arguments);
		if (!may_be_elsewhere(errno))
			return;
		denied = denied || errno == EACCES;
	}
	errno = denied ? EACCES : ENOENT;
}

void execute(const char *file, char **arguments)
{
	if (!*file)
		errno = ENOENT;
	else if (strchr(file, '/'))
		execute_file(file, arguments);
	else
		execute_from_path(file, arguments);
}

void tell_execute(const struct stage *stage, const char *file, char **arguments)
{
	char buffer[8192];
	struct text words = text_in(buffer, sizeof(buffer));

	for (char **argument = arguments; *argument; argument++)
		text_print(&words, argument == arguments ? "%q" : ", %q", *argument);
	text_end(&words);
	(void)settle(stage, NOT_RETURNED, "execve(%q, {%r, NULL}, environ)", file, words.start,
		     words.length);
}

int execute_program(struct stage *stage)
{
	const struct step *step = stage->step;

	if (stage->child_signal_before.sa_handler == SIG_IGN &&
	    MAKE_CALL(stage, sigaction(SIGCHLD, &stage->child_signal_before, NULL),
		      "sigaction(SIGCHLD, SIG_IGN)") < 0)
		return -1;
	if (stage->journal)
		tell_execute(stage, step->execute.file, step->execute.arguments);
	if (!performs(stage))
		return 0;
	if (stage->progress)
		*stage->progress = EXECUTING;
	execute(step->execute.file, step->execute.arguments);
	if (stage->progress)
		*stage->progress = NOT_READY;
	stage->status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	return complain("cannot run '%s': %m", step->execute.file);
}
