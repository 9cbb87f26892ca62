/* What nsrun executes: the two mappers, and the program. */
#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "hint.h"
#include "message.h"

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

/* A text without "#!" is run by /bin/sh (execvp(3)). The list for that lies apart: the stack may
 * have room for no more than the kernel has put there (execve(2)). A parent that shares this memory
 * is left with the list, and does not use it. */
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

/* As execvp(3) does; /bin/sh runs a text without "#!". Returns only on failure, with errno set.
 * Touches only its own stack: a child that shares its parent's memory may call it. */
static void execute(const char *file, char **arguments)
{
	if (!*file)
		errno = ENOENT;
	else if (strchr(file, '/'))
		execute_file(file, arguments);
	else
		execute_from_path(file, arguments);
}

/* Tells an execve(2) with that list of arguments, which is not empty. */
__attribute__((cold)) static void tell_execute(const struct stage *stage, const char *file,
					       char **arguments)
{
	char buffer[8192];
	struct text words = text_in(buffer, sizeof(buffer));

	for (char **argument = arguments; *argument; argument++)
		text_print(&words, argument == arguments ? "%q" : ", %q", *argument);
	text_end(&words);
	(void)settle(stage, NOT_RETURNED, "execve(%q, {%r, NULL}, environ)", file, words.start,
		     words.length);
}

/* One of the two mappers. */
struct mapper {
	const char *name;
	const char *text; /* of the map; NULL: there is nothing to map */
	pid_t process;    /* 0 where there is nothing to map */
	/* Set by the child of vfork(2), in memory it shares, once it has complained. The exit
	 * status cannot tell, since a mapper that does run may end with the same. */
	volatile bool complained;
};

/* The arguments are NAME PID inner outer count … NULL. The map's text is cut up in words. The
 * mapper keeps the descriptor `running` open until it ends. */
static void start_mapper(struct stage *stage, struct mapper *mapper, int running)
{
	char words[MAP_TEXT_SIZE];
	char *arguments[2 + 3 * (MOST_RANGES + 4) + 1] = {(char *)mapper->name,
							  (char *)stage->step->mappers.process};
	size_t count = 2;
	char *word, *rest;

	word = strtok_r(strcpy(words, mapper->text), " \n", &rest);
	for (; word; word = strtok_r(NULL, " \n", &rest))
		arguments[count++] = word;
	mapper->process = performs(stage) ? vfork() : 1;
	if (mapper->process == 0) {
		/* The mapper comes from the PATH that the caller chose. For root no mapper is run,
		 * and other callers have no power that another program in its place could use. */
		if (change_signal_mask(SIG_SETMASK, stage->caller_mask, NULL) == 0 &&
		    fcntl(running, F_SETFD, 0) == 0)
			execute(mapper->name, arguments);
		mapper->complained = true;
		complain("cannot run '%s': %m", mapper->name);
		if (errno == ENOENT)
			hint_missing_mapper(mapper->name);
		_exit(EXIT_NSRUN);
	}
	mapper->process = settle(stage, mapper->process, "vfork()");
	if (stage->journal)
		tell_execute(stage, mapper->name, arguments);
}

/* Waits until both mappers have ended, which may take long where they ask a directory service. When
 * the launcher dies, its end of the baton closes: nobody needs the maps any more. */
static void await_both(struct stage *stage, int running, const struct mapper mappers[2])
{
	struct pollfd ends[] = {{.fd = running}, {.fd = stage->baton}};
	int result = 0;

	while (performs(stage) && (result = poll(ends, 2, -1)) < 0 && errno == EINTR)
		continue;
	(void)tell_call(stage, result, "poll({running, baton}, 2, -1)");
	if (!ends[1].revents)
		return;
	for (int i = 0; i < 2; i++) {
		if (mappers[i].process > 0)
			kill(mappers[i].process, SIGKILL);
	}
	_exit(EXIT_NSRUN);
}

static int await_mapper(struct stage *stage, const struct mapper *mapper)
{
	const char *name = mapper->name;
	int status = 0;

	if (mapper->process < 0 || await_process(stage, mapper->process, name, &status) < 0)
		return -1;
	if (WIFSIGNALED(status)) {
		complain("'%s' was killed by %G", name, WTERMSIG(status));
	} else if (status != 0 && !mapper->complained) {
		complain("'%s' failed with exit status %d", name, WEXITSTATUS(status));
		hint_mapper(name, mapper->text);
	}
	errno = ECHILD;
	return status == 0 ? 0 : -1;
}

int run_mappers(struct stage *stage)
{
	struct mapper mappers[] = {{.name = "newuidmap", .text = stage->step->mappers.user_map},
				   {.name = "newgidmap", .text = stage->step->mappers.group_map}};
	int running[2] = {-1, -1}, result = 0;

	if (performs(stage) && make_pipe(running) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (mappers[i].text)
			start_mapper(stage, &mappers[i], running[1]);
	}
	close_for_good(&running[1]);
	await_both(stage, running[0], mappers);
	close_for_good(&running[0]);
	for (int i = 0; i < 2; i++) {
		if (mappers[i].text && await_mapper(stage, &mappers[i]) < 0)
			result = -1;
	}
	return result;
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
