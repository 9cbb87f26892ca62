/* Runs nsrun into a failure, and compares what it says. */
#include "trial.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MOST_HINTS = 16 };

/* What was said, in lines. */
struct said {
	const char *error;
	const char *hints[MOST_HINTS];
	size_t count;
};

/* A newuidmap whose power is a file capability instead of set-user-ID. */
static void make_capable_mapper(void)
{
	const struct vfs_cap_data power = {
	    .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
	    .data = {{.permitted = 1U << CAP_SETUID}},
	};
	static struct outcome outcome;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/capable", program_directory);
	run(&outcome, ROOT, "cp /usr/bin/newuidmap %s", path);
	run(&outcome, ROOT, "chmod 755 %s", path);
	assert_int_equal(setxattr(path, "security.capability", &power, sizeof(power), 0), 0);
}

int set_up_trials(void **state)
{
	if (set_up_on_one_processor(state) < 0)
		return -1;
	if (geteuid() == 0)
		make_capable_mapper();
	return 0;
}

/* Only calls of this architecture are made here, so the filter need not look at it. */
static void install(const struct filter *filter)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)filter->call, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, filter->fourth, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)filter->error),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (!filter->fourth)
		code[2] = code[3] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		_exit(99);
}

/* The trial that is about to run, for prepare(). */
static const struct trial *prepared;

static void prepare(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", ".", "tmpfs", 0, "mode=1777") < 0 ||
	    chdir(work_directory) < 0)
		_exit(97);
	setenv("B", program_directory, 1);
	if (prepared->prepare && system(prepared->prepare) != 0)
		_exit(98);
	if (prepared->who == USER)
		become_user();
	if (prepared->filter.call)
		install(&prepared->filter);
}

static void run_trial(const struct trial *trial, bool quiet, struct outcome *outcome)
{
	char nsrun[PATH_MAX], programs[PATH_MAX], shell[] = "sh", option[] = "-c";
	char *words[] = {shell, option, (char *)(uintptr_t)trial->script, NULL};
	char *environment[] = {nsrun, programs, (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
			       (char *)"LC_ALL=C", NULL};
	struct launch launch = {.prepare = prepare, .environment = environment};
	struct process process;

	snprintf(nsrun, sizeof(nsrun), "N=%s/nsrun%s", program_directory, quiet ? " -q" : "");
	snprintf(programs, sizeof(programs), "B=%s", program_directory);
	prepared = trial;
	start_words(&process, outcome, &launch, words);
	finish(&process);
}

/* What newuidmap and newgidmap say themselves is not nsrun's. */
static bool is_of_mapper(const char *line)
{
	return strncmp(line, "newuidmap: ", 11) == 0 || strncmp(line, "newgidmap: ", 11) == 0;
}

/* One error line and then hints; anything else is an error too. */
static bool split_lines(struct said *said, const char *errors)
{
	static const char error[] = "nsrun: ", hint[] = "hint: ";
	static char copy[sizeof(((struct outcome *)NULL)->errors)];
	char *rest;

	snprintf(copy, sizeof(copy), "%s", errors);
	said->error = NULL;
	said->count = 0;
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (is_of_mapper(line))
			continue;
		if (!said->error && strncmp(line, error, sizeof(error) - 1) == 0)
			said->error = line + sizeof(error) - 1;
		else if (said->error && strncmp(line, hint, sizeof(hint) - 1) == 0 &&
			 said->count < MOST_HINTS)
			said->hints[said->count++] = line + sizeof(hint) - 1;
		else
			return false;
	}
	return true;
}

static bool has_right_error(const struct trial *trial, const struct said *said)
{
	if (!trial->error || !said->error)
		return !trial->error && !said->error;
	return fnmatch(trial->error, said->error, FNM_NOESCAPE) == 0;
}

static bool has_right_hints(const struct trial *trial, const struct said *said)
{
	size_t expected = 0;

	for (; trial->hints[expected]; expected++) {
		if (expected == said->count ||
		    !strstr(said->hints[expected], trial->hints[expected]))
			return false;
	}
	for (size_t i = 0; trial->never && i < said->count; i++) {
		if (strstr(said->hints[i], trial->never))
			return false;
	}
	return trial->never || expected == said->count;
}

static void check_trial(const struct trial *trial, bool quiet)
{
	static struct outcome outcome;
	const char *wrong = NULL;
	struct said said;

	run_trial(trial, quiet, &outcome);
	if (outcome.late)
		wrong = "time";
	else if (outcome.status != trial->status)
		wrong = "exit status";
	else if (!split_lines(&said, outcome.errors))
		wrong = "lines";
	else if (!has_right_error(trial, &said))
		wrong = "error line";
	else if (quiet ? said.count > 0 : !has_right_hints(trial, &said))
		wrong = "hints";
	if (!wrong)
		return;
	print_error("expected: %d, nsrun: %s\n", trial->status, trial->error ? trial->error : "");
	for (const char *const *hint = trial->hints; !quiet && *hint; hint++)
		print_error("hint: ... %s ...\n", *hint);
	fail_msg("wrong %s%s of '%s': %d,\n%s", wrong, quiet ? " (with -q)" : "", trial->script,
		 outcome.status, outcome.errors);
}

void attempt(const struct trial *trial)
{
	need_root();
	check_trial(trial, false);
	check_trial(trial, true);
}
