/* What there is in the place, so that before and after can be compared. */
#include "stress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_file(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	size_t total = 0;

	while (file >= 0 && (length = read(file, text + total, size - 1 - total)) > 0)
		total += (size_t)length;
	text[total] = '\0';
	if (file < 0 || total == size - 1)
		give_up("cannot read %s", path);
	close(file);
}

/* Each word once. */
static void add_word(char *text, size_t size, const char *word)
{
	char line[300];

	snprintf(line, sizeof(line), " %s", word);
	if (strstr(text, line))
		return;
	if (strlen(text) + strlen(line) >= size)
		give_up("too much to note: '%s'", word);
	strcat(text, line);
}

/* The names in a directory; with links also where each leads. */
static void list_directory(const char *path, bool links, char *text, size_t size)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char target[256];

	if (!directory)
		give_up("cannot list %s: %s", path, strerror(errno));
	while ((entry = readdir(directory))) {
		ssize_t length;

		if (entry->d_name[0] == '.')
			continue;
		if (!links) {
			add_word(text, size, entry->d_name);
			continue;
		}
		length = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		add_word(text, size, target);
	}
	closedir(directory);
}

/* The namespaces of every process that is there. */
static void note_processes(struct state *state)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	char path[300];

	if (!processes)
		give_up("cannot list /proc: %s", strerror(errno));
	while ((entry = readdir(processes))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		state->processes++;
		snprintf(path, sizeof(path), "/proc/%s/ns", entry->d_name);
		list_directory(path, true, state->namespaces, sizeof(state->namespaces));
	}
	closedir(processes);
}

void note_state(struct state *state)
{
	memset(state, 0, sizeof(*state));
	read_file("/proc/self/mountinfo", state->mounts, sizeof(state->mounts));
	note_processes(state);
	list_directory("/proc/self/fd", false, state->descriptors, sizeof(state->descriptors));
	list_directory(work_directory, false, state->files, sizeof(state->files));
}

static bool is_same_text(const char *what, const char *before, const char *after)
{
	if (strcmp(before, after) == 0)
		return true;
	fprintf(stderr, "stress: %s were\n%s\nand are now\n%s\n", what, before, after);
	return false;
}

bool is_same_state(const struct state *before, const struct state *after)
{
	bool same = is_same_text("the mounts", before->mounts, after->mounts);

	same &= is_same_text("the namespaces", before->namespaces, after->namespaces);
	same &= is_same_text("the descriptors", before->descriptors, after->descriptors);
	same &= is_same_text("the files", before->files, after->files);
	if (before->processes == after->processes)
		return same;
	fprintf(stderr, "stress: there were %u processes, and are now %u\n", before->processes,
		after->processes);
	return false;
}
