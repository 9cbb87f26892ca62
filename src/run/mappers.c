#include "operations.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hint.h"
#include "message.h"
#include "processes.h"
#include "program.h"

enum { MOST_ARGUMENTS = 3 * (MOST_RANGES + 4) + 3 };

/* NAME PID inner outer count …: the words of the map's text, which is cut up here. */
static void split_map(char *text, char *arguments[MOST_ARGUMENTS])
{
	size_t count = 2;
	char *rest;

	for (char *word = strtok_r(text, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
		arguments[count++] = word;
	arguments[count] = NULL;
}

static void tell_mapper(struct stage *stage, const char *name, const char *text)
{
	char map[MAP_TEXT_SIZE];
	char *words[MOST_ARGUMENTS];
	char buffer[2 * MAP_TEXT_SIZE];
	struct text list = text_in(buffer, sizeof(buffer));

	split_map(strcpy(map, text), words);
	for (size_t i = 2; words[i]; i++)
		text_print(&list, "%q, ", words[i]);
	(void)settle(stage, NOT_RETURNED, "execve(%q, {%q, %q, %rNULL}, environ)", name, name,
		     stage->step->mappers.process, list.start, list.length);
}

/* After a vfork(2): *complained lies in the helper's memory, and tells it that the message
 * is out. The exit status cannot, since a mapper that does run may end with the same. */
static void become_mapper(struct stage *stage, const char *name, const char *text,
			  volatile bool *complained)
{
	char map[MAP_TEXT_SIZE];
	char *arguments[MOST_ARGUMENTS] = {(char *)name, (char *)stage->step->mappers.process};

	split_map(strcpy(map, text), arguments);
	/* PATH is the caller's to choose: a caller who is not root has no power that another
	 * program in the mapper's place could use, and for root no mapper is run. */
	if (change_signal_mask(SIG_SETMASK, stage->caller_mask, NULL) == 0)
		execute(name, arguments, environ);
	*complained = true;
	if (errno == ENOENT) {
		complain("cannot run '%s': it is not installed", name);
		hint("the package uidmap usually has it: apt-get install uidmap");
	} else {
		complain_of(errno, "cannot run '%s'", name);
	}
	_exit(execute_status(errno));
}

/* Returns 0 where there is nothing to map. */
static pid_t start_mapper(struct stage *stage, const char *name, const char *text,
			  volatile bool *complained)
{
	pid_t mapper;

	if (!text)
		return 0;
	mapper = performs(stage) ? vfork() : 1;
	if (mapper == 0)
		become_mapper(stage, name, text, complained);
	mapper = settle(stage, mapper, "vfork()");
	if (stage->mode != PLAY)
		tell_mapper(stage, name, text);
	return mapper;
}

static int await_mapper(struct stage *stage, pid_t mapper, const char *name, bool complained)
{
	int status = 0;

	if (mapper == 0)
		return 0;
	if (mapper < 0 || await_process(stage, mapper, name, &status) < 0)
		return -1;
	errno = ECHILD;
	if (WIFSIGNALED(status))
		return complain("'%s' was killed by %G", name, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0 && !complained) {
		complain("'%s' failed with exit status %d", name, WEXITSTATUS(status));
		hint_mapper(name);
		errno = ECHILD;
	}
	return status == 0 ? 0 : -1;
}

int run_mappers(struct stage *stage, const struct step *step)
{
	volatile bool complained[2] = {false, false};
	pid_t users = start_mapper(stage, "newuidmap", step->mappers.user_map, &complained[0]);
	pid_t groups = start_mapper(stage, "newgidmap", step->mappers.group_map, &complained[1]);
	int users_result = await_mapper(stage, users, "newuidmap", complained[0]);
	int groups_result = await_mapper(stage, groups, "newgidmap", complained[1]);

	return users_result < 0 || groups_result < 0 ? -1 : 0;
}
