/*
 * What all tests share that run nsrun: a place of their own, an ordinary user, a way to run a
 * command as root or as that user, and a look at what it did and left behind.
 *
 * As root everything happens in a mount namespace of the test's own, in which /etc knows the
 * user (see tests/run.sh). Without root the tests that need it are left out, and the caller is
 * the user.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "checkers.h"
#include "files.h"
#include "leave_out.h"
#include "processes.h"
#include "random.h"

/* In milliseconds. No test is about this time: it only ends what hangs. Under valgrind, which
 * makes everything slow, it is four times as long. */
enum { BOUND = 120000 };

enum who { ROOT, USER };

/* Exit statuses of nsrun. */
enum { SUCCEEDED = 0, FAILED = 125, CANNOT_RUN = 126, NOT_FOUND = 127 };

/* --- the place ----------------------------------------------------------------------- */

struct test_user {
	uid_t user;
	gid_t group;
	/* The range of subordinate uids and gids; count is 0 if there is none. */
	unsigned first, count;
};
extern struct test_user test_user;

/* All of root's subordinate ids, where the tests run as root. */
enum { ROOT_FIRST = 300000, ROOT_COUNT = 65536 };

int set_up(void **state);
/* The same, and all that follows happens on one processor. */
int set_up_on_one_processor(void **state);
int tear_down(void **state);
/* Two of those that the tests may use, also if they stay on one. False if there is one. */
bool have_two_processors(int *first, int *second);

/* Each leaves the test out where the tests are not run as root, or where USER is somebody
 * without subordinate ids; as root neither is ever so. */
void need_root(void);
void need_subordinate_ids(void);

/* Makes this process the user, in a group more; ends it where that fails. */
void become_user(void);

/* --- commands ------------------------------------------------------------------------ */

struct outcome {
	char command[256]; /* as much of it as fits */
	char output[1 << 17];
	char errors[1 << 15];
	int status; /* of exit, or -1 */
	int signal; /* that killed it, or 0 */
	bool late;  /* it took too long and was killed */
	int left;   /* processes that it left behind, killed by now */
	int mounts; /* new mounts that it left behind, which are still there */
};

/* How a command starts: by default as root in work_directory, in a session of its own, with
 * standard input from /dev/null, default signals, and a PATH on which nsrun, getpid, probe and
 * role are found. */
struct launch {
	enum who who;
	/* A process group of its own in the tests' session instead, so that it can be stopped:
	 * not so where the leader's parent is in no other session (setpgid(2)). */
	bool is_job;
	/* A terminal of its own, on which its output appears, errors too. Its parent can press
	 * keys; it is no job, and a session of its own. */
	bool on_terminal;
	const char *directory;
	/* A descriptor of the tests that it has as number 3, or 0. */
	int third;
	/* Called in the new process, just before the command. */
	void (*prepare)(void);
	/* Instead of the usual one. */
	char *const *environment;
};

struct process {
	pid_t id;
	int descriptor; /* a pidfd */
	int output, errors, terminal;
	size_t length; /* of the terminal's output */
	/* The numbers of the mounts there were before. */
	int mounts_before[512];
	struct outcome *outcome;
};

/* A command is a line of words, see words.h. */
__attribute__((format(printf, 4, 5))) void start(struct process *process, struct outcome *outcome,
						 const struct launch *launch, const char *format,
						 ...);
void start_words(struct process *process, struct outcome *outcome, const struct launch *launch,
		 char *const *words);
/* Takes in what has been written by now. */
void read_output(struct process *process);
/* Forgets it: what is looked for after this is written later. */
void forget_output(struct process *process);
unsigned count_in_output(struct process *process, const char *text);
/* Waits until the output holds the text; fails the test if the command ends without it. */
void await_output(struct process *process, const char *text);
/* False if the command ends without it. */
bool output_comes_to_hold(struct process *process, const char *text);
void press(const struct process *process, const char *keys);
/* Takes its terminal away. */
void hang_up(struct process *process);
/* From now on its output is what there is in that file, which is closed with it. */
void watch_file(struct process *process, int file);

/* Waits for the end of it, and of all processes that end by themselves. */
void finish(struct process *process);
/* Kills whatever the tests have started, this or other processes: tells how many these were,
 * and takes in the output of this one. */
int break_off(struct process *process);

/* Both run the command until its end; run() fails the test if it took too long or left
 * a process or a mount behind. */
__attribute__((format(printf, 3, 4))) void run(struct outcome *outcome, enum who who,
					       const char *format, ...);
__attribute__((format(printf, 3, 4))) void
run_freely(struct outcome *outcome, const struct launch *launch, const char *format, ...);

/* Ctrl-C, Ctrl-\ and Ctrl-Z, to be pressed. */
#define INTERRUPT "\003"
#define QUIT "\034"
#define SUSPEND "\032"

/* --- checks: each fails the test with a message that shows the command ------------------ */

/* It ended in time, and left neither processes nor mounts. */
void check_clean(const struct outcome *outcome);
void check_status(const struct outcome *outcome, int status);
void check_signal(const struct outcome *outcome, int signal);
/* It succeeded and printed just that. */
void check_output(const struct outcome *outcome, const char *output);
/* The same, with any blanks between its words: ps(1) pads as the highest pid needs it. */
void check_words(const struct outcome *outcome, const char *words);
/* nsrun failed: 125, one line which holds `quoted`, then only hints, and no output. */
void check_refused(const struct outcome *outcome, const char *quoted);

/* What the probe says of the key, or NULL. The strings of the last few calls stay. */
const char *value(const struct outcome *outcome, const char *key);
__attribute__((format(printf, 3, 4))) void check(const struct outcome *outcome, const char *key,
						 const char *format, ...);
/* Whether the probe was in another namespace of that type than the tests are. */
bool is_new(const struct outcome *outcome, const char *type);
void check_new(const struct outcome *outcome, const char *type, bool expected);
