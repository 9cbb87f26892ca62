#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIME_LIMIT = 15000, GRACE = 2000, MOST_WORDS = 1024 };

void pause_milliseconds(long milliseconds)
{
	nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

/* A list that ends with 0. */
static void list_mounts(int mounts[], size_t size)
{
	char line[8192];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	size_t count = 0;

	assert_non_null(file);
	while (count < size - 1 && fgets(line, sizeof(line), file))
		mounts[count++] = atoi(line);
	mounts[count] = 0;
	fclose(file);
}

/* Mounts may also vanish: the kernel takes off what is on a file that somebody removes,
 * in whichever mount namespace. That is no business of the tests. */
static int count_new_mounts(const struct process *process)
{
	enum { SIZE = sizeof(process->mounts_before) / sizeof(int) };
	int after[SIZE], count = 0;

	list_mounts(after, SIZE);
	for (const int *mount = after; *mount; mount++) {
		const int *before = process->mounts_before;

		while (*before && *before != *mount)
			before++;
		count += *before == 0;
	}
	return count;
}

static void split_words(char *line, char *words[MOST_WORDS])
{
	size_t count = 0;

	while (*line) {
		char *to = line;
		bool quoted = false;

		assert_true(count < MOST_WORDS - 1);
		words[count++] = to;
		for (; *line && (quoted || *line != ' '); line++) {
			if (*line == '\'')
				quoted = !quoted;
			else
				*to++ = *line;
		}
		line += strspn(line, " ");
		*to = '\0';
	}
	words[count] = NULL;
}

static void become_user(void)
{
	gid_t groups[] = {test_user.group, 2001};

	if (setgroups(2, groups) < 0 || setgid(test_user.group) < 0 || setuid(test_user.user) < 0)
		_exit(99);
}

/* The state a command starts in does not depend on how the tests were started. */
static void become_command(const struct process *process, const struct launch *launch, char **words)
{
	char path[PATH_MAX];
	char *environment[] = {
	    path, (char *)"HOME=/", (char *)"LANG=C", (char *)"SHELL=/bin/sh", (char *)"SAMPLE=a b",
	    NULL};
	sigset_t none;
	int input = open("/dev/null", O_RDONLY);

	snprintf(path, sizeof(path), "PATH=%s:/usr/sbin:/usr/bin:/sbin:/bin", program_directory);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	/* Those that are in use may be 0, 1 or 2, if the tests were started without. */
	input = fcntl(input, F_DUPFD, 10);
	dup2(fcntl(process->errors, F_DUPFD, 10), 2);
	dup2(fcntl(process->output, F_DUPFD, 10), 1);
	dup2(input, 0);
	syscall(SYS_close_range, 3U, ~0U, 0U);
	if (chdir(work_directory) < 0)
		_exit(99);
	if (geteuid() == 0 && launch->who == USER)
		become_user();
	if (launch->prepare)
		launch->prepare();
	/* The command itself is searched for in the tests' PATH. */
	putenv(path);
	execvpe(words[0], words, launch->environment ? launch->environment : environment);
	_exit(98);
}

__attribute__((format(printf, 4, 0))) static void start_list(struct process *process,
							     struct outcome *outcome,
							     const struct launch *launch,
							     const char *format, va_list arguments)
{
	static char line[1 << 16];
	char *words[MOST_WORDS];

	if (launch->who == ROOT)
		need_root();
	vsnprintf(line, sizeof(line), format, arguments);
	*outcome = (struct outcome){.status = -1};
	memcpy(outcome->command, line, sizeof(outcome->command) - 1);
	*process = (struct process){.outcome = outcome};
	list_mounts(process->mounts_before, sizeof(process->mounts_before) / sizeof(int));
	process->output = memfd_create("output", MFD_CLOEXEC);
	process->errors = memfd_create("errors", MFD_CLOEXEC);
	assert_true(process->output >= 0 && process->errors >= 0);
	split_words(line, words);
	fflush(NULL);
	process->id = fork();
	assert_true(process->id >= 0);
	if (process->id == 0)
		become_command(process, launch, words);
	process->descriptor = (int)syscall(SYS_pidfd_open, process->id, 0);
	assert_true(process->descriptor >= 0);
}

void start(struct process *process, struct outcome *outcome, const struct launch *launch,
	   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	start_list(process, outcome, launch, format, arguments);
	va_end(arguments);
}

static void read_all(int file, char *text, size_t size)
{
	ssize_t length = pread(file, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
}

void await_output(struct process *process, const char *text)
{
	struct outcome *outcome = process->outcome;

	for (int waited = 0; waited < TIME_LIMIT; waited += 5) {
		read_all(process->output, outcome->output, sizeof(outcome->output));
		if (strstr(outcome->output, text))
			return;
		pause_milliseconds(5);
	}
	kill(process->id, SIGKILL);
	finish(process);
	fail_msg("'%s': no '%s' in the output\n%s", outcome->command, text, outcome->errors);
}

/* The parent of a process, or 0. */
static pid_t parent_of(pid_t process)
{
	char path[64], text[512];
	const char *name_end;
	int parent = 0;
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
	file = fopen(path, "re");
	if (!file)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	name_end = strrchr(text, ')');
	if (!name_end || sscanf(name_end + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static void kill_children(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	while (processes && (entry = readdir(processes))) {
		pid_t process = atoi(entry->d_name);

		if (process > 0 && parent_of(process) == getpid())
			kill(process, SIGKILL);
	}
	if (processes)
		closedir(processes);
}

/* Orphans become children of the tests, and theirs in turn: how many had to be killed? */
static int clear_up_processes(void)
{
	siginfo_t child;
	int killed = 0;

	for (int waited = 0;; waited += 2) {
		child.si_pid = 0;
		if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG) < 0)
			return killed;
		if (child.si_pid > 0) {
			killed += waited >= GRACE;
			continue;
		}
		if (waited >= GRACE)
			kill_children();
		pause_milliseconds(2);
	}
}

/* What a build with sanitizers or a valgrind says of a fault, in whichever process. */
static void check_sanitizers(const struct outcome *outcome)
{
	static const char *const words[] = {"Sanitizer", "runtime error: ", "\n=="};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(outcome->errors, words[i]) || strncmp(outcome->errors, "==", 2) == 0)
			fail_msg("'%s' has a fault:\n%s", outcome->command, outcome->errors);
	}
}

void finish(struct process *process)
{
	struct pollfd end = {.fd = process->descriptor, .events = POLLIN};
	struct outcome *outcome = process->outcome;
	siginfo_t info = {.si_pid = 0};

	outcome->late = poll(&end, 1, TIME_LIMIT) <= 0;
	if (outcome->late)
		kill(process->id, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)process->id, &info, WEXITED), 0);
	outcome->status = info.si_code == CLD_EXITED ? info.si_status : -1;
	outcome->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
	outcome->left = clear_up_processes();
	outcome->mounts = count_new_mounts(process);
	read_all(process->output, outcome->output, sizeof(outcome->output));
	read_all(process->errors, outcome->errors, sizeof(outcome->errors));
	close(process->descriptor);
	close(process->output);
	close(process->errors);
	check_sanitizers(outcome);
}

void run_freely(struct outcome *outcome, const struct launch *launch, const char *format, ...)
{
	struct process process;
	va_list arguments;

	va_start(arguments, format);
	start_list(&process, outcome, launch, format, arguments);
	va_end(arguments);
	finish(&process);
}

void run(struct outcome *outcome, enum who who, const char *format, ...)
{
	struct process process;
	va_list arguments;

	va_start(arguments, format);
	start_list(&process, outcome, &(struct launch){.who = who}, format, arguments);
	va_end(arguments);
	finish(&process);
	check_clean(outcome);
}

bool ends_soon(pid_t process, int milliseconds)
{
	for (int waited = 0; waited < milliseconds; waited += 5) {
		if (kill(process, 0) < 0 && errno == ESRCH)
			return true;
		waitpid(process, NULL, WNOHANG);
		pause_milliseconds(5);
	}
	return false;
}
