/* Starts commands, takes in what they write, and waits for their end. */
#include "harness.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "words.h"

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

/* Standard input, output and error, and number 3 where one is given. All of them may be 0, 1
 * or 2 now, if the tests were started without those. */
static void arrange_descriptors(const struct process *process, const struct launch *launch)
{
	enum { HIGH = 10 };
	bool is_terminal = process->terminal >= 0;
	int third = launch->third ? fcntl(launch->third, F_DUPFD, HIGH) : -1;
	int input = is_terminal ? process->output : open("/dev/null", O_RDONLY);
	int errors = fcntl(process->errors, F_DUPFD, HIGH);
	int output = fcntl(process->output, F_DUPFD, HIGH);

	input = fcntl(input, F_DUPFD, HIGH);
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0)
		_exit(99);
	if (third >= 0)
		dup2(third, 3);
	syscall(SYS_close_range, third >= 0 ? 4U : 3U, ~0U, 0U);
}

static void leave_session(const struct process *process, const struct launch *launch)
{
	if (launch->is_job)
		setpgid(0, 0);
	else
		setsid();
	if (process->terminal >= 0 && ioctl(process->output, TIOCSCTTY, 0) < 0)
		_exit(99);
}

/* The state a command starts in does not depend on how the tests were started. */
static void become_command(const struct process *process, const struct launch *launch,
			   char *const *words)
{
	char path[PATH_MAX];
	char *environment[] = {path,
			       (char *)"HOME=/",
			       (char *)"LANG=C",
			       (char *)"SHELL=/bin/sh",
			       (char *)"SAMPLE=a b",
			       process->terminal >= 0 ? (char *)"TERM=dumb" : NULL,
			       (char *)"PS1=prompt> ",
			       NULL};

	snprintf(path, sizeof(path), "PATH=%s:/usr/sbin:/usr/bin:/sbin:/bin", program_directory);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	set_raw_mask(0);
	leave_session(process, launch);
	arrange_descriptors(process, launch);
	if (chdir(launch->directory ? launch->directory : work_directory) < 0)
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

/* What the command writes to, and the tests read. */
static void open_output(struct process *process, const struct launch *launch)
{
	const struct winsize size = {.ws_row = 24, .ws_col = 200};

	process->terminal = -1;
	if (launch->on_terminal) {
		assert_int_equal(openpty(&process->terminal, &process->output, NULL, NULL, &size),
				 0);
		fcntl(process->terminal, F_SETFD, FD_CLOEXEC);
		fcntl(process->terminal, F_SETFL, O_NONBLOCK);
		/* The user opens it by its name, too. */
		assert_true(launch->who == ROOT ||
			    fchown(process->output, test_user.user, test_user.group) == 0);
		process->errors = fcntl(process->output, F_DUPFD_CLOEXEC, 0);
	} else {
		process->output = memfd_create("output", MFD_CLOEXEC);
		process->errors = memfd_create("errors", MFD_CLOEXEC);
		/* Else those who write at the same time may write at the same place. */
		fcntl(process->output, F_SETFL, O_APPEND);
		fcntl(process->errors, F_SETFL, O_APPEND);
	}
	assert_true(process->output >= 0 && process->errors >= 0);
}

void start_words(struct process *process, struct outcome *outcome, const struct launch *launch,
		 char *const *words)
{
	if (launch->who == ROOT)
		need_root();
	outcome->status = -1;
	outcome->signal = outcome->left = outcome->mounts = 0;
	outcome->late = false;
	*outcome->output = *outcome->errors = '\0';
	*process = (struct process){.outcome = outcome};
	list_mounts(process->mounts_before, sizeof(process->mounts_before) / sizeof(int));
	open_output(process, launch);
	fflush(NULL);
	process->id = fork();
	assert_true(process->id >= 0);
	if (process->id == 0)
		become_command(process, launch, words);
	add_command(process->id);
	/* Whoever sends a signal to the group may be faster than the child. */
	if (launch->is_job)
		setpgid(process->id, process->id);
	if (process->terminal >= 0) {
		/* That it hangs up must be heard of. */
		close(process->output);
		close(process->errors);
		process->output = process->errors = -1;
	}
	process->descriptor = (int)syscall(SYS_pidfd_open, process->id, 0);
	assert_true(process->descriptor >= 0);
}

__attribute__((format(printf, 4, 0))) static void start_list(struct process *process,
							     struct outcome *outcome,
							     const struct launch *launch,
							     const char *format, va_list arguments)
{
	static struct words words;
	static char line[sizeof(words.buffer)];

	vsnprintf(line, sizeof(line), format, arguments);
	snprintf(outcome->command, sizeof(outcome->command), "%.*s",
		 (int)sizeof(outcome->command) - 1, line);
	split_words(&words, line);
	start_words(process, outcome, launch, words.list);
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

/* What a terminal has told is told once. */
static void read_terminal(struct process *process)
{
	struct outcome *outcome = process->outcome;
	ssize_t length;

	do {
		length = read(process->terminal, outcome->output + process->length,
			      sizeof(outcome->output) - 1 - process->length);
		process->length += length > 0 ? (size_t)length : 0;
		outcome->output[process->length] = '\0';
	} while (length > 0);
}

void read_output(struct process *process)
{
	struct outcome *outcome = process->outcome;

	if (process->output < 0) {
		read_terminal(process);
		return;
	}
	read_all(process->output, outcome->output, sizeof(outcome->output));
	read_all(process->errors, outcome->errors, sizeof(outcome->errors));
}

void forget_output(struct process *process)
{
	read_output(process);
	assert_true(process->output < 0);
	process->length = 0;
	*process->outcome->output = '\0';
}

unsigned count_in_output(struct process *process, const char *text)
{
	unsigned count = 0;

	read_output(process);
	for (const char *at = process->outcome->output; (at = strstr(at, text)); at++)
		count++;
	return count;
}

/* Looks at the end first: what it has written until then is there. */
bool output_comes_to_hold(struct process *process, const char *text)
{
	struct pollfd end = {.fd = process->descriptor, .events = POLLIN};
	double begin = milliseconds_now();
	bool ended;

	do {
		ended = poll(&end, 1, 0) > 0;
		if (count_in_output(process, text) > 0)
			return true;
		pause_milliseconds(0.5);
	} while (!ended && !is_beyond_bound(begin));
	return false;
}

void await_output(struct process *process, const char *text)
{
	if (output_comes_to_hold(process, text))
		return;
	break_off(process);
	fail_msg("'%s': no '%s' in the output '%s'\n%s", process->outcome->command, text,
		 process->outcome->output, process->outcome->errors);
}

void press(const struct process *process, const char *keys)
{
	assert_int_equal(write(process->terminal, keys, strlen(keys)), strlen(keys));
}

void hang_up(struct process *process)
{
	close(process->terminal);
	process->terminal = -1;
}

void watch_file(struct process *process, int file)
{
	process->output = file;
}

/* What a build with sanitizers or a valgrind says of a fault, in whichever process. */
static void check_sanitizers(const struct outcome *outcome)
{
	static const char *const words[] = {"Sanitizer", "runtime error: "};
	const char *errors = outcome->errors;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(outcome->output, words[i]) || strstr(errors, words[i]) ||
		    strstr(errors, "\n==") || strncmp(errors, "==", 2) == 0)
			fail_msg("'%s' has a fault:\n%s%s", outcome->command, outcome->output,
				 errors);
	}
}

