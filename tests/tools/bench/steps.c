/*
 * Counts, deterministically, what a launcher does until its program runs.
 *
 *     steps [NAME=LIMIT...] -- LAUNCHER [ARGUMENT...]
 *
 * Prints NAME=COUNT for each of
 *
 *     instructions  in user space, by all processes, up to the program's exec
 *     cpuid         how many of them are CPUID, which traps in a virtual machine
 *     calls         system calls, including the launcher's after the exec
 *     faults        page faults from the first instruction up to the program's exec
 *     resident      KiB of the address space at the program's exec
 *     peak          KiB that were resident at once in any of the processes
 *
 * and fails if a count is above its limit. The first exec of a process, after the
 * launcher's own, is taken to be the program's.
 *
 * There are two runs: reading the code of the launcher to find CPUID would bring in
 * pages before the launcher itself does, so the run that counts instructions cannot
 * be the one that counts page faults.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_PROCESSES = 64 };

struct process {
	pid_t id;
	bool started;  /* the stop that every new process begins with is over */
	bool launched; /* it runs the program now, and counts no more */
	long faults;   /* since its first instruction */
	long faults_before;
	unsigned long long place; /* of the instruction that it plays next */
	unsigned char code[2];    /* its first two bytes */
};

struct count {
	const char *name;
	unsigned long value;
	unsigned long limit;
};

enum { INSTRUCTIONS, CPUID, CALLS, FAULTS, RESIDENT, PEAK, COUNTS };

static struct count counts[COUNTS] = {
    {"instructions", 0, ~0UL}, {"cpuid", 0, ~0UL},    {"calls", 0, ~0UL},
    {"faults", 0, ~0UL},       {"resident", 0, ~0UL}, {"peak", 0, ~0UL},
};

static struct process processes[MOST_PROCESSES];
static size_t process_count;
static bool program_runs;

__attribute__((noreturn)) static void fail(const char *what)
{
	fprintf(stderr, "steps: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct process *find_process(pid_t id)
{
	for (size_t i = 0; i < process_count; i++) {
		if (processes[i].id == id)
			return &processes[i];
	}
	if (process_count == MOST_PROCESSES) {
		errno = EAGAIN;
		fail("too many processes");
	}
	processes[process_count] = (struct process){.id = id};
	return &processes[process_count++];
}

static FILE *open_of(const struct process *process, const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", process->id, name);
	file = fopen(path, "r");
	if (!file)
		fail(path);
	return file;
}

/* The number in the line that starts with the key. */
static unsigned long read_field(const struct process *process, const char *name, const char *key)
{
	FILE *file = open_of(process, name);
	char line[256];
	unsigned long value = 0;

	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoul(line + strlen(key), NULL, 10);
	}
	fclose(file);
	return value;
}

/* The tenth field of stat, minflt. The command's name may hold blanks: see proc(5). */
static long read_faults(const struct process *process)
{
	FILE *file = open_of(process, "stat");
	char line[1024];
	long faults = 0;

	if (!fgets(line, sizeof(line), file) || !strrchr(line, ')') ||
	    sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %ld", &faults) != 1)
		fail("stat");
	fclose(file);
	return faults;
}

static void note_memory(struct process *process)
{
	unsigned long peak = read_field(process, "status", "VmHWM:");

	if (peak > counts[PEAK].value)
		counts[PEAK].value = peak;
	process->faults = read_faults(process) - process->faults_before;
}

/* An exec that fails, as in a search along PATH, is followed by one that counts. */
static void note_exec(struct process *process)
{
	counts[FAULTS].value = 0;
	note_memory(process);
	for (size_t i = 0; i < process_count; i++) {
		if (kill(processes[i].id, 0) == 0 && !processes[i].launched)
			note_memory(&processes[i]);
		counts[FAULTS].value += (unsigned long)processes[i].faults;
	}
	counts[RESIDENT].value = read_field(process, "smaps_rollup", "Rss:");
}

static void note_call(struct process *process)
{
	struct __ptrace_syscall_info call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process->id, sizeof(call), &call) < 0)
		fail("PTRACE_GET_SYSCALL_INFO");
	if (call.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	counts[CALLS].value++;
	if (call.entry.nr == SYS_execve || call.entry.nr == SYS_execveat)
		note_exec(process);
	if (call.entry.nr == SYS_exit_group)
		note_memory(process);
}

static void look_ahead(struct process *process)
{
	struct user_regs_struct registers;
	long code;

	if (ptrace(PTRACE_GETREGS, process->id, NULL, &registers) < 0)
		fail("PTRACE_GETREGS");
	process->place = registers.rip;
	code = ptrace(PTRACE_PEEKTEXT, process->id, registers.rip, NULL);
	memcpy(process->code, &code, sizeof(process->code));
}

/* A repeated string instruction traps at each turn, but is one instruction. */
static void note_instruction(struct process *process)
{
	struct process played = *process;

	look_ahead(process);
	if (process->place == played.place && (played.code[0] == 0xf3 || played.code[0] == 0xf2))
		return;
	counts[INSTRUCTIONS].value++;
	if (played.code[0] == 0x0f && played.code[1] == 0xa2)
		counts[CPUID].value++;
}

/* Returns the signal to be delivered, if the stop was for one. */
static int note_stop(struct process *process, int status, bool stepping)
{
	int signal = WSTOPSIG(status);

	if (status >> 16 == PTRACE_EVENT_EXEC) {
		process->launched = true;
		program_runs = true;
	} else if (!process->started) {
		process->started = true;
		if (stepping)
			look_ahead(process);
		return 0;
	} else if (signal == (SIGTRAP | 0x80)) {
		note_call(process);
	} else if (signal == SIGTRAP && status >> 16 == 0) {
		if (stepping && !program_runs)
			note_instruction(process);
	}
	return signal == SIGTRAP || signal == (SIGTRAP | 0x80) || status >> 16 ? 0 : signal;
}

static void resume(const struct process *process, bool stepping, int signal)
{
	enum __ptrace_request how = stepping ? PTRACE_SINGLESTEP : PTRACE_SYSCALL;

	if (process->launched || (stepping && program_runs))
		how = PTRACE_CONT;
	/* ESRCH: it has been killed meanwhile, as the end of PID 1 does. */
	if (ptrace(how, process->id, NULL, signal) < 0 && errno != ESRCH)
		fail("ptrace");
}

static pid_t start(char **command)
{
	pid_t launcher = fork();

	if (launcher < 0)
		fail("fork");
	if (launcher == 0) {
		/* Where the stack begins decides how many of its pages are touched. */
		personality(ADDR_NO_RANDOMIZE);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(command[0], command);
		fail(command[0]);
	}
	return launcher;
}

/* Lets the launcher go as far as its own exec. */
static void begin(pid_t launcher, bool stepping)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	struct process *process = find_process(launcher);
	int status;

	if (waitpid(launcher, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, launcher, NULL, options) < 0 ||
	    ptrace(PTRACE_CONT, launcher, NULL, 0) < 0 || waitpid(launcher, &status, 0) < 0)
		fail("the start of the launcher");
	if (!WIFSTOPPED(status) || status >> 16 != PTRACE_EVENT_EXEC)
		exit(2);
	process->started = true;
	process->faults_before = read_faults(process);
	if (stepping)
		look_ahead(process);
}

