/*
 * What the integration tests share: a place of their own, a user of their own, and a way
 * to run a command as root or as that user, which looks at what it left behind.
 *
 * As root everything happens in a mount namespace of the tests' own, where a copy of
 * /etc knows the test user: the machine is left as it was, whatever happens. Without
 * root the tests that need it are skipped, and the caller is the test user.
 */
#ifndef NSRUN_TESTS_HARNESS_H
#define NSRUN_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "checked.h"

enum who { ROOT, USER };

/* Exit statuses of nsrun. */
enum { FAILED = 125, CANNOT_RUN = 126, NOT_FOUND = 127 };

struct test_user {
	uid_t user;
	gid_t group;
	/* The range of subordinate uids and gids; count is 0 if there is none. */
	unsigned first, count;
};
extern struct test_user test_user;

/* All of root's subordinate ids, where the tests run as root. */
enum { ROOT_FIRST = 300000, ROOT_COUNT = 65536 };

/* The directory that commands are run in: anybody may write there. */
extern char work_directory[];
/* Where copies of nsrun, getpid and probe lie, within everybody's reach. */
extern char program_directory[];

int set_up(void **state);
/* The same, and all that follows happens on one processor. */
int set_up_on_one_processor(void **state);
int tear_down(void **state);

/* Skips the test where the tests are not run as root. */
void need_root(void);
/* Skips the test where USER is somebody without subordinate ids; as root that is never so. */
void need_subordinate_ids(void);

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

struct launch {
	enum who who;
	/* Called in the new process, just before the command. */
	void (*prepare)(void);
	/* Instead of the usual one. */
	char *const *environment;
};

struct process {
	pid_t id;
	int descriptor;
	int output, errors;
	/* The numbers of the mounts there were before. */
	int mounts_before[512];
	struct outcome *outcome;
};

/*
 * A command is a line of words; single quotes hold blanks together. It runs in
 * work_directory, in a session of its own, with standard input from /dev/null and a PATH
 * on which nsrun, getpid and probe are found.
 */
__attribute__((format(printf, 4, 5))) void start(struct process *process, struct outcome *outcome,
						 const struct launch *launch, const char *format,
						 ...);
/* Waits until the output holds the text. */
void await_output(struct process *process, const char *text);
void finish(struct process *process);

/* Both run the command until its end; run() fails the test if it took too long or left
 * a process or a mount behind. */
__attribute__((format(printf, 3, 4))) void run(struct outcome *outcome, enum who who,
					       const char *format, ...);
__attribute__((format(printf, 3, 4))) void
run_freely(struct outcome *outcome, const struct launch *launch, const char *format, ...);

/* Each fails the test with a message that shows the command. */
void check_clean(const struct outcome *outcome);
void check_status(const struct outcome *outcome, int status);
void check_output(const struct outcome *outcome, const char *output);
/* nsrun failed: 125, one line which holds `quoted`, then only hints, and no output. */
void check_refused(const struct outcome *outcome, const char *quoted);

/* What the probe says of the key, or NULL. The strings of the last few calls stay. */
const char *value(const struct outcome *outcome, const char *key);
__attribute__((format(printf, 3, 4))) void check(const struct outcome *outcome, const char *key,
						 const char *format, ...);
/* Whether the probe was in another namespace of that type than the tests are. */
bool is_new(const struct outcome *outcome, const char *type);
void check_new(const struct outcome *outcome, const char *type, bool expected);

/* Relative to work_directory, as is every path below that does not start with '/'. */
void make_directory(const char *path);
void make_file(const char *path, const char *content);
bool is_there(const char *path);
void remove_path(const char *path);
/* Covers a file of the system by one with that content, or by nothing but itself. */
void cover(const char *path, const char *content);
void uncover(const char *path);
/* The number of mounts at path. */
int count_mounts(const char *path);

/* Waits until nobody lives who has this process id; false if that takes too long. */
bool ends_soon(pid_t process, int milliseconds);
void pause_milliseconds(long milliseconds);

#endif
