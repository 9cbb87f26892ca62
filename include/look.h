/* Small looks at the system and at PATH. What hints returns true if it has. */
#pragma once

#include <sys/types.h>

#include "idmap.h"
#include "lines.h"

/* Reads the start of a file into buffer, NUL-terminated. Returns its length, or -1 with errno. */
__attribute__((cold)) ssize_t read_start(const char *path, char *buffer, size_t size);

/* What follows start in the first line of the file that begins with it, in line, or NULL. */
__attribute__((cold)) const char *find_line(struct journal *journal, const char *path,
					    const char *start, struct record *line);

/* True if the first line of the file that begins with `line` ends there, too. */
__attribute__((cold)) bool file_says(const char *path, const char *line);

/* The directory that the file, whose name the kernel takes, is in or would be in. */
__attribute__((cold)) char *find_directory(const char *file, char directory[PATH_MAX]);

/* The first mount point that `fits`, in line, or NULL. Behind its NUL lies the rest of its line in
 * mountinfo: identifier parent device root point options tags… - type source options (proc(5)). */
__attribute__((cold)) const char *find_mount(struct record *line, bool (*fits)(const char *point));

enum propagation {
	MOUNT_IS_PRIVATE, /* as far as is known */
	MOUNT_IS_SHARED,  /* it passes mounts on to others, and takes theirs */
	MOUNT_IS_FOREIGN  /* of another mount namespace */
};

/* The propagation of the mount that the file is on, or would be on if it were created. */
__attribute__((cold)) enum propagation find_propagation(struct journal *journal, const char *file);

/* The bits of all types that /proc/self/ns shows; 0 and errno where it can't be read. */
__attribute__((cold)) unsigned long offered_namespaces(struct journal *journal);

/* Hints if a file in /proc cannot be opened since no proc, or another namespace's, is mounted. */
__attribute__((cold)) bool advise_proc(int error);

/* Hints if an argument (or NULL) begins with "=", as after a letter in -S=5. */
__attribute__((cold)) bool advise_equals(const char *argument);

/* Whether this process has a capability in its user namespace (capabilities(7)). */
enum capability {
	CAP_SETGID = 6,
	CAP_SETUID = 7,
	CAP_SYS_CHROOT = 18,
	CAP_SYS_ADMIN = 21,
	CAP_SETFCAP = 31
};
__attribute__((cold)) bool has_capability(enum capability number);

/* True for a kernel before that version, "6.7" say. */
__attribute__((cold)) bool is_before(const char *version);

/* Finds the range of /proc/self/uid_map, say, that has the id inside. An unreadable map has all. */
__attribute__((cold)) bool find_range(const char *path, uint32_t id, struct id_range *range);

/* The directories where programs are looked for, with ':' between them. */
const char *find_path(void);

/* Takes the next of the directories, and adds name to it. An empty one is the working directory.
 * Returns false when none is left. */
bool next_candidate(const char **directories, const char *name, char candidate[PATH_MAX]);
