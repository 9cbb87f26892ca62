/* The plan of each command line in golden/, call by call. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "scene.h"
#include "text.h"

/*
 * Each file in golden/ starts with a command line: "root# nsrun …" or "user$ nsrun …".
 * What follows is its plan, a line a call. UPDATE_GOLDEN=1 in the environment writes the
 * plans anew: read what has changed before you keep it.
 */
static const char directory[] = "tests/unit/golden";

enum { MOST_FILES = 128, FILE_SIZE = 16384 };

struct golden {
	char name[64];
	char command[512];
	char plan[FILE_SIZE];
};

static void open_golden(struct golden *golden, const char *mode, FILE **file)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, golden->name);
	*file = fopen(path, mode);
	if (!*file)
		fail_msg("cannot open %s: %s", path, strerror(errno));
}

static void read_golden(struct golden *golden)
{
	FILE *file;
	size_t length;

	open_golden(golden, "r", &file);
	assert_non_null(fgets(golden->command, sizeof(golden->command), file));
	golden->command[strcspn(golden->command, "\n")] = '\0';
	length = fread(golden->plan, 1, sizeof(golden->plan) - 1, file);
	assert_true(length < sizeof(golden->plan) - 1);
	golden->plan[length] = '\0';
	fclose(file);
}

static void write_golden(struct golden *golden, const char *plan)
{
	FILE *file;

	open_golden(golden, "w", &file);
	fprintf(file, "%s\n%s", golden->command, plan);
	assert_int_equal(fclose(file), 0);
}

static void add_call(struct text *text, const struct step *step, const char *call)
{
	int tolerated = step->tolerates;

	/* The first capability stands for all: how many there are is the kernel's choice. */
	if (strstr(call, "AMBIENT_RAISE") && !strstr(call, "AMBIENT_RAISE, 0,"))
		return;
	text_print(text, "%s: %r", actor_names[step->by], call, strlen(call));
	if (tolerated)
		text_print(text, "  [%s is no harm]", strerrorname_np(tolerated));
	text_character(text, '\n');
}

static const char *plan_text(const char *command)
{
	static char buffer[FILE_SIZE];
	static struct scene scene;
	struct text text = {.start = buffer, .capacity = sizeof(buffer) - 1, .descriptor = -1};
	uint32_t user = strncmp(command, "root# ", 6) == 0 ? 0 : 1000;

	if (user != 0)
		assert_memory_equal(command, "user$ ", 6);
	assert_int_equal(read_scene(&scene, command + 6), 0);
	plan_scene(&scene, user, user);
	for (size_t i = 0; i < scene.plan.count; i++) {
		const struct step *step = &scene.plan.steps[i];
		const char *call = tell_step(&scene.plan, step, scene.facts.journal);

		for (; *call; call += strlen(call) + 1)
			add_call(&text, step, call);
	}
	assert_false(text.overflowed);
	buffer[text.length] = '\0';
	return buffer;
}

static void plan_is_golden(void **state)
{
	struct golden *golden = *state;
	const char *plan;

	read_golden(golden);
	plan = plan_text(golden->command);
	if (getenv("UPDATE_GOLDEN"))
		write_golden(golden, plan);
	else if (strcmp(plan, golden->plan) != 0)
		fail_msg("%s\nis planned as\n%snot as %s/%s says", golden->command, plan, directory,
			 golden->name);
}

static int compare_names(const void *one, const void *other)
{
	return strcmp(((const struct golden *)one)->name, ((const struct golden *)other)->name);
}

static size_t list_files(struct golden goldens[MOST_FILES])
{
	DIR *files = opendir(directory);
	const struct dirent *file;
	size_t count = 0;

	if (!files)
		return 0;
	while ((file = readdir(files)) && count < MOST_FILES) {
		if (strstr(file->d_name, ".txt"))
			snprintf(goldens[count++].name, sizeof(goldens[0].name), "%.60s",
				 file->d_name);
	}
	closedir(files);
	qsort(goldens, count, sizeof(goldens[0]), compare_names);
	return count;
}

static size_t golden_count;

static void there_are_enough_files(void **state)
{
	(void)state;
	assert_in_range(golden_count, 40, MOST_FILES - 1);
}

int main(void)
{
	static struct golden goldens[MOST_FILES];
	struct CMUnitTest tests[MOST_FILES + 1] = {cmocka_unit_test(there_are_enough_files)};

	golden_count = list_files(goldens);
	for (size_t i = 0; i < golden_count; i++)
		tests[i + 1] = (struct CMUnitTest){.name = goldens[i].name,
						   .test_func = plan_is_golden,
						   .initial_state = &goldens[i]};
	return _cmocka_run_group_tests("plans", tests, golden_count + 1, NULL, NULL);
}
