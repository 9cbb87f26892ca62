/* What is measured: each set of options, and the nearest that the peers have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define BWRAP "--dev-bind / / "

/* bwrap makes a mount namespace always, and PID 1 of its own with a PID namespace. */
const struct option_set option_sets[] = {
    {"(none)", {"-", "", "", "unshare", "unshare", BWRAP, NULL, NULL}, 0},
    {"-u", {"u", "-u", "-u", "unshare -u", "unshare -u", BWRAP "--unshare-uts", NULL, NULL}, 0},
    {"-i", {"i", "-i", "-i", "unshare -i", "unshare -i", BWRAP "--unshare-ipc", NULL, NULL}, 0},
    {"-m", {"m", "-m", "-m", "unshare -m", "unshare -m", BWRAP, NULL, NULL}, 0},
    {"-n", {"n", "-n", "-n", "unshare -n", "unshare -n", BWRAP "--unshare-net", NULL, NULL}, 0},
    {"-p -f",
     {"pf", "-p -f", "-p -f", "unshare -p -f", "unshare -p -f", BWRAP "--unshare-pid", NULL, NULL},
     0},
    {"-U -r",
     {"Ur", "-U -r", "-U -r", "unshare -U -r", "unshare -U -r",
      BWRAP "--unshare-user --uid 0 --gid 0", NULL, NULL},
     0},
    {"-p -f --mount-proc",
     {"mpfP", "-p -f --mount-proc", "-p -f --mount-proc", "unshare -p -f --mount-proc", NULL,
      BWRAP "--unshare-pid --proc /proc", "--cgroup-manager=disabled run --bundle bundle bench",
      "run --bundle bundle bench"},
     0},
    {"-u -i -n -p -f",
     {"uinpf", "-u -i -n -p -f", "-u -i -n -p -f", "unshare -u -i -n -p -f",
      "unshare -u -i -n -p -f", BWRAP "--unshare-uts --unshare-ipc --unshare-net --unshare-pid",
      NULL, NULL},
     0},
    {"-a -r -f",
     {"AmuinpUCTrf", "-a -r -f", "-m -u -i -n -p -U -C -T -r -f", "unshare -m -u -i -n -p -U -r -f",
      "unshare -a -r -f", BWRAP "--unshare-all --uid 0 --gid 0", NULL, NULL},
     0},
    {"--map-users x1", {"R", "", "", NULL, NULL, NULL, NULL, NULL}, 1},
    {"--map-users x100", {"R", "", NULL, NULL, NULL, NULL, NULL, NULL}, 100},
    {"--map-users x340", {"R", "", NULL, NULL, NULL, NULL, NULL, NULL}, 340},
};

const size_t option_set_count = sizeof(option_sets) / sizeof(option_sets[0]);

const struct option_set *find_option_set(const char *name)
{
	for (size_t i = 0; i < option_set_count; i++) {
		if (strcmp(option_sets[i].name, name) == 0)
			return &option_sets[i];
	}
	fail("no option set %s", name);
}

static void add_argument(struct command *command, size_t *count, const char *argument)
{
	if (*count == MOST_ARGUMENTS - 1)
		fail("too many arguments");
	command->arguments[(*count)++] = must_allocate(strdup(argument));
}

static void add_words(struct command *command, size_t *count, const char *words)
{
	char *copy = must_allocate(strdup(words));
	char *rest = copy;
	char *word;

	while ((word = strsep(&rest, " "))) {
		if (*word)
			add_argument(command, count, word);
	}
	free(copy);
}

/* The floor is given the text that has to be written, every other id mapped to itself. */
static void add_map_text(struct command *command, size_t *count, size_t ranges)
{
	char text[4096];
	size_t length = 0;

	for (size_t i = 0; i < ranges; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%zu %zu 1\n",
					   2 * i, 2 * i);
	add_argument(command, count, text);
}

static void add_map_options(struct command *command, size_t *count, size_t ranges, char separator)
{
	char option[64];

	for (size_t i = 0; i < ranges; i++) {
		snprintf(option, sizeof(option), "--map-users=%zu%c%zu%c1", 2 * i, separator, 2 * i,
			 separator);
		add_argument(command, count, option);
	}
}

bool make_command(struct command *command, const struct competitor *competitor,
		  const struct option_set *set, const char *directory)
{
	const char *arguments = set->arguments[competitor->kind];
	char target[512];
	size_t count = 0;

	memset(command, 0, sizeof(*command));
	if (!arguments)
		return false;
	command->path = competitor->path;
	add_argument(command, &count, competitor->path);
	add_words(command, &count, arguments);
	if (set->ranges && competitor->kind == FLOOR)
		add_map_text(command, &count, set->ranges);
	if (set->ranges) /* util-linux 2.38 knows only the form with commas */
		add_map_options(command, &count, set->ranges,
				competitor->kind == UNSHARE ? ',' : ':');
	snprintf(target, sizeof(target), "%s/target", directory);
	if (competitor->kind != CRUN && competitor->kind != RUNC)
		add_argument(command, &count, target);
	return true;
}

void free_command(struct command *command)
{
	for (size_t i = 0; command->arguments[i]; i++)
		free(command->arguments[i]);
}
