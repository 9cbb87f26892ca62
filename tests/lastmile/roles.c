/* The parts that a test program plays below nsrun. */
#include "lastmile.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Past libc, which keeps some real-time signals from its callers. */
void set_raw_mask(uint64_t mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

static int stay(char **arguments)
{
	(void)arguments;
	printf("ready\n");
	fflush(stdout);
	while (pause() < 0)
		continue;
	return 0;
}

static int stay_deaf(char **arguments)
{
	signal(atoi(arguments[0]), SIG_IGN);
	return stay(arguments);
}

static volatile sig_atomic_t caught;

static void catch_signal(int signal)
{
	caught = signal;
}

/* As an editor does, which has to put the terminal in order before it stops. */
static int stop_later(char **arguments)
{
	(void)arguments;
	sigaction(SIGTSTP, &(struct sigaction){.sa_handler = catch_signal}, NULL);
	printf("ready\n");
	while (fflush(stdout) == 0) {
		while (caught == 0)
			pause_milliseconds(1);
		caught = 0;
		printf("caught\n");
		fflush(stdout);
		pause_milliseconds(SETTLED);
		kill(getpid(), SIGSTOP);
		printf("ready\n");
	}
	return 0;
}

/* One line for each signal that arrives. */
static int count_signals(char **arguments)
{
	const uint64_t all = ~UINT64_C(0);
	struct winsize size;
	siginfo_t info;

	(void)arguments;
	set_raw_mask(all);
	printf("ready\n");
	while (fflush(stdout) == 0) {
		if (syscall(SYS_rt_sigtimedwait, &all, &info, NULL, sizeof(all)) < 0)
			continue;
		printf("got %d.\n", info.si_signo);
		if (info.si_signo == SIGWINCH && ioctl(0, TIOCGWINSZ, &size) == 0)
			printf("size %u %u.\n", size.ws_row, size.ws_col);
	}
	return 0;
}

static int end_with_status(char **arguments)
{
	return atoi(arguments[0]);
}

static int end_by_signal(char **arguments)
{
	signal(atoi(arguments[0]), SIG_DFL);
	set_raw_mask(0);
	kill(getpid(), atoi(arguments[0]));
	return 99;
}

static int count_zombies(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int zombies = 0;

	while (processes && (entry = readdir(processes)))
		zombies += state_of(atoi(entry->d_name)) == 'Z';
	if (processes)
		closedir(processes);
	return zombies;
}

/* Makes as many orphans as asked for, waits until each has ended, and grants whoever is
 * to reap them another second. */
static int make_orphans(char **arguments)
{
	int ends[2], zombies;
	char byte;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return 99;
	for (int i = atoi(arguments[0]); i > 0; i--) {
		pid_t child = fork();

		if (child < 0 || (child == 0 && fork() < 0))
			return 98;
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	close(ends[1]);
	while (read(ends[0], &byte, 1) > 0)
		continue;
	for (int i = 0; (zombies = count_zombies()) > 0 && i < 50; i++)
		pause_milliseconds(20);
	printf("zombies %d\n", zombies);
	return 0;
}

static int show_file(char **arguments)
{
	char text[1 << 14];
	int file = open(arguments[0], O_RDONLY);
	ssize_t length;

	while ((length = read(file, text, sizeof(text))) > 0) {
		if (write(1, text, (size_t)length) < 0)
			return 99;
	}
	return length < 0;
}

static int show_directory(char **arguments)
{
	char path[4096];

	(void)arguments;
	printf("<%s>\n", getcwd(path, sizeof(path)) ? path : "none");
	return 0;
}

/* One process is server and client. The exit status tells which call failed. */
static int echo_over_loopback(char **arguments)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct sockaddr *generic = (struct sockaddr *)&address;
	socklen_t size = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int accepted;
	char byte = 'x';

	(void)arguments;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, generic, size) < 0 || listen(server, 1) < 0 ||
	    getsockname(server, generic, &size) < 0)
		return 1;
	if (connect(client, generic, size) < 0)
		return 2;
	accepted = accept(server, NULL, NULL);
	if (write(client, "?", 1) != 1 || read(accepted, &byte, 1) != 1 ||
	    write(accepted, &byte, 1) != 1 || read(client, &byte, 1) != 1)
		return 3;
	printf("echo %c\n", byte);
	return 0;
}

/* The escape that chroot(2) tells of. The first argument is a file outside. */
static int escape(char **arguments)
{
	if (access(arguments[0], F_OK) == 0)
		return 98;
	mkdir("/tmp/below", 0755);
	/* The working directory stays outside the new root, so nothing stops "..". */
	if (chdir("/") < 0 || chroot("/tmp/below") < 0)
		return 97;
	for (int i = 0; i < 64; i++) {
		if (chdir("..") < 0)
			return 96;
	}
	if (chroot(".") < 0)
		return 95;
	printf(access(arguments[0], F_OK) == 0 ? "outside\n" : "inside\n");
	return 0;
}

static const struct {
	const char *name;
	int (*play)(char **arguments);
	int arguments;
} roles[] = {
    {"stay", stay, 0},
    {"stay-deaf", stay_deaf, 1},
    {"stop-later", stop_later, 0},
    {"count", count_signals, 0},
    {"exit", end_with_status, 1},
    {"die", end_by_signal, 1},
    {"orphans", make_orphans, 1},
    {"show", show_file, 1},
    {"where", show_directory, 0},
    {"echo", echo_over_loopback, 0},
    {"escape", escape, 1},
};

void play_role(int count, char **arguments)
{
	const char *slash = strrchr(arguments[0], '/');

	if (strcmp(slash ? slash + 1 : arguments[0], "role") != 0)
		return;
	for (size_t i = 0; count > 1 && i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(arguments[1], roles[i].name) == 0 && count - 2 == roles[i].arguments)
			exit(roles[i].play(arguments + 2));
	}
	exit(100);
}
