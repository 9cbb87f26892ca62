#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

void keep_to_one_processor(void)
{
	cpu_set_t processors;
	size_t last = 0;

	if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
		fail("sched_getaffinity: %s", strerror(errno));
	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &processors))
			last = i;
	}
	CPU_ZERO(&processors);
	CPU_SET(last, &processors);
	if (sched_setaffinity(0, sizeof(processors), &processors) < 0)
		fail("sched_setaffinity: %s", strerror(errno));
}

double time_starts(const struct command *command, char **environment, unsigned at_once)
{
	double start = now();

	for (unsigned i = 0; i < at_once; i++) {
		pid_t process;
		int error = posix_spawn(&process, command->path, NULL, NULL, command->arguments,
					environment);
		if (error)
			fail("%s: %s", command->path, strerror(error));
	}
	for (unsigned i = 0; i < at_once; i++) {
		int status;
		if (wait(&status) < 0 || status != 0)
			fail("%s %s failed", command->path, command->arguments[1]);
	}
	return now() - start;
}

void add_sample(struct samples *samples, double value)
{
	if (samples->count == samples->capacity) {
		samples->capacity = samples->capacity ? 2 * samples->capacity : 256;
		samples->values = must_allocate(
		    realloc(samples->values, samples->capacity * sizeof(*samples->values)));
	}
	samples->values[samples->count++] = value;
}

static int compare(const void *left, const void *right)
{
	double difference = *(const double *)left - *(const double *)right;

	return (difference > 0) - (difference < 0);
}

double median(struct samples *samples)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->values, samples->count, sizeof(*samples->values), compare);
	return samples->values[samples->count / 2];
}

static void shuffle(size_t *order, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)random() % i;
		size_t kept = order[i - 1];
		order[i - 1] = order[other];
		order[other] = kept;
	}
}

/*
 * The first start warms the caches that the one before it has left cold. Of those
 * after it the fastest counts: whatever else the machine does can only add to it.
 */
static void measure_burst(const struct command *command, struct samples *samples, unsigned at_once)
{
	enum { COUNTED = 3 };
	double fastest = 0;

	time_starts(command, environ, at_once);
	for (int i = 0; i < COUNTED; i++) {
		double time = time_starts(command, environ, at_once) / at_once;
		if (i == 0 || time < fastest)
			fastest = time;
	}
	add_sample(samples, fastest);
}

void run_rounds(const struct command *commands, const struct competitor *competitors,
		struct samples *samples, size_t count, double seconds, unsigned at_once)
{
	size_t order[MOST_COMPETITORS];
	double end = now() + seconds * 1e6;

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (int round = 0; round == 0 || now() < end; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count; i++) {
			size_t who = order[i];
			if (commands[who].path && round % competitors[who].every == 0)
				measure_burst(&commands[who], &samples[who], at_once);
		}
	}
}
