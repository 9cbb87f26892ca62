/* Files and directories, which all go when the test program ends. A path that does not start
 * with '/' is relative to work_directory. */
#pragma once

#include <stdbool.h>

/* The directory that commands are run in: anybody may write there. */
extern char work_directory[];
/* Where copies of nsrun, getpid, probe and role lie, within everybody's reach. */
extern char program_directory[];

/* Makes the directories. With privileges they lie in a file system that only the tests see. */
void make_place(void);
void remove_place(void);

/* The absolute path; the strings of the last few calls stay. */
const char *path_of(const char *path);

void make_directory(const char *path);
void make_file(const char *path, const char *content);
void make_link(const char *target, const char *path);
bool is_there(const char *path);
void remove_path(const char *path);

/* A root file system: the programs probe and bin/role, and the directories proc, sub and tmp, of
 * which the last is open to everybody. */
void make_root(const char *path);

/* Covers a file of the system by one with that content, or takes that off again. */
void cover(const char *path, const char *content);
void uncover(const char *path);
/* The number of mounts at path. */
int count_mounts(const char *path);
/* All of /proc/self/mountinfo. */
void read_mounts(char *text, unsigned long size);

/* Makes this file the nsrun that the tests run. */
void place_nsrun(const char *file);
