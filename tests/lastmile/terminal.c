/* A terminal for a command, and somebody who presses keys. */
#include "terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void start_in_terminal(struct process *process, const char *format, ...)
{
	struct winsize size = {.ws_row = 24, .ws_col = 200};
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	fflush(NULL);
	process->length = 0;
	process->text[0] = '\0';
	process->id = forkpty(&process->output, NULL, NULL, &size);
	if (process->id == 0) {
		for (int i = 1; i < NSIG; i++)
			signal(i, SIG_DFL);
		set_raw_mask(0);
		setenv("PS1", "prompt> ", 1);
		setenv("TERM", "dumb", 1);
		execute_line(line);
	}
	assert_true(process->id > 0);
	fcntl(process->output, F_SETFL, O_NONBLOCK);
	fcntl(process->output, F_SETFD, FD_CLOEXEC);
}

void press(const struct process *process, const char *keys)
{
	assert_int_equal(write(process->output, keys, strlen(keys)), strlen(keys));
}
