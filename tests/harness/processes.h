/* Looks at processes, as /proc shows them, and waits for what they come to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The only child of the process, or 0. */
pid_t child_of(pid_t process);
/* Waits until it has just one. Fails the test if it does not come to that. */
pid_t await_child(pid_t process);
/* The first of that name in the line of only children; fails the test if none comes. */
pid_t program_of(pid_t launcher, const char *name);
/* The letter of proc(5): R, S, T, Z …, or 0 if there is no such process. */
char state_of(pid_t process);
/* Fails the test if it does not come to that; 0: if it does not go. */
void await_state(pid_t process, char state);
/* A set of signals such as SigPnd; bit 0 is signal 1. */
uint64_t signals_of(pid_t process, const char *set);
static inline uint64_t signal_bit(int number)
{
	return UINT64_C(1) << (number - 1);
}

/*
 * Waits until nothing more happens by itself: until all that the tests have started sleeps, is
 * stopped or has ended, all of it at one moment. What is asleep until some time comes does not
 * count. So this tells that something does not happen, without a time to wait for it.
 */
void settle(void);
/* Whether that is so now. */
bool is_settled(void);

/* Kills whatever the tests have started, and tells how many processes these were. */
int kill_all(void);
/* The commands that run: only what is of none of them has been left behind. */
void add_command(pid_t process);
void remove_command(pid_t process);
/* Waits until all that was left behind has ended, or has settled; what still lives then is
 * killed, and counted. */
int end_left(void);

double milliseconds_now(void);
/* Between two looks. */
void pause_milliseconds(double milliseconds);
/* Whether it is too late: since this begin a test has waited for longer than the bound. */
bool is_beyond_bound(double begin);

/* Blocks or unblocks every signal, also those that libc keeps for itself. */
void set_raw_mask(uint64_t mask);
