/* Small looks at the system, for facts and hints. */
#ifndef NSRUN_LOOK_H
#define NSRUN_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "journal.h"

/* Reads the start of a file in to buffer, NUL-terminated. Returns false if it can't. */
bool read_start(const char *path, char *buffer, size_t size);

/* What follows start in the first line that begins with it, or NULL. */
const char *find_in_line(const char *text, const char *start);

/* True if the file holds just that one line, as the switches in /proc/sys do. */
bool file_says(const char *path, const char *line);

/* A line of /proc/self/mountinfo (proc(5)). */
struct mount_line {
	char line[1024];
	const char *identifier;
	const char *point;
	bool shared;
};

/*
 * Looks for the first mount that `matches` finds right, given `wanted`. Returns false
 * where there is none, or no /proc.
 */
bool find_mount(struct journal *journal, struct mount_line *mount,
		bool (*matches)(const struct mount_line *mount, const char *wanted),
		const char *wanted);

enum place { PLACE_UNKNOWN, PLACE_PRIVATE, PLACE_SHARED, PLACE_FOREIGN };

/* What mount the file is on, or would be on if it were created: a private one, one that
 * passes mounts on, or one of another mount namespace. */
enum place find_place(struct journal *journal, const char *file);

#endif
