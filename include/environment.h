/* The environment, and the directories of its PATH. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Keeps in environment, in place, just the variables of lists such as "a,b,c". Returns -1 with
 * errno set where there is no memory for that. */
__attribute__((cold)) int keep_variables(char **environment, char *const *lists, size_t list_count);

/* The directories where programs are looked for, with ':' between them. */
const char *find_path(void);

/* Takes the next of the directories, and puts together where name would be in it.
 * Returns false when there is none left. An empty one is the working directory. */
bool next_candidate(const char **directories, const char *name, char candidate[PATH_MAX]);
