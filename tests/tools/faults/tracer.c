/* Runs nsrun under ptrace(2), and strikes where the fault says. x86-64 only. */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_TRACEES = 64, MOST_WORDS = 32, TEST_USER = 1000 };
enum { LONGEST_RUN = 5, LONGEST_CLEARING = 2 };

struct tracee {
	pid_t process; /* 0: this place is free */
	struct process_path path;
	unsigned children;
	unsigned calls;
	bool named;   /* its path is known */
	bool stopped; /* waits for that */
	bool started; /* runs nsrun */
	bool started_program;
	int error; /* with which its present call fails, or 0 */
};

struct tracing {
	const struct fault *fault;
	struct recording *recording;
	struct outcome *outcome;
	pid_t launcher;
	bool launcher_ended;
	struct tracee tracees[MOST_TRACEES];
};

static void wake(int signal)
{
	(void)signal;
}

/* Interrupts the next waitpid(2), again and again. */
static void limit_time(int seconds)
{
	struct itimerval time = {.it_value = {.tv_sec = seconds}, .it_interval = {.tv_sec = 1}};

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = wake}, NULL);
	setitimer(ITIMER_REAL, &time, NULL);
}

static struct tracee *find_tracee(struct tracing *tracing, pid_t process)
{
	struct tracee *unused = NULL;

	for (size_t i = 0; i < MOST_TRACEES; i++) {
		if (tracing->tracees[i].process == process)
			return &tracing->tracees[i];
		if (tracing->tracees[i].process == 0)
			unused = &tracing->tracees[i];
	}
	if (!unused)
		give_up("too many processes");
	*unused = (struct tracee){.process = process};
	return unused;
}

/* A process that has been killed meanwhile cannot be resumed: that is no error. */
static void resume(const struct tracee *tracee, int signal)
{
	(void)ptrace(PTRACE_SYSCALL, tracee->process, NULL, (long)signal);
}

static void set_register(const struct tracee *tracee, int which, long value)
{
	(void)ptrace(PTRACE_POKEUSER, tracee->process, 8L * which, value);
}

static void strike(struct tracing *tracing, struct tracee *tracee)
{
	const struct fault *fault = tracing->fault;

	tracing->outcome->struck = true;
	tracing->outcome->started_program = tracee->started_program;
	if (fault->error == KILL) {
		kill(tracee->process, SIGKILL);
		return;
	}
	if (fault->error == SHORT_WRITE) {
		set_register(tracee, RDX, (long)fault->call.arguments[2] / 2);
		return;
	}
	/* There is no call of that number. close(2) closes even when it fails. */
	if (fault->call.number != SYS_close)
		set_register(tracee, ORIG_RAX, -1);
	tracee->error = fault->error;
}

/* A path, or what is open: a pipe or a socket without its number. */
static void read_object(pid_t process, struct call *call)
{
	const struct iovec to = {call->object, sizeof(call->object) - 1};
	struct iovec from = {NULL, sizeof(call->object) - 1};
	char link[64];
	ssize_t length;
	int which = path_argument(call->number);

	if (which >= 0) {
		from.iov_base = (void *)call->arguments[which]; // NOLINT(performance-no-int-to-ptr)
		if (process_vm_readv(process, &to, 1, &from, 1, 0) < 0)
			call->object[0] = '\0';
		return;
	}
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", process, (int)call->arguments[0]);
	length = takes_descriptor(call->number)
		     ? readlink(link, call->object, sizeof(call->object) - 1)
		     : -1;
	call->object[length > 0 ? length : 0] = '\0';
	call->object[strcspn(call->object, ":")] = '\0';
}

static void record_call(struct recording *recording, pid_t process, struct call *call)
{
	if (recording->count == MOST_CALLS)
		give_up("too many calls");
	read_object(process, call);
	recording->calls[recording->count++] = *call;
}

static void enter_call(struct tracing *tracing, struct tracee *tracee,
		       const struct __ptrace_syscall_info *information)
{
	struct call call = {
	    .process = tracee->path,
	    .index = tracee->calls++,
	    .number = (long)information->entry.nr,
	};
	const struct fault *fault = tracing->fault;

	for (size_t i = 0; i < sizeof(call.arguments) / sizeof(call.arguments[0]); i++)
		call.arguments[i] = information->entry.args[i];
	if (tracing->recording)
		record_call(tracing->recording, tracee->process, &call);
	if (fault && call.index == fault->call.index && call.number == fault->call.number &&
	    strcmp(call.process.steps, fault->call.process.steps) == 0)
		strike(tracing, tracee);
}

static void stop_at_call(struct tracing *tracing, struct tracee *tracee)
{
	struct __ptrace_syscall_info information;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->process, sizeof(information), &information) < 0)
		return;
	if (information.op == PTRACE_SYSCALL_INFO_ENTRY && tracee->started)
		enter_call(tracing, tracee, &information);
	if (information.op == PTRACE_SYSCALL_INFO_EXIT && tracee->error) {
		set_register(tracee, RAX, -tracee->error);
		tracee->error = 0;
	}
}

