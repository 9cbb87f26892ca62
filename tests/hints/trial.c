#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { TIME_LIMIT = 15, MOST_HINTS = 16 };

static char directory[] = "/tmp/nsrun-hints-XXXXXX";

struct outcome {
	int status;
	char errors[16384];
	/* Within errors, whose lines are cut apart. */
	const char *error;
	const char *hints[MOST_HINTS];
	size_t count;
};

static bool run_script(const char *script)
{
	return system(script) == 0;
}

/* A newuidmap whose power is a file capability instead of set-user-ID. */
static void make_capable_mapper(void)
{
	const struct vfs_cap_data power = {
	    .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
	    .data = {{.permitted = 1U << CAP_SETUID}},
	};
	char path[64];

	snprintf(path, sizeof(path), "%s/capable", directory);
	assert_true(run_script("cp /usr/bin/newuidmap $T/capable && chmod 755 $T/capable"));
	assert_int_equal(setxattr(path, "security.capability", &power, sizeof(power), 0), 0);
}

/* Linux 6.18 tells by numbers which mount namespace is older, and may thus be pinned in
 * the other; each processor has its own supply of them, so that two would mix them up. */
static void stay_on_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

void place_nsrun(const char *file)
{
	char script[PATH_MAX + 64];

	snprintf(script, sizeof(script),
		 "cp --remove-destination '%s' $T/nsrun && chmod 755 $T/nsrun", file);
	assert_true(run_script(script));
}

/* All that the tests make lies in a file system that only they see. */
int set_up_trials(void **state)
{
	static const char copy[] = "mkdir $T/work && cp -a /etc $T/etc && mount --bind $T/etc /etc";
	static const char make_user[] =
	    "add() {\n"
	    "	touch $1 && sed -i '/^nsrun-test:/d' $1 && sed \"1i $2\" $1 >$T/new &&\n"
	    "	{ [ -s $T/new ] || echo $2 >$T/new; } && cat $T/new >$1\n"
	    "}\n"
	    "cd /etc && add passwd nsrun-test:x:1000:1000::/:/bin/sh &&\n"
	    "add group nsrun-test:x:1000: &&\n"
	    "add subuid nsrun-test:100000:65536 && add subgid nsrun-test:100000:65536";

	(void)state;
	if (geteuid() != 0)
		return 0;
	umask(022);
	signal(SIGCHLD, SIG_DFL);
	stay_on_one_processor();
	assert_non_null(mkdtemp(directory));
	assert_int_equal(setenv("T", directory, 1), 0);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", directory, "tmpfs", 0, "mode=755"), 0);
	place_nsrun_to_test();
	assert_true(run_script(copy));
	assert_true(run_script(make_user));
	make_capable_mapper();
	return 0;
}

int tear_down_trials(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	umount2("/etc", MNT_DETACH);
	umount2(directory, MNT_DETACH);
	return rmdir(directory);
}

static void become_user(void)
{
	if (setgroups(0, NULL) < 0 || setgid(TEST_USER) < 0 || setuid(TEST_USER) < 0)
		_exit(99);
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

static void become_trial(const struct trial *trial, bool quiet, int errors)
{
	char program[64];
	int nothing = open("/dev/null", O_RDWR);

	snprintf(program, sizeof(program), "%s/nsrun%s", directory, quiet ? " -q" : "");
	setenv("N", program, 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
	setsid();
	alarm(TIME_LIMIT);
	dup2(nothing, 0);
	dup2(nothing, 1);
	dup2(errors, 2);
	if (unshare(CLONE_NEWNS) < 0 || chdir(directory) < 0 ||
	    mount("none", "work", "tmpfs", 0, "mode=1777") < 0 || chdir("work") < 0)
		_exit(97);
	if (trial->prepare && !run_script(trial->prepare))
		_exit(98);
	if (trial->who == USER)
		become_user();
	if (trial->filter.call)
		install(&trial->filter);
	execl("/bin/sh", "sh", "-c", trial->script, (char *)NULL);
	_exit(99);
}

static void run(const struct trial *trial, bool quiet, struct outcome *outcome)
{
	int errors = memfd_create("errors", MFD_CLOEXEC);
	ssize_t length;
	pid_t process;
	int status;

	assert_true(errors >= 0);
	fflush(NULL);
	process = fork();
	assert_true(process >= 0);
	if (process == 0)
		become_trial(trial, quiet, errors);
	assert_int_equal(waitpid(process, &status, 0), process);
	kill(-process, SIGKILL);
	length = pread(errors, outcome->errors, sizeof(outcome->errors) - 1, 0);
	assert_true(length >= 0);
	outcome->errors[length] = '\0';
	outcome->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	close(errors);
}

/* What newuidmap and newgidmap say themselves is not nsrun's. */
static bool is_of_mapper(const char *line)
{
	return strncmp(line, "newuidmap: ", 11) == 0 || strncmp(line, "newgidmap: ", 11) == 0;
}

/* One error line and then hints; anything else is an error too. */
static bool split_lines(struct outcome *outcome)
{
	static const char error[] = "nsrun: ", hint[] = "hint: ";
	static char copy[sizeof(outcome->errors)];
	char *rest;

	memcpy(copy, outcome->errors, sizeof(copy));
	outcome->error = NULL;
	outcome->count = 0;
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (is_of_mapper(line))
			continue;
		if (!outcome->error && strncmp(line, error, sizeof(error) - 1) == 0)
			outcome->error = line + sizeof(error) - 1;
		else if (outcome->error && strncmp(line, hint, sizeof(hint) - 1) == 0 &&
			 outcome->count < MOST_HINTS)
			outcome->hints[outcome->count++] = line + sizeof(hint) - 1;
		else
			return false;
	}
	return true;
}

static bool has_right_error(const struct trial *trial, const struct outcome *outcome)
{
	if (!trial->error || !outcome->error)
		return !trial->error && !outcome->error;
	return fnmatch(trial->error, outcome->error, FNM_NOESCAPE) == 0;
}

static bool has_right_hints(const struct trial *trial, const struct outcome *outcome)
{
	size_t expected = 0;

	for (; trial->hints[expected]; expected++) {
		if (expected == outcome->count ||
		    !strstr(outcome->hints[expected], trial->hints[expected]))
			return false;
	}
	for (size_t i = 0; trial->never && i < outcome->count; i++) {
		if (strstr(outcome->hints[i], trial->never))
			return false;
	}
	return trial->never || expected == outcome->count;
}

static void check(const struct trial *trial, bool quiet)
{
	static struct outcome outcome;
	const char *wrong = NULL;

	run(trial, quiet, &outcome);
	if (outcome.status != trial->status)
		wrong = "exit status";
	else if (!split_lines(&outcome))
		wrong = "lines";
	else if (!has_right_error(trial, &outcome))
		wrong = "error line";
	else if (quiet ? outcome.count > 0 : !has_right_hints(trial, &outcome))
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
	if (geteuid() != 0)
		skip();
	check(trial, false);
	check(trial, true);
}
