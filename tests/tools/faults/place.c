/* Where a run takes place: what it leaves there shows. */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/nsrun-faults-XXXXXX";

void give_up(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "faults: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	_exit(99);
}

static void run_commands(const char *commands)
{
	int status = system(commands);

	if (status != 0)
		give_up("these commands failed: %s", commands);
}

/* All in a mount namespace: it goes with the last process. */
const char *make_common_place(const char *nsrun, const char *program)
{
	static const char commands[] =
	    "cp \"$NSRUN\" $T/nsrun && cp \"$PROGRAM\" $T/program && chmod 755 $T/* &&"
	    "mkdir $T/work && cp -a /etc $T/etc && mount --bind $T/etc /etc && cd /etc &&"
	    "for file in passwd group subuid subgid; do touch $file &&"
	    " sed -i '/^nsrun-test:/d; /:x:1000:/d' $file || exit 1; done &&"
	    "echo nsrun-test:x:1000:1000::/:/bin/sh >>passwd && echo nsrun-test:x:1000: >>group &&"
	    "echo nsrun-test:100000:65536 >>subuid && echo nsrun-test:100000:65536 >>subgid";

	umask(022);
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !mkdtemp(directory) || mount("none", directory, "tmpfs", 0, "mode=755") < 0)
		give_up("cannot make a place for the runs: %s", strerror(errno));
	setenv("T", directory, 1);
	setenv("NSRUN", nsrun, 1);
	setenv("PROGRAM", program, 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	run_commands(commands);
	return directory;
}

static void read_mounts(char *text, size_t size)
{
	int file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	while ((got = read(file, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	close(file);
	text[length] = '\0';
}

/* They are counted: all other mounts must be the same as before. */
static unsigned take_out_pins(char *mounts)
{
	static const char of_namespace[] = " - nsfs ";
	unsigned count = 0;

	for (char *line = mounts; *line;) {
		size_t length = strcspn(line, "\n") + 1;

		if (!memmem(line, length, of_namespace, sizeof(of_namespace) - 1)) {
			line += length;
			continue;
		}
		memmove(line, line + length, strlen(line + length) + 1);
		count++;
	}
	return count;
}

static unsigned count_files(void)
{
	DIR *files = opendir(".");
	unsigned count = 0;

	while (readdir(files))
		count++;
	closedir(files);
	return count;
}

/* All mounts are shared, as on most systems, so that a mount inside could show here; but a
 * mount namespace cannot be pinned on a shared one. */
static void enter_work(const struct option_set *set)
{
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 || chdir(directory) < 0 ||
	    mount("none", "work", "tmpfs", 0, "mode=1777") < 0 || chdir("work") < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_SHARED, NULL) < 0 ||
	    (set->pins > 0 && mount("none", ".", NULL, MS_PRIVATE, NULL) < 0))
		give_up("cannot enter a place: %s", strerror(errno));
	if (set->prepare)
		run_commands(set->prepare);
}

static void be_first_process(const struct option_set *set, const struct fault *fault,
			     struct recording *recording, struct outcome *outcome)
{
	static char before[64 * 1024], after[64 * 1024];
	unsigned files, pins;

	enter_work(set);
	read_mounts(before, sizeof(before));
	files = count_files();
	pins = take_out_pins(before);
	run_under(set, fault, recording, outcome);
	read_mounts(after, sizeof(after));
	outcome->pins = take_out_pins(after) - pins;
	outcome->left_mount = strcmp(before, after) != 0;
	outcome->left_file = count_files() != files;
}

void try_in_place(const struct option_set *set, const struct fault *fault,
		  struct recording *recording, struct outcome *outcome)
{
	int status;
	pid_t first;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
		give_up("cannot unshare: %s", strerror(errno));
	first = fork();
	if (first == 0) {
		be_first_process(set, fault, recording, outcome);
		_exit(0);
	}
	if (first < 0 || waitpid(first, &status, 0) != first || status != 0)
		give_up("a run could not be made with '%s'", set->arguments);
}