static void close_process(struct process *process)
{
	const int open[] = {process->descriptor, process->output, process->errors,
			    process->terminal};

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		if (open[i] >= 0)
			close(open[i]);
	}
}

/* A terminal that nobody reads from would hold it up. */
static bool ends_in_time(struct process *process)
{
	struct pollfd end = {.fd = process->descriptor, .events = POLLIN};
	double begin = milliseconds_now();

	while (poll(&end, 1, process->terminal >= 0 ? 1 : 1000) == 0) {
		if (is_beyond_bound(begin))
			return false;
		if (process->terminal >= 0)
			read_terminal(process);
	}
	return true;
}

void finish(struct process *process)
{
	struct outcome *outcome = process->outcome;
	siginfo_t info = {.si_pid = 0};

	outcome->late = !ends_in_time(process);
	if (outcome->late)
		kill(process->id, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)process->id, &info, WEXITED), 0);
	outcome->status = info.si_code == CLD_EXITED ? info.si_status : -1;
	outcome->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
	remove_command(process->id);
	outcome->left = end_left();
	outcome->mounts = count_new_mounts(process);
	read_output(process);
	close_process(process);
	check_sanitizers(outcome);
}

int break_off(struct process *process)
{
	int killed = kill_all();

	read_output(process);
	close_process(process);
	check_sanitizers(process->outcome);
	return killed;
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
