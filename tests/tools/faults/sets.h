/* Options with which each kind of step comes up, as root and as an ordinary user. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Options with which nsrun is run, in a directory of its own. */
struct option_set {
	const char *arguments; /* words; the last is the program */
	bool as_user;          /* not as root */
	const char *prepare;   /* a shell's commands, or NULL */
	unsigned pins;         /* how many namespaces a success leaves pinned */
	int status;            /* the exit status of an undisturbed run */
};

extern const struct option_set option_sets[];
extern const size_t option_set_count;
