/*
 * Launches nsrun thousands of times, one after the other and many at once. No launch may
 * fail, and nothing may be left: no process, mount, descriptor, file or namespace.
 *
 *     stress NSRUN LAUNCHES WORKERS LAUNCHES-OF-EACH-WORKER
 *
 * It is also the program that nsrun starts: see be_program().
 */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* STARTED: what the program's exit status is, so that nothing else is taken for it. */
enum { STARTED = 42, MOST_WORDS = 16, PATIENCE = 60 };

/* PIN is where the pin of this launch lies; pid is what the program must see of itself. */
static const struct set {
	const char *options;
	const char *pid;
	bool pins;
} sets[] = {
    {"--pid --fork", "1", false},
    {"--map-root-user --pid --fork --mount-proc", "1", false},
    {"--mount --uts --ipc --net", "any", false},
    {"--uts=PIN --mount", "any", true},
    {"--init --time", "2", false},
    /* What it mounts would show outside, were it not hidden. */
    {"--init --mount-proc --pivot-root / --propagation shared", "2", false},
};
enum { SETS = sizeof(sets) / sizeof(sets[0]) };

static const char *nsrun, *program;

static void be_program(const char *pid)
{
	_exit(strcmp(pid, "any") == 0 || atoi(pid) == getpid() ? STARTED : 1);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void name_pin(char pin[64], unsigned number)
{
	snprintf(pin, 64, "%s/pin-%u", work_directory, number);
}

/* Process 1 also gets the orphans, which end when they like but must be reaped. */
static int await_child(pid_t child)
{
	int status;
	pid_t dead;

	while ((dead = waitpid(-1, &status, 0)) != child) {
		if (dead < 0)
			give_up("cannot wait: %s", strerror(errno));
	}
	return status;
}

static void execute_nsrun(const struct set *set, const char *pin, bool quietly)
{
	char options[128], pin_option[96];
	char *words[MOST_WORDS] = {(char *)nsrun};
	size_t count = 1;
	char *rest;

	if (quietly)
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	strcpy(options, set->options);
	for (char *word = strtok_r(options, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	snprintf(pin_option, sizeof(pin_option), "--uts=%s", pin);
	if (set->pins)
		words[1] = pin_option;
	words[count++] = (char *)program;
	words[count++] = (char *)"program";
	words[count++] = (char *)set->pid;
	execv(nsrun, words);
	_exit(99);
}

/* The pin is there, and goes with this. */
static bool unpin(const char *pin)
{
	return umount2(pin, 0) == 0 && unlink(pin) == 0;
}

/* The status of wait(2), or -1 where there was no pin to take off. */
static int launch(const struct set *set, unsigned number, bool quietly)
{
	char pin[64];
	int status;
	pid_t child;

	name_pin(pin, number);
	child = vfork();
	if (child == 0)
		execute_nsrun(set, pin, quietly);
	if (child < 0)
		give_up("cannot fork: %s", strerror(errno));
	status = await_child(child);
	if (set->pins && WIFEXITED(status) && WEXITSTATUS(status) == STARTED && !unpin(pin))
		return -1;
	return status;
}

static bool has_started(int status)
{
	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == STARTED;
}

static void launch_often(const struct set *set, unsigned launches, unsigned number)
{
	for (unsigned i = 0; i < launches; i++) {
		int status = launch(set, number, false);

		if (!has_started(status))
			give_up("launch %u of 'nsrun %s' ended with status %#x", i + 1,
				set->options, (unsigned)status);
	}
}

static void launch_at_once(const struct set *set, unsigned workers, unsigned launches)
{
	int status;

	for (unsigned i = 0; i < workers; i++) {
		pid_t worker = fork();

		if (worker == 0) {
			launch_often(set, launches, i);
			_exit(0);
		}
		if (worker < 0)
			give_up("cannot fork: %s", strerror(errno));
	}
	/* Until no process is left at all. Orphans of the workers end with 0 too. */
	while (waitpid(-1, &status, 0) > 0) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			give_up("a worker failed");
	}
}

/* Orphans may end a moment later than the launch that they belong to. */
static void await_emptiness(void)
{
	double end = seconds_now() + PATIENCE;
	pid_t dead;

	while ((dead = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (seconds_now() > end)
			give_up("a process was left behind");
		if (dead == 0)
			pause_a_little();
	}
}

/*
 * The kernel's own count: with room for just one namespace of each type, one that was left
 * behind by anything makes a launch fail. The kernel frees some types a while after their
 * end, so this may take a few attempts.
 */
static void check_count_of_namespaces(void)
{
	allow_namespaces(true);
	for (size_t i = 0; i < SETS; i++) {
		double end = seconds_now() + PATIENCE;

		while (!has_started(launch(&sets[i], 0, true))) {
			if (seconds_now() > end)
				give_up("namespaces of 'nsrun %s' are left: none can be made",
					sets[i].options);
			pause_a_little();
		}
	}
	await_emptiness();
	allow_namespaces(false);
}

static void check_state(const struct state *before)
{
	struct state after;

	await_emptiness();
	note_state(&after);
	if (!is_same_state(before, &after))
		give_up("something was left behind");
	check_count_of_namespaces();
}

static void stress_set(const struct set *set, unsigned launches, unsigned workers, unsigned each)
{
	struct state before;
	double start = seconds_now(), middle;

	note_state(&before);
	launch_often(set, launches, 0);
	check_state(&before);
	middle = seconds_now();
	launch_at_once(set, workers, each);
	check_state(&before);
	printf("%-56s %6u in a row %5.1f s, %u x %u at once %5.1f s\n", set->options, launches,
	       middle - start, workers, each, seconds_now() - middle);
	fflush(stdout);
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "program") == 0)
		be_program(arguments[2]);
	if (count != 5)
		give_up("usage: stress NSRUN LAUNCHES WORKERS LAUNCHES-OF-EACH-WORKER");
	program = realpath(arguments[0], NULL);
	nsrun = arguments[1];
	enter_own_place();
	for (size_t i = 0; i < SETS; i++)
		stress_set(&sets[i], (unsigned)atoi(arguments[2]), (unsigned)atoi(arguments[3]),
			   (unsigned)atoi(arguments[4]));
	return 0;
}
