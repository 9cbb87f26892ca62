#include "faults.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_FAULTS = 8 * MOST_CALLS, MOST_REASONS = 64 };

/* Shared with the processes that make the runs. */
struct trial {
	struct fault fault;
	struct outcome outcome;
};

struct shared {
	struct recording recording;
	struct outcome outcome;
	size_t count;
	struct trial trials[MOST_FAULTS];
};

static void add_fault(struct shared *shared, const struct call *call, int error)
{
	if (shared->count == MOST_FAULTS)
		give_up("too many faults");
	shared->trials[shared->count++] = (struct trial){.fault = {.call = *call, .error = error}};
}

static void list_faults(struct shared *shared)
{
	for (size_t i = 0; i < shared->recording.count; i++) {
		const struct call *call = &shared->recording.calls[i];

		add_fault(shared, call, KILL);
		for (const int *error = errors_of(call); *error; error++)
			add_fault(shared, call, *error);
		if (strcmp(call_name(call->number), "write") == 0 && call->arguments[2] > 1)
			add_fault(shared, call, SHORT_WRITE);
	}
}

/* The calls before are the libc's, which start the program, whatever it is. */
static void drop_start_up(struct recording *recording)
{
	size_t first = 0;

	while (first < recording->count && !call_name(recording->calls[first].number))
		first++;
	recording->count -= first;
	memmove(recording->calls, recording->calls + first,
		recording->count * sizeof(recording->calls[0]));
}

/* Each run keeps to one processor: Linux 6.18 numbers mount namespaces for each by itself,
 * and refuses to pin one whose number is lower than that of the present one. */
static void keep_to_processor(size_t number)
{
	cpu_set_t all, one;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		give_up("sched_getaffinity: %s", strerror(errno));
	number %= (size_t)CPU_COUNT(&all);
	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all) || number-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		if (sched_setaffinity(0, sizeof(one), &one) < 0)
			give_up("sched_setaffinity: %s", strerror(errno));
		return;
	}
}

static void record(const struct option_set *set, struct shared *shared)
{
	const struct outcome *outcome = &shared->outcome;
	pid_t process = fork();
	int status;

	if (process == 0) {
		keep_to_processor(0);
		try_in_place(set, NULL, &shared->recording, &shared->outcome);
		_exit(0);
	}
	if (process < 0 || waitpid(process, &status, 0) != process || status != 0)
		give_up("cannot run '%s'", set->arguments);
	if (!WIFEXITED(outcome->status) || WEXITSTATUS(outcome->status) != set->status ||
	    outcome->ran != (set->status == 0) || outcome->pins != set->pins ||
	    outcome->left_process || outcome->left_mount)
		give_up("'%s' does not go well undisturbed: %s", set->arguments, outcome->errors);
	drop_start_up(&shared->recording);
	for (size_t i = 0; i < shared->recording.count; i++) {
		if (!call_name(shared->recording.calls[i].number))
			give_up("call %ld is in no table", shared->recording.calls[i].number);
	}
}

/* As many at once as there are processors. */
static void try_all(const struct option_set *set, struct shared *shared, long processors)
{
	long running = 0;
	int status;

	for (size_t i = 0; i < shared->count || running > 0;) {
		if (i < shared->count && running < processors) {
			struct trial *trial = &shared->trials[i++];

			if (fork() == 0) {
				keep_to_processor(i);
				try_in_place(set, &trial->fault, NULL, &trial->outcome);
				_exit(0);
			}
			running++;
			continue;
		}
		if (wait(&status) > 0)
			running--;
		if (status != 0)
			give_up("a run of '%s' could not be made", set->arguments);
	}
}

static void describe(const struct fault *fault, char *text, size_t size)
{
	const char *how = fault->error == KILL          ? "killed"
			  : fault->error == SHORT_WRITE ? "short"
							: strerrorname_np(fault->error);

	snprintf(text, size, "process %s, call %u: %s(%s) %s", fault->call.process.steps,
		 fault->call.index, call_name(fault->call.number), fault->call.object, how);
}

/* How often a reason has made a fault harmless. */
static struct {
	const char *why;
	size_t count;
} reasons[MOST_REASONS];

static void count_reason(const char *why)
{
	size_t i = 0;

	while (reasons[i].why && strcmp(reasons[i].why, why) != 0)
		i++;
	if (i + 1 == MOST_REASONS)
		give_up("too many reasons");
	reasons[i].why = why;
	reasons[i].count++;
}

static size_t report(const struct option_set *set, const struct shared *shared, size_t totals[])
{
	size_t counts[WRONG + 1] = {0};
	char text[128];
	const char *why;

	for (size_t i = 0; i < shared->count; i++) {
		const struct trial *trial = &shared->trials[i];
		enum verdict verdict = judge(set, &trial->fault, &trial->outcome, &why);

		counts[verdict]++;
		totals[verdict]++;
		describe(&trial->fault, text, sizeof(text));
		if (verdict == WRONG)
			printf("WRONG: %s: %s (status %#x)\n%s%s\n", text, why,
			       (unsigned)trial->outcome.status, trial->outcome.errors,
			       trial->outcome.descriptors);
		if (verdict == HARMLESS)
			count_reason(why_harmless(set, &trial->fault));
		if (verdict == HARMLESS && getenv("SHOW_HARMLESS"))
			printf("harmless: %s\n", text);
	}
	printf("%5zu %6zu %6zu %9zu %6zu %6zu  %s%s\n", shared->count, counts[SAID_SO],
	       counts[DIED], counts[HARMLESS], counts[MISSED], counts[WRONG],
	       set->as_user ? "$ " : "# ", set->arguments);
	return shared->count;
}

int main(int count, char **arguments)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct shared *shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t totals[WRONG + 1] = {0};
	size_t faults = 0;

	if (count < 3 || shared == MAP_FAILED || geteuid() != 0)
		give_up("usage, as root: faults NSRUN PROGRAM [set ...]");
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_common_place(arguments[1], arguments[2]);
	printf("faults  told   died  harmless missed  WRONG  options\n");
	for (size_t i = 0; i < option_set_count; i++) {
		if (arguments[3] && (size_t)atoi(arguments[3]) != i)
			continue;
		shared->count = shared->recording.count = 0;
		record(&option_sets[i], shared);
		list_faults(shared);
		try_all(&option_sets[i], shared, processors);
		faults += report(&option_sets[i], shared, totals);
	}
	printf("%5zu %6zu %6zu %9zu %6zu %6zu  in all\n", faults, totals[SAID_SO], totals[DIED],
	       totals[HARMLESS], totals[MISSED], totals[WRONG]);
	printf("harmless, since\n");
	for (size_t i = 0; reasons[i].why; i++)
		printf("%5zu  %s\n", reasons[i].count, reasons[i].why);
	printf("%zu passed, %zu failed\n", faults - totals[WRONG], totals[WRONG]);
	return totals[WRONG] > 0;
}
