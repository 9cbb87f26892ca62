/* What the parts of the stress test share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Ends the test with a message; what it started dies with its PID namespace. */
__attribute__((format(printf, 1, 2), noreturn)) void give_up(const char *format, ...);

/* place.c: goes into user, PID and mount namespaces of the test's own, with a proc of their
 * own and an empty directory to work in. Returns as process 1 of them. */
void enter_own_place(void);
extern const char work_directory[];
/* Sets how many namespaces the kernel allows in this place: one of each type beside its
 * own, or more than anybody makes. */
void allow_namespaces(bool just_one);

/* state.c: all that a launch could leave behind, as text. */
struct state {
	char mounts[1 << 14];
	char namespaces[1 << 12];
	char descriptors[1 << 10];
	char files[1 << 10];
	unsigned processes;
};
void note_state(struct state *state);
/* True where both are the same; says what differs where they are not. */
bool is_same_state(const struct state *before, const struct state *after);
