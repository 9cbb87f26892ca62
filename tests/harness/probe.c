/*
 * Prints the state it was started in, as sorted lines of key=value. It needs no
 * privileges and no /proc: what only /proc could tell is then left out.
 *
 * --only PREFIX     print only keys that start so (may be repeated)
 * --output NUMBER   print to this descriptor
 * --quiet           print nothing
 * --raise SIGNAL, --exit STATUS   then do that, in this order
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_LINES = 4096, LONGEST_LINE = 16384, MOST_DESCRIPTORS = 1024, HIGHEST_SIGNAL = 64 };

static char *lines[MOST_LINES];
static size_t line_count;

/* Control characters would break the form of a line. */
static void escape(char *escaped, size_t size, const char *plain)
{
	size_t length = 0;

	for (; *plain && length + 5 < size; plain++) {
		unsigned char character = (unsigned char)*plain;

		if (character >= ' ' && character != 0x7f)
			escaped[length++] = *plain;
		else
			length += (size_t)sprintf(escaped + length, "\\%03o", character);
	}
	escaped[length] = '\0';
}

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	static char plain[LONGEST_LINE], escaped[4 * LONGEST_LINE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(plain, sizeof(plain), format, arguments);
	va_end(arguments);
	escape(escaped, sizeof(escaped), plain);
	if (line_count == MOST_LINES || !(lines[line_count++] = strdup(escaped)))
		abort();
}

/* Blanks at the end are cut off, lines are joined by ';'. */
static void tidy(char *text)
{
	size_t length = 0;
	bool blank = false;

	for (char *from = text; *from; from++) {
		if (*from == '\n' && from[1])
			text[length++] = ';';
		if (*from != ' ' && *from != '\t' && *from != '\n') {
			if (blank && length > 0 && text[length - 1] != ';')
				text[length++] = ' ';
			text[length++] = *from;
		}
		blank = *from == ' ' || *from == '\t';
	}
	text[length] = '\0';
}

static bool read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length;

	if (!file)
		return false;
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
	return true;
}

static void add_file(const char *key, const char *path)
{
	char text[LONGEST_LINE - 64];

	if (!read_file(path, text, sizeof(text)))
		return;
	tidy(text);
	add("%s=%s", key, text);
}

