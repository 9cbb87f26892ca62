/* Looks at processes as /proc shows them, and ends what the tests have started. */
#include "lastmile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void pause_milliseconds(double milliseconds)
{
	long nanoseconds = (long)(milliseconds * 1e6);

	nanosleep(&(struct timespec){nanoseconds / 1000000000, nanoseconds % 1000000000}, NULL);
}

/* The text is empty where the process has ended. */
static void read_proc(pid_t process, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process, name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	length = file < 0 ? -1 : read(file, text, size - 1);
	if (file >= 0)
		close(file);
	text[length > 0 ? length : 0] = '\0';
}

char state_of(pid_t process)
{
	char text[1024];
	const char *name_end;

	if (process <= 0)
		return 0;
	read_proc(process, "stat", text, sizeof(text));
	name_end = strrchr(text, ')');
	return (char)(name_end ? name_end[2] : 0);
}

static pid_t parent_of(pid_t process)
{
	char text[1024];
	const char *name_end;

	read_proc(process, "stat", text, sizeof(text));
	name_end = strrchr(text, ')');
	return name_end ? (pid_t)atoi(name_end + 4) : 0;
}

bool await_state(pid_t process, char state)
{
	double end = milliseconds_now() + PATIENCE;

	while (state_of(process) != state) {
		if (milliseconds_now() > end)
			return false;
		pause_milliseconds(2);
	}
	return true;
}

uint64_t signals_of(pid_t process, const char *set)
{
	/* make(1) and others start a test with the two signals ignored that libc keeps for
	 * itself; nobody can set them by name. */
	const uint64_t internal = strcmp(set, "SigIgn") == 0 ? UINT64_C(3) << 31 : 0;
	char text[4096], key[32];
	const char *line;

	read_proc(process, "status", text, sizeof(text));
	snprintf(key, sizeof(key), "\n%s:", set);
	line = strstr(text, key);
	return line ? strtoull(line + strlen(key), NULL, 16) & ~internal : 0;
}

/* Calls do_each for every child, and tells how many there are. */
static int for_each_child(pid_t parent, void (*do_each)(pid_t child, void *argument),
			  void *argument)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (processes && (entry = readdir(processes))) {
		pid_t process = atoi(entry->d_name);

		if (process <= 0 || parent_of(process) != parent)
			continue;
		count++;
		do_each(process, argument);
	}
	if (processes)
		closedir(processes);
	return count;
}

static void note_child(pid_t child, void *argument)
{
	*(pid_t *)argument = child;
}

pid_t child_of(pid_t process)
{
	pid_t child = 0;

	return for_each_child(process, note_child, &child) == 1 ? child : 0;
}

static bool is_named(pid_t process, const char *name)
{
	char text[64];

	read_proc(process, "comm", text, sizeof(text));
	return strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '\n';
}

/* For a moment a helper may be a child too, and a shell may not have got to its exec. */
pid_t program_of(pid_t launcher, const char *name)
{
	double end = milliseconds_now() + PATIENCE;

	do {
		for (pid_t process = launcher; process; process = child_of(process)) {
			if (is_named(process, name))
				return process;
		}
		pause_milliseconds(1);
	} while (milliseconds_now() < end);
	clear_up();
	fail_msg("no program '%s' below nsrun", name);
	return 0;
}

static void kill_child(pid_t child, void *argument)
{
	(void)argument;
	kill(child, SIGKILL);
}

/* Reaps whoever has ended; true if nobody is left. Orphans are children of the tests. */
static bool reap(void)
{
	pid_t dead;

	while ((dead = waitpid(-1, NULL, WNOHANG)) > 0)
		continue;
	return dead < 0 && errno == ECHILD;
}

bool all_end(int milliseconds)
{
	double end = milliseconds_now() + milliseconds;

	while (!reap()) {
		if (milliseconds_now() > end)
			return false;
		pause_milliseconds(1);
	}
	return true;
}

/* Whose parent is killed is an orphan, and killed in the next round. */
int clear_up(void)
{
	int killed = 0;

	while (!reap()) {
		killed += for_each_child(getpid(), kill_child, NULL);
		pause_milliseconds(2);
	}
	return killed;
}