static void run(char **command, bool stepping)
{
	pid_t launcher = start(command);
	pid_t id;
	int status;

	process_count = 0;
	program_runs = false;
	begin(launcher, stepping);
	resume(find_process(launcher), stepping, 0);
	while ((id = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			struct process *process = find_process(id);
			int signal = note_stop(process, status, stepping);
			resume(process, stepping, signal);
		} else if (id == launcher && status != 0) {
			fprintf(stderr, "steps: %s failed\n", command[0]);
			exit(2);
		}
	}
}

static void set_limit(const char *argument)
{
	for (int i = 0; i < COUNTS; i++) {
		size_t length = strlen(counts[i].name);
		if (strncmp(argument, counts[i].name, length) == 0 && argument[length] == '=') {
			counts[i].limit = strtoul(argument + length + 1, NULL, 10);
			return;
		}
	}
	errno = EINVAL;
	fail(argument);
}

static int report(void)
{
	int result = 0;

	for (int i = 0; i < COUNTS; i++)
		printf("%s=%lu%c", counts[i].name, counts[i].value, i == COUNTS - 1 ? '\n' : ' ');
	for (int i = 0; i < COUNTS; i++) {
		if (counts[i].value > counts[i].limit) {
			fprintf(stderr, "steps: %s: %lu, the limit is %lu\n", counts[i].name,
				counts[i].value, counts[i].limit);
			result = 1;
		}
	}
	return result;
}

/* On one processor the two take turns much faster. */
static void keep_to_one_processor(void)
{
	cpu_set_t processors;

	CPU_ZERO(&processors);
	CPU_SET((size_t)sched_getcpu(), &processors);
	if (sched_setaffinity(0, sizeof(processors), &processors) < 0)
		fail("sched_setaffinity");
}

int main(int count, char **arguments)
{
	int i = 1;

	for (; i < count && strcmp(arguments[i], "--") != 0; i++)
		set_limit(arguments[i]);
	if (i + 1 >= count) {
		fputs("usage: steps [NAME=LIMIT...] -- LAUNCHER [ARGUMENT...]\n", stderr);
		return 2;
	}
	keep_to_one_processor();
	run(arguments + i + 1, false);
	run(arguments + i + 1, true);
	return report();
}
