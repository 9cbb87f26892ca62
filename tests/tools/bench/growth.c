/* How the cost of a start grows with the system around it. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* Those that are worth following: the floor, nsrun, and unshare. */
struct field {
	const struct competitor *competitors;
	size_t count;
	const char *directory;
	double seconds;
};

static void print_heading(const struct field *field, const char *title, const char *first)
{
	begin_table(title, first);
	for (size_t i = 0; i < field->count; i++) {
		table_column(field->competitors[i].name);
		if (i > 0)
			table_column("ratio");
	}
}

static void measure_row(const struct field *field, const char *name, const char *set,
			unsigned at_once)
{
	static struct command commands[MOST_COMPETITORS];
	struct samples samples[MOST_COMPETITORS] = {0};
	double floor_median = 0;

	for (size_t i = 0; i < field->count; i++)
		make_command(&commands[i], &field->competitors[i], find_option_set(set),
			     field->directory);
	run_rounds(commands, field->competitors, samples, field->count, field->seconds, at_once);
	table_row(name);
	for (size_t i = 0; i < field->count; i++) {
		double value = median(&samples[i]);
		table_cell("%.0f", value);
		if (i == 0)
			floor_median = value;
		else
			table_cell("%.2f", value / floor_median);
		free(samples[i].values);
		free_command(&commands[i]);
	}
}

static const char mounts[] = "mounts";

/* A mount namespace of its own, so that the mounts go with the process. */
static void enter_private_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", mounts, "tmpfs", 0, NULL) < 0)
		fail("a private mount namespace: %s", strerror(errno));
}

static void add_mounts(int from, int to)
{
	char path[32];

	for (int i = from; i < to; i++) {
		snprintf(path, sizeof(path), "%s/%d", mounts, i);
		if (mkdir(path, 0700) < 0 || mount(mounts, path, NULL, MS_BIND, NULL) < 0)
			fail("%s: %s", path, strerror(errno));
	}
}

static void measure_mounts(const struct field *field)
{
	static const int counts[] = {10, 1000, 5000};
	int made = 0;

	if (mkdir(mounts, 0700) < 0)
		fail("%s: %s", mounts, strerror(errno));
	enter_private_mounts();
	print_heading(field, "Microseconds per start under -m, with so many more mounts", "mounts");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char name[16];
		add_mounts(made, counts[i]);
		made = counts[i];
		snprintf(name, sizeof(name), "%d", made);
		measure_row(field, name, "-m", 1);
	}
	end_table();
}

/* So many variables of a hundred bytes, counting the pointers to them. */
static void fill_environment(int kilobytes)
{
	char name[16];
	char value[100];
	int variables = kilobytes * 1000 / 100;

	memset(value, 'x', sizeof(value));
	value[80] = '\0';
	for (int i = 0; i < variables; i++) {
		snprintf(name, sizeof(name), "BENCH%05d", i);
		if (setenv(name, value, 1) < 0)
			fail("setenv: %s", strerror(errno));
	}
}

static void measure_environment(const struct field *field)
{
	static const int sizes[] = {100, 500, 1000};

	print_heading(field, "Microseconds per start under -u, with an environment of so many kB",
		      "kB");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char name[16];
		fill_environment(sizes[i]);
		snprintf(name, sizeof(name), "%d", sizes[i]);
		measure_row(field, name, "-u", 1);
	}
	end_table();
}

static void measure_many(const struct field *field)
{
	static const unsigned counts[] = {1, 2, 8, 64};

	print_heading(field, "Microseconds per start under -p -f, so many launchers at once",
		      "launchers");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char name[16];
		snprintf(name, sizeof(name), "%u", counts[i]);
		measure_row(field, name, "-p -f", counts[i]);
	}
	end_table();
}

/* In a process of its own: what it does to itself ends with it. */
static void measure_apart(void measure(const struct field *), const struct field *field,
			  bool one_processor)
{
	int status;
	pid_t process;

	fflush(stdout);
	process = fork();
	if (process < 0)
		fail("fork: %s", strerror(errno));
	if (process == 0) {
		if (one_processor)
			keep_to_one_processor();
		measure(field);
		exit(0);
	}
	if (waitpid(process, &status, 0) < 0 || status != 0)
		fail("a measurement of growth failed");
}

void measure_growth(const struct competitor *competitors, size_t count, const char *directory,
		    double seconds)
{
	struct field field = {competitors, 0, directory, seconds};

	while (field.count < count && competitors[field.count].kind <= UNSHARE)
		field.count++;
	measure_apart(measure_mounts, &field, true);
	measure_apart(measure_environment, &field, true);
	measure_apart(measure_many, &field, false);
}