static void add_namespaces(void)
{
	static const char *const links[] = {
	    "cgroup",
	    "ipc",
	    "mnt",
	    "net",
	    "pid",
	    "time",
	    "user",
	    "uts",
	    "pid_for_children",
	    "time_for_children",
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		char path[64], target[64];
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", links[i]);
		length = readlink(path, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		add("ns.%s=%s", links[i], target);
		any = true;
	}
	if (!any)
		add("ns=none");
}

static void add_processes(void)
{
	siginfo_t child;
	pid_t group = getpgrp(), session = getsid(0), parent = getppid();

	add("pid=%d", (int)getpid());
	add("parent=%s", parent ? "seen" : "outside");
	add("group=%s", group == getpid() ? "own" : group == 0 ? "outside" : "another");
	add("session=%s", session == getpid() ? "own" : session == 0 ? "outside" : "another");
	add("group.of.parent=%s", parent && getpgid(parent) == group ? "same" : "unknown");
	if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
		add("children=none");
	else
		add("children=some");
}

static void add_ids(void)
{
	uid_t user, effective_user, saved_user;
	gid_t group, effective_group, saved_group, groups[1024];
	int count = getgroups(sizeof(groups) / sizeof(groups[0]), groups);
	char list[8192] = "";
	size_t length = 0;

	getresuid(&user, &effective_user, &saved_user);
	getresgid(&group, &effective_group, &saved_group);
	add("uid=%u", user);
	add("uid.effective=%u", effective_user);
	add("uid.saved=%u", saved_user);
	add("gid=%u", group);
	add("gid.effective=%u", effective_group);
	add("gid.saved=%u", saved_group);
	for (int i = 0; i < count && length + 16 < sizeof(list); i++)
		length += (size_t)sprintf(list + length, "%s%u", i ? " " : "", groups[i]);
	add("groups=%s", list);
	add_file("uid_map", "/proc/self/uid_map");
	add_file("gid_map", "/proc/self/gid_map");
	add_file("setgroups", "/proc/self/setgroups");
}

/* capget(2): linux/capability.h is not in reach of every compiler. */
static void add_capabilities(void)
{
	struct {
		uint32_t version;
		int process;
	} header = {.version = 0x20080522};
	struct {
		uint32_t effective, permitted, inheritable;
	} sets[2] = {{0, 0, 0}, {0, 0, 0}};
	uint64_t bounding = 0, ambient = 0;

	if (syscall(SYS_capget, &header, sets) == 0) {
		add("capabilities.effective=%08x%08x", sets[1].effective, sets[0].effective);
		add("capabilities.permitted=%08x%08x", sets[1].permitted, sets[0].permitted);
		add("capabilities.inheritable=%08x%08x", sets[1].inheritable, sets[0].inheritable);
	}
	for (unsigned long i = 0; i < 64; i++) {
		bounding |= (uint64_t)(prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1) << i;
		ambient |= (uint64_t)(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			   << i;
	}
	add("capabilities.bounding=%016llx", (unsigned long long)bounding);
	add("capabilities.ambient=%016llx", (unsigned long long)ambient);
	add("securebits=%d", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	add("keepcaps=%d", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	add("no_new_privs=%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	add("dumpable=%d", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

static void add_signals(void)
{
	char blocked[512] = "", ignored[512] = "", pending[512] = "";
	struct sigaction action;
	sigset_t mask, waiting;
	int death = -1;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigpending(&waiting);
	for (int i = 1; i <= HIGHEST_SIGNAL; i++) {
		if (sigismember(&mask, i) == 1)
			sprintf(blocked + strlen(blocked), " %d", i);
		if (sigismember(&waiting, i) == 1)
			sprintf(pending + strlen(pending), " %d", i);
		/* The C library keeps a few signals to itself: for these this fails. */
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sprintf(ignored + strlen(ignored), " %d", i);
	}
	add("signals.blocked=%s", blocked + (*blocked == ' '));
	add("signals.pending=%s", pending + (*pending == ' '));
	add("signals.ignored=%s", ignored + (*ignored == ' '));
	sigaction(SIGCHLD, NULL, &action);
	add("signals.child=%s", action.sa_handler == SIG_IGN ? "ignored" : "default");
	prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	add("signals.death=%d", death);
}

static void add_files(void)
{
	char directory[4096], list[8192] = "";
	struct stat root;
	mode_t mask = umask(0);
	size_t length = 0;

	umask(mask);
	add("umask=%03o", mask);
	for (int i = 0; i < MOST_DESCRIPTORS; i++) {
		struct stat ignored;

		if (fstat(i, &ignored) == 0 && length + 16 < sizeof(list))
			length += (size_t)sprintf(list + length, "%s%d", length ? " " : "", i);
	}
	add("descriptors=%s", list);
	add("cwd=%s", getcwd(directory, sizeof(directory)) ? directory : strerror(errno));
	if (stat("/", &root) == 0)
		add("root=%llu:%llu", (unsigned long long)root.st_dev,
		    (unsigned long long)root.st_ino);
}

struct mount {
	char place[4096], options[1024], type[64], super_options[4096];
	bool shared, slave, present;
};

/* "36 35 98:0 / /place rw,noatime master:1 shared:2 - ext4 source rw": proc(5). */
static bool read_mount(char *line, struct mount *mount)
{
	char *separator = strstr(line, " - ");

	if (!separator)
		return false;
	*separator = '\0';
	*mount = (struct mount){.present = true};
	mount->shared = strstr(line, " shared:") != NULL;
	mount->slave = strstr(line, " master:") != NULL;
	return sscanf(line, "%*d %*d %*s %*s %4095s %1023s", mount->place, mount->options) == 2 &&
	       sscanf(separator + 3, "%63s %*s %4095s", mount->type, mount->super_options) == 2;
}

static const char *propagation(const struct mount *mount)
{
	if (mount->shared)
		return mount->slave ? "shared+slave" : "shared";
	return mount->slave ? "slave" : "private";
}

static void add_mount(const char *key, const struct mount *mount)
{
	if (!mount->present)
		return;
	add("mount.%s.propagation=%s", key, propagation(mount));
	add("mount.%s.type=%s", key, mount->type);
	add("mount.%s.options=%s;%s", key, mount->options, mount->super_options);
}

static void add_mounts(void)
{
	static const struct {
		const char *key, *place;
	} places[] = {{"root", "/"}, {"proc", "/proc"}, {"binfmt", "/proc/sys/fs/binfmt_misc"}};
	enum { PLACES = sizeof(places) / sizeof(places[0]) };
	static struct mount mount, seen[PLACES];
	static char line[2 * LONGEST_LINE];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	unsigned count = 0, shared = 0, slave = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (!read_mount(line, &mount))
			continue;
		count++;
		shared += mount.shared;
		slave += mount.slave;
		/* The last one at a place covers those before it. */
		for (size_t i = 0; i < PLACES; i++) {
			if (strcmp(mount.place, places[i].place) == 0)
				seen[i] = mount;
		}
	}
	if (file) {
		fclose(file);
		add("mounts=%u", count);
		add("mounts.shared=%u", shared);
		add("mounts.slave=%u", slave);
	}
	for (size_t i = 0; i < PLACES; i++)
		add_mount(places[i].key, &seen[i]);
}

static void add_surroundings(char **arguments)
{
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	add("hostname=%s", name);
	add_file("clocks", "/proc/self/timens_offsets");
	for (int i = 0; arguments[i]; i++)
		add("argument.%03d=%s", i, arguments[i]);
	for (char **variable = environ; *variable; variable++)
		add("environment.%s", *variable);
}

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static void print_lines(char **arguments)
{
	bool all = true;

	for (int i = 1; arguments[i]; i++)
		all = all && strcmp(arguments[i], "--only") != 0;
	qsort(lines, line_count, sizeof(lines[0]), compare);
	for (size_t i = 0; i < line_count; i++) {
		bool wanted = all;

		for (int j = 1; arguments[j] && arguments[j + 1]; j++)
			wanted = wanted || (strcmp(arguments[j], "--only") == 0 &&
					    strncmp(lines[i], arguments[j + 1],
						    strlen(arguments[j + 1])) == 0);
		if (wanted)
			puts(lines[i]);
	}
	fflush(stdout);
}

static const char *argument_of(char **arguments, const char *option)
{
	for (int i = 1; arguments[i]; i++) {
		if (strcmp(arguments[i], option) == 0)
			return arguments[i + 1];
	}
	return NULL;
}

int main(int argument_count, char **arguments)
{
	const char *signal = argument_of(arguments, "--raise");
	const char *status = argument_of(arguments, "--exit");
	const char *output = argument_of(arguments, "--output");
	bool quiet = false;

	for (int i = 1; i < argument_count; i++)
		quiet = quiet || strcmp(arguments[i], "--quiet") == 0;
	add_files();
	add_signals();
	add_namespaces();
	add_processes();
	add_ids();
	add_capabilities();
	add_mounts();
	add_surroundings(arguments);
	if (output && dup2(atoi(output), STDOUT_FILENO) < 0)
		return 99;
	if (!quiet)
		print_lines(arguments);
	if (signal)
		raise(atoi(signal));
	return status ? atoi(status) : 0;
}
