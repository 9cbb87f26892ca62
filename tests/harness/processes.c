/* Looks at processes, waits for them, and ends them. */
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void pause_milliseconds(double milliseconds)
{
	long nanoseconds = (long)(milliseconds * 1e6);

	nanosleep(&(struct timespec){nanoseconds / 1000000000, nanoseconds % 1000000000}, NULL);
}

bool is_beyond_bound(double begin)
{
	return milliseconds_now() - begin > (nsrun_is_under_valgrind() ? 4 : 1) * BOUND;
}

void set_raw_mask(uint64_t mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

/* The text is empty where the process has ended. */
static void read_proc(pid_t process, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process, name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	length = file < 0 ? -1 : read(file, text, size - 1);
	if (file >= 0)
		close(file);
	text[length > 0 ? length : 0] = '\0';
}

/* What proc(5) says in the file stat. */
struct process_facts {
	pid_t id, parent;
	char state; /* 0: there is no such process */
	bool is_exiting;
	unsigned long long switches; /* how often it has been taken off a processor */
};

static struct process_facts look_at(pid_t process)
{
	enum { EXITING = 0x4 };
	struct process_facts facts = {.id = process};
	unsigned flags = 0;
	char text[1024];
	const char *name_end;

	if (process <= 0)
		return facts;
	read_proc(process, "stat", text, sizeof(text));
	name_end = strrchr(text, ')');
	if (name_end && sscanf(name_end + 1, " %c %d %*d %*d %*d %*d %u", &facts.state,
			       &facts.parent, &flags) != 3)
		facts.state = 0;
	facts.is_exiting = flags & EXITING;
	return facts;
}

char state_of(pid_t process)
{
	return look_at(process).state;
}

void await_state(pid_t process, char state)
{
	double begin = milliseconds_now();
	char last;

	while ((last = state_of(process)) != state) {
		if (is_beyond_bound(begin)) {
			kill_all();
			fail_msg("a process comes to %c, not to %c", last ? last : '0',
				 state ? state : '0');
		}
		pause_milliseconds(1);
	}
}

uint64_t signals_of(pid_t process, const char *set)
{
	/* make(1) and others start a test with the two signals ignored that libc keeps for
	 * itself; nobody can set them by name. */
	const uint64_t internal = strcmp(set, "SigIgn") == 0 ? UINT64_C(3) << 31 : 0;
	char text[4096], key[32];
	const char *line;

	read_proc(process, "status", text, sizeof(text));
	snprintf(key, sizeof(key), "\n%s:", set);
	line = strstr(text, key);
	return line ? strtoull(line + strlen(key), NULL, 16) & ~internal : 0;
}

enum { MOST_PROCESSES = 8192 };

struct process_list {
	struct process_facts list[MOST_PROCESSES];
	size_t count;
};

/* Of the whole system. */
static void list_processes(struct process_list *processes)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	assert_non_null(proc);
	processes->count = 0;
	while ((entry = readdir(proc)) && processes->count < MOST_PROCESSES) {
		struct process_facts facts = look_at(atoi(entry->d_name));

		if (facts.state)
			processes->list[processes->count++] = facts;
	}
	closedir(proc);
}

static bool is_among(const struct process_list *processes, pid_t process)
{
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->list[i].id == process)
			return true;
	}
	return false;
}

/* The commands that run and have not been finished. */
static struct process_list commands;

void add_command(pid_t process)
{
	assert_true(commands.count < MOST_PROCESSES);
	commands.list[commands.count++] = (struct process_facts){.id = process};
}

void remove_command(pid_t process)
{
	for (size_t i = 0; i < commands.count; i++) {
		if (commands.list[i].id == process)
			commands.list[i--] = commands.list[--commands.count];
	}
}

static bool is_command(pid_t process)
{
	return is_among(&commands, process);
}

/* The processes of commands, or those that a command has left behind: orphans are children of
 * the tests. */
enum whose { ALL, LEFT };

static bool is_child(const struct process_facts *facts, enum whose whose)
{
	return facts->parent == getpid() && (whose == ALL || !is_command(facts->id));
}

/* The tests' children and theirs, and so on. A parent may have a higher number. */
static void list_descendants(struct process_list *descendants, enum whose whose)
{
	static struct process_list all;
	size_t before;

	list_processes(&all);
	descendants->count = 0;
	do {
		before = descendants->count;
		for (size_t i = 0; i < all.count; i++) {
			const struct process_facts *facts = &all.list[i];

			if ((is_child(facts, whose) || is_among(descendants, facts->parent)) &&
			    !is_among(descendants, facts->id))
				descendants->list[descendants->count++] = *facts;
		}
	} while (descendants->count > before);
}

static unsigned long long count_switches(pid_t process)
{
	static const char *const keys[] = {"\nvoluntary_ctxt_switches:",
					   "\nnonvoluntary_ctxt_switches:"};
	unsigned long long count = 0;
	char text[4096];

	read_proc(process, "status", text, sizeof(text));
	for (int i = 0; i < 2; i++) {
		const char *line = strstr(text, keys[i]);

		count += line ? strtoull(line + strlen(keys[i]), NULL, 10) : 0;
	}
	return count;
}

