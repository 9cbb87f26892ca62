/*
 * How long does a start in new namespaces take, beside the floor and the peers?
 *
 *     bench [--markdown] DIRECTORY SECONDS NSRUN...
 *
 * DIRECTORY holds floor, target and each NSRUN (and a bundle for the container
 * runtimes). Every set of options is measured for so many seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static struct competitor competitors[MOST_COMPETITORS];
static size_t competitor_count;
static double medians[MOST_SETS][MOST_COMPETITORS]; /* 0 where not measured */

/* A runtime may be installed, and yet not run on this machine. */
static bool works(const struct command *command)
{
	posix_spawn_file_actions_t actions;
	pid_t process;
	int status = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&process, command->path, &actions, NULL, command->arguments, environ) == 0)
		waitpid(process, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

static void measure_set(size_t set, const char *directory, double seconds)
{
	static struct command commands[MOST_COMPETITORS];
	struct samples samples[MOST_COMPETITORS] = {0};

	for (size_t i = 0; i < competitor_count; i++) {
		if (!make_command(&commands[i], &competitors[i], &option_sets[set], directory))
			continue;
		if (!works(&commands[i])) {
			printf("%s fails here with the equal of %s, and is left out.\n",
			       competitors[i].name, option_sets[set].name);
			commands[i].path = NULL;
		}
	}
	run_rounds(commands, competitors, samples, competitor_count, seconds, 1);
	for (size_t i = 0; i < competitor_count; i++) {
		medians[set][i] = median(&samples[i]);
		free(samples[i].values);
		free_command(&commands[i]);
	}
}

/* On one processor: moving to the other would be the larger part of what varies. */
static void measure_sets(const char *directory, double seconds)
{
	cpu_set_t before;

	if (sched_getaffinity(0, sizeof(before), &before) < 0)
		fail("sched_getaffinity: %s", strerror(errno));
	keep_to_one_processor();
	for (size_t set = 0; set < option_set_count; set++)
		measure_set(set, directory, seconds);
	sched_setaffinity(0, sizeof(before), &before);
}

static bool takes_part(size_t who)
{
	for (size_t set = 0; set < option_set_count; set++) {
		if (medians[set][who] > 0)
			return true;
	}
	return false;
}

static double ratio(size_t set, size_t who, size_t base)
{
	return medians[set][who] / medians[set][base];
}

static double mean_ratio(size_t who, size_t base)
{
	double logarithms = 0;
	int count = 0;

	for (size_t set = 0; set < option_set_count; set++) {
		if (medians[set][who] > 0) {
			logarithms += log(ratio(set, who, base));
			count++;
		}
	}
	return exp(logarithms / count);
}

static double largest_ratio(size_t who, size_t base)
{
	double largest = 0;

	for (size_t set = 0; set < option_set_count; set++)
		largest = fmax(largest, ratio(set, who, base));
	return largest;
}

static void print_set(size_t set, size_t first, const size_t *base)
{
	table_row(option_sets[set].name);
	for (size_t i = first; i < competitor_count; i++) {
		if (!takes_part(i))
			continue;
		if (medians[set][i] == 0)
			table_cell("-");
		else if (base)
			table_cell("%.2f", ratio(set, i, *base));
		else
			table_cell("%.0f", medians[set][i]);
	}
}

static void print_summary(const char *name, size_t first, size_t base,
			  double summary(size_t who, size_t base))
{
	table_row(name);
	for (size_t i = first; i < competitor_count; i++) {
		if (takes_part(i))
			table_cell("%.2f", summary(i, base));
	}
}

/* The times of the competitors from the first on, or how they compare to the base. */
static void print_competitors(const char *title, size_t first, const size_t *base)
{
	begin_table(title, "options");
	for (size_t i = first; i < competitor_count; i++) {
		if (takes_part(i))
			table_column(competitors[i].name);
	}
	for (size_t set = 0; set < option_set_count; set++)
		print_set(set, first, base);
	if (base) {
		print_summary("geometric mean", first, *base, mean_ratio);
		print_summary("largest", first, *base, largest_ratio);
	}
	end_table();
}

int main(int argument_count, char **arguments)
{
	const size_t floor_place = 0;
	const size_t nsrun_place = 1;
	const char *directory;
	double seconds;

	if (argument_count > 1 && strcmp(arguments[1], "--markdown") == 0) {
		markdown = true;
		arguments++;
		argument_count--;
	}
	if (argument_count < 4)
		fail("usage: bench [--markdown] DIRECTORY SECONDS NSRUN...");
	directory = arguments[1];
	seconds = atof(arguments[2]);
	if (chdir(directory) < 0)
		fail("%s: %s", directory, strerror(errno));
	competitor_count = find_competitors(competitors, directory, arguments + 3);
	measure_sets(directory, seconds);
	print_competitors("Time of a start, as a multiple of the floor's", nsrun_place,
			  &floor_place);
	if (markdown)
		return 0;
	print_competitors("Time of a start, as a multiple of nsrun's", nsrun_place + 1,
			  &nsrun_place);
	print_competitors("Microseconds per start (median of the rounds)", floor_place, NULL);
	measure_growth(competitors, competitor_count, directory, seconds / 2);
	measure_ordinary_user(competitors, competitor_count, directory, seconds);
	return 0;
}
