/*
 * A program for below nsrun that plays a part, which its first argument names. It needs
 * nothing but itself.
 *
 * stay                  says "ready", and sleeps for ever
 * stay-deaf SIGNAL      the same, with the signal ignored
 * stop-later            says "ready"; at SIGTSTP "caught", stops at the next SIGUSR1, and is
 *                       ready again
 * count                 says "ready", and a line for each signal that arrives, and for its value
 * count-apart KIND      the same, in a process group or a session of its own
 * exit STATUS           ends so
 * die SIGNAL            ends so
 * orphans COUNT         makes so many orphans, and says how many of them are left as zombies
 * show FILE             prints it
 * where                 prints the working directory
 * echo                  talks to itself over the loopback interface
 * escape FILE           leaves a changed root, and says whether the file is in reach then
 * initramfs NSRUN ROOT OPTION  runs nsrun OPTION --pivot-root ROOT in the initramfs; 77: nsrun
 *                       needs a libc
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Past libc, which keeps some real-time signals from its callers. */
static void set_raw_mask(uint64_t mask)
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

/* As an editor does, which has to put the terminal in order before it stops. */
static int stop_later(char **arguments)
{
	sigset_t stop, now;
	int caught;

	(void)arguments;
	sigemptyset(&stop);
	sigemptyset(&now);
	sigaddset(&stop, SIGTSTP);
	sigaddset(&now, SIGUSR1);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &now, NULL);
	printf("ready\n");
	while (fflush(stdout) == 0) {
		sigwait(&stop, &caught);
		printf("caught\n");
		fflush(stdout);
		sigwait(&now, &caught);
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
		if (info.si_code == SI_QUEUE)
			printf("value %d.\n", info.si_value.sival_int);
		if (info.si_signo == SIGWINCH && ioctl(0, TIOCGWINSZ, &size) == 0)
			printf("size %u %u.\n", size.ws_row, size.ws_col);
	}
	return 0;
}

static int count_apart(char **arguments)
{
	if (strcmp(arguments[0], "session") == 0 ? setsid() < 0 : setpgid(0, 0) < 0)
		return 98;
	return count_signals(arguments);
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

/* The letter of proc(5), or 0. */
static char state_of(const char *process)
{
	char path[300], text[512];
	const char *name_end;
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%s/stat", process);
	file = open(path, O_RDONLY | O_CLOEXEC);
	length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	if (file >= 0)
		close(file);
	text[length > 0 ? length : 0] = '\0';
	name_end = strrchr(text, ')');
	return (char)(name_end ? name_end[2] : 0);
}

/* How many processes are zombies, or neither that nor this one nor PID 1. */
static int count_others(bool zombies)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (processes && (entry = readdir(processes))) {
		int process = atoi(entry->d_name);
		char state = process > 1 && process != getpid() ? state_of(entry->d_name) : 0;

		count += state && (state == 'Z') == zombies;
	}
	if (processes)
		closedir(processes);
	return count;
}

/* Waits until each orphan has ended, and, where this is not the one to reap them, is reaped. */
static int make_orphans(char **arguments)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	for (int i = atoi(arguments[0]); i > 0; i--) {
		pid_t child = fork();

		if (child < 0 || (child == 0 && fork() < 0))
			return 98;
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	while (count_others(false) > 0 || (getpid() != 1 && count_others(true) > 0))
		nanosleep(&moment, NULL);
	printf("zombies %d\n", count_others(true));
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

/* The escape that chroot(2) tells of. */
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

/* The initramfs is below all mounts: it comes to light without them (setns(2)). They stay in
 * reach in a directory. */
static int enter_initramfs(void)
{
	int namespace;
	long all = -1;

	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		all = syscall(SYS_open_tree, AT_FDCWD, "/", 0x8001);
	namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (all < 0 || umount2("/", MNT_DETACH) < 0 || setns(namespace, CLONE_NEWNS) < 0)
		return -1;
	mkdir("/nsrun-test", 0755);
	mkdir("/proc", 0755);
	return syscall(SYS_move_mount, all, "", AT_FDCWD, "/nsrun-test", 4) < 0 ||
		       mount("proc", "/proc", "proc", 0, NULL) < 0
		   ? -1
		   : 0;
}

static int run_in_initramfs(char **arguments)
{
	char nsrun[4096], root[4096];
	int status = 0;
	pid_t child;

	snprintf(nsrun, sizeof(nsrun), "/nsrun-test%s", arguments[0]);
	snprintf(root, sizeof(root), "/nsrun-test%s", arguments[1]);
	if (enter_initramfs() < 0)
		return 98;
	child = fork();
	if (child == 0) {
		execl(nsrun, "nsrun", arguments[2], "--pivot-root", root, "/bin/role", "where",
		      NULL);
		_exit(errno == ENOENT ? 77 : 97);
	}
	waitpid(child, &status, 0);
	umount2("/proc", MNT_DETACH);
	umount2("/nsrun-test", MNT_DETACH);
	rmdir("/proc");
	rmdir("/nsrun-test");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 96;
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
    {"count-apart", count_apart, 1},
    {"exit", end_with_status, 1},
    {"die", end_by_signal, 1},
    {"orphans", make_orphans, 1},
    {"show", show_file, 1},
    {"where", show_directory, 0},
    {"echo", echo_over_loopback, 0},
    {"escape", escape, 1},
    {"initramfs", run_in_initramfs, 3},
};

int main(int count, char **arguments)
{
	for (size_t i = 0; count > 1 && i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(arguments[1], roles[i].name) == 0 && count - 2 == roles[i].arguments)
			return roles[i].play(arguments + 2);
	}
	return 100;
}