static void name_child(struct tracing *tracing, struct tracee *parent)
{
	unsigned long process;
	struct tracee *child;
	size_t depth = strlen(parent->path.steps);

	if (ptrace(PTRACE_GETEVENTMSG, parent->process, NULL, &process) < 0)
		return;
	if (depth + 1 >= MOST_DEPTH)
		give_up("processes are nested too deeply");
	child = find_tracee(tracing, (pid_t)process);
	child->path = parent->path;
	child->path.steps[depth] = (char)('0' + parent->children++);
	child->named = child->started = true;
	if (child->stopped)
		resume(child, 0);
	child->stopped = false;
}

/* Others that nsrun executes are newuidmap(1) and the like. */
static bool is_program(pid_t process)
{
	char path[32], name[32] = "";
	int file;

	snprintf(path, sizeof(path), "/proc/%d/comm", process);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || read(file, name, sizeof(name) - 1) < 0)
		give_up("cannot read the name of a process: %s", strerror(errno));
	close(file);
	return strcmp(name, "program\n") == 0;
}

static void handle_stop(struct tracing *tracing, struct tracee *tracee, int status)
{
	int event = status >> 16;
	int signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_EXEC && tracee->started) {
		tracing->outcome->executed |= is_program(tracee->process);
		/* It is no process of nsrun's from here on. */
		(void)ptrace(PTRACE_DETACH, tracee->process, NULL, NULL);
		*tracee = (struct tracee){0};
		return;
	}
	if (event == PTRACE_EVENT_EXEC)
		tracee->started = true;
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE)
		name_child(tracing, tracee);
	/* An init forks: it is the second child of a launcher that has a helper. */
	tracee->started_program |=
	    event == PTRACE_EVENT_VFORK_DONE ||
	    (event == PTRACE_EVENT_FORK && strcmp(tracee->path.steps, "01") == 0);
	if (signal == (SIGTRAP | 0x80))
		stop_at_call(tracing, tracee);
	/* A new process may be heard of before its parent tells whose child it is. */
	tracee->stopped = !tracee->named;
	if (tracee->named)
		resume(tracee, event || signal == (SIGTRAP | 0x80) ? 0 : signal);
}

static void follow(struct tracing *tracing)
{
	int status;

	for (;;) {
		pid_t process = waitpid(-1, &status, __WALL);

		if (process < 0 && errno == EINTR) {
			tracing->outcome->hangs = !tracing->launcher_ended;
			tracing->outcome->left_process = tracing->launcher_ended;
			return;
		}
		if (process < 0)
			return;
		if (WIFSTOPPED(status)) {
			handle_stop(tracing, find_tracee(tracing, process), status);
			continue;
		}
		*find_tracee(tracing, process) = (struct tracee){0};
		if (process != tracing->launcher)
			continue;
		tracing->outcome->status = status;
		tracing->launcher_ended = true;
		limit_time(LONGEST_CLEARING);
	}
}

static void become_nsrun(const struct option_set *set, int errors, int told)
{
	char line[1024];
	char *words[MOST_WORDS + 2] = {(char *)"nsrun"};
	size_t count = 1;
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	strcpy(line, set->arguments);
	for (char *word = strtok(line, " "); word && count < MOST_WORDS; word = strtok(NULL, " "))
		words[count++] = word;
	if (dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(errors, 2) < 0 ||
	    dup2(told, PROGRAM_DESCRIPTOR) < 0 || close_range(PROGRAM_DESCRIPTOR + 1, ~0U, 0) < 0)
		_exit(99);
	if (set->as_user &&
	    (setgroups(0, NULL) < 0 || setgid(TEST_USER) < 0 || setuid(TEST_USER) < 0))
		_exit(99);
	raise(SIGSTOP);
	execv("../nsrun", words);
	_exit(99);
}

static void read_back(int file, char *text, size_t size)
{
	ssize_t length = pread(file, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	close(file);
}

void run_under(const struct option_set *set, const struct fault *fault, struct recording *recording,
	       struct outcome *outcome)
{
	static struct tracing tracing;
	const long how = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			 PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD;
	int errors = memfd_create("errors", MFD_CLOEXEC);
	int told = memfd_create("told", MFD_CLOEXEC);
	pid_t launcher = fork();
	struct tracee *tracee;

	if (launcher == 0)
		become_nsrun(set, errors, told);
	if (launcher < 0 || waitpid(launcher, NULL, WUNTRACED) != launcher ||
	    ptrace(PTRACE_SEIZE, launcher, NULL, how) < 0)
		give_up("cannot trace: %s", strerror(errno));
	tracing = (struct tracing){
	    .fault = fault, .recording = recording, .outcome = outcome, .launcher = launcher};
	tracee = find_tracee(&tracing, launcher);
	tracee->path.steps[0] = '0';
	tracee->named = true;
	limit_time(LONGEST_RUN);
	kill(launcher, SIGCONT);
	follow(&tracing);
	read_back(errors, outcome->errors, sizeof(outcome->errors));
	read_back(told, outcome->descriptors, sizeof(outcome->descriptors));
	outcome->ran = outcome->descriptors[0] != '\0';
}
