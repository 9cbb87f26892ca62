/* Starts commands, and takes in what they write. */
#include "lastmile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

void execute_line(char *line)
{
	char *words[MOST_WORDS];
	size_t count = 0;

	while (*line && count < MOST_WORDS - 1) {
		char *to = line;
		bool quoted = false;

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
	execvp(words[0], words);
	_exit(98);
}

static void become_user(void)
{
	const struct passwd *user = getpwnam("nsrun-test");

	if (!user || setgroups(0, NULL) < 0 || setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0)
		_exit(97);
}

/* A process group of its own, whose leader's parent is in the same session: its members
 * can be stopped (setpgid(2)). */
static void become_caller(const struct caller *caller, int output)
{
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	set_raw_mask(0);
	dup2(input, 0);
	dup2(output, 1);
	dup2(output, 2);
	if (caller && caller->directory && chdir(caller->directory) < 0)
		_exit(96);
	if (caller && caller->is_user)
		become_user();
	if (caller && caller->prepare)
		caller->prepare(caller->argument);
}

__attribute__((format(printf, 3, 0))) static void start_list(struct process *process,
							     const struct caller *caller,
							     const char *format, va_list arguments)
{
	char line[4096];
	int ends[2];

	vsnprintf(line, sizeof(line), format, arguments);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(NULL);
	process->id = fork();
	if (process->id == 0) {
		become_caller(caller, ends[1]);
		execute_line(line);
	}
	assert_true(process->id > 0);
	/* Whoever sends a signal to the group may be faster than the child. */
	setpgid(process->id, process->id);
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	process->output = ends[0];
	process->length = 0;
	process->text[0] = '\0';
}

void start(struct process *process, const struct caller *caller, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	start_list(process, caller, format, arguments);
	va_end(arguments);
}

void read_output(struct process *process)
{
	ssize_t length;

	do {
		length = read(process->output, process->text + process->length,
			      sizeof(process->text) - 1 - process->length);
		process->length += length > 0 ? (size_t)length : 0;
		process->text[process->length] = '\0';
	} while (length > 0);
}

bool output_holds(struct process *process, const char *text, int milliseconds)
{
	double end = milliseconds_now() + milliseconds;

	for (;;) {
		read_output(process);
		if (strstr(process->text, text))
			return true;
		if (milliseconds_now() > end)
			return false;
		pause_milliseconds(1);
	}
}

void await_text(struct process *process, const char *text)
{
	if (output_holds(process, text, PATIENCE))
		return;
	clear_up();
	fail_msg("no '%s' in the output: '%s'", text, process->text);
}

unsigned count_in_output(struct process *process, const char *text)
{
	unsigned count = 0;

	read_output(process);
	for (const char *at = process->text; (at = strstr(at, text)); at++)
		count++;
	return count;
}

int await_end(struct process *process)
{
	double end = milliseconds_now() + PATIENCE;
	int status;

	while (waitpid(process->id, &status, WNOHANG) != process->id) {
		if (milliseconds_now() > end) {
			clear_up();
			read_output(process);
			fail_msg("it does not end: '%s'", process->text);
		}
		/* Else a full pipe would hold up the program. */
		read_output(process);
		pause_milliseconds(1);
	}
	read_output(process);
	/* What a build with sanitizers says of a fault, in whichever process. */
	if (strstr(process->text, "Sanitizer") || strstr(process->text, "runtime error: "))
		fail_msg("there is a fault: '%s'", process->text);
	return status;
}

int run(struct process *process, const struct caller *caller, const char *format, ...)
{
	va_list arguments;
	int status;

	va_start(arguments, format);
	start_list(process, caller, format, arguments);
	va_end(arguments);
	status = await_end(process);
	close_process(process);
	return status;
}

void close_process(struct process *process)
{
	close(process->output);
}