/* As the parent does after vfork(2), until the child executes something or ends. */
static bool waits_for_exec(pid_t process)
{
	const long calls[] = {
#ifdef SYS_vfork
	    SYS_vfork,
#endif
	    SYS_clone, SYS_clone3};
	char text[512];

	read_proc(process, "syscall", text, sizeof(text));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (*text >= '0' && *text <= '9' && atol(text) == calls[i])
			return true;
	}
	return false;
}

/* A process shows S from the moment it wants to sleep. It may lose its processor before it does, and
 * then still has to run: of that /proc/PID/syscall says "running" (proc(5)). */
static bool is_off_processor(pid_t process)
{
	char text[512];

	read_proc(process, "syscall", text, sizeof(text));
	return strncmp(text, "running", strlen("running")) != 0;
}

static bool is_at_rest(const struct process_facts *facts)
{
	if (facts->state == 'Z')
		return true;
	if (facts->state == 'D')
		return waits_for_exec(facts->id);
	return strchr("STt", facts->state) && !facts->is_exiting && is_off_processor(facts->id);
}

/* False where somebody runs, or is about to. */
static bool look_at_rest(struct process_list *descendants, enum whose whose)
{
	list_descendants(descendants, whose);
	for (size_t i = 0; i < descendants->count; i++) {
		struct process_facts *facts = &descendants->list[i];

		if (!is_at_rest(facts))
			return false;
		facts->switches = count_switches(facts->id);
	}
	return true;
}

/* Who is at rest in two looks, and has not left a processor in between, has been at rest all
 * the time between them. So all have been that at the same time. But one that has ended shows that
 * a moment before its parent is woken. The kernel does both under one lock, which waitid(2) takes
 * too: after that call the parent is seen awake. */
static bool are_at_rest(enum whose whose)
{
	static struct process_list first, second;
	siginfo_t ended;
	bool at_rest = look_at_rest(&first, whose);

	(void)waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT);
	if (!at_rest || !look_at_rest(&second, whose) || first.count != second.count)
		return false;
	for (size_t i = 0; i < first.count; i++) {
		if (first.list[i].id != second.list[i].id ||
		    first.list[i].switches != second.list[i].switches ||
		    first.list[i].state != second.list[i].state)
			return false;
	}
	return true;
}

bool is_settled(void)
{
	return are_at_rest(ALL);
}

void settle(void)
{
	double begin = milliseconds_now();

	while (!is_settled()) {
		if (is_beyond_bound(begin)) {
			kill_all();
			fail_msg("%s", "the processes do not come to rest");
		}
		pause_milliseconds(1);
	}
}

pid_t child_of(pid_t process)
{
	static struct process_list all;
	pid_t child = 0;

	list_processes(&all);
	for (size_t i = 0; i < all.count; i++) {
		if (all.list[i].parent != process)
			continue;
		if (child)
			return 0;
		child = all.list[i].id;
	}
	return child;
}

pid_t await_child(pid_t process)
{
	double begin = milliseconds_now();
	pid_t child;

	while (!(child = child_of(process))) {
		if (is_beyond_bound(begin)) {
			kill_all();
			fail_msg("%s", "there is not just one child");
		}
		pause_milliseconds(0.5);
	}
	return child;
}

static bool is_named(pid_t process, const char *name)
{
	char text[64];

	read_proc(process, "comm", text, sizeof(text));
	return strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '\n';
}

/* For a moment a helper may be a child too, and a shell may not have got to its exec. */
pid_t program_of(pid_t launcher, const char *name)
{
	double begin = milliseconds_now();

	do {
		for (pid_t process = launcher; process; process = child_of(process)) {
			if (is_named(process, name))
				return process;
		}
		pause_milliseconds(1);
	} while (!is_beyond_bound(begin));
	kill_all();
	fail_msg("no program '%s' below nsrun", name);
	return 0;
}

/* Reaps those who have ended; true if nobody is left. */
static bool reap(enum whose whose)
{
	static struct process_list all;
	bool any = false;
	pid_t dead;

	if (whose == ALL || commands.count == 0) {
		while ((dead = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			continue;
		return dead < 0 && errno == ECHILD;
	}
	list_processes(&all);
	for (size_t i = 0; i < all.count; i++)
		any |= is_child(&all.list[i], whose) &&
		       waitpid(all.list[i].id, NULL, WNOHANG | __WALL) == 0;
	return !any;
}

/* Those that no other SIGKILL has reached yet. */
static int kill_children(enum whose whose)
{
	static struct process_list all;
	int killed = 0;

	list_processes(&all);
	for (size_t i = 0; i < all.count; i++) {
		const struct process_facts *facts = &all.list[i];

		if (!is_child(facts, whose) || facts->state == 'Z' || facts->is_exiting ||
		    (signals_of(facts->id, "ShdPnd") & signal_bit(SIGKILL)))
			continue;
		kill(facts->id, SIGKILL);
		killed++;
	}
	return killed;
}

/* Whose parent is killed is an orphan, and killed in the next round. */
static int kill_those(enum whose whose)
{
	int killed = 0;

	while (!reap(whose)) {
		killed += kill_children(whose);
		pause_milliseconds(0.2);
	}
	return killed;
}

int kill_all(void)
{
	commands.count = 0;
	return kill_those(ALL);
}

int end_left(void)
{
	double begin = milliseconds_now();

	while (!reap(LEFT)) {
		if (are_at_rest(LEFT) || is_beyond_bound(begin))
			return kill_those(LEFT);
		pause_milliseconds(0.2);
	}
	return 0;
}
