#include "scene.h"

#include <string.h>

#include "options.h"

static uint32_t model_id(const struct wanted_id *wanted, uint32_t current)
{
	switch (wanted->kind) {
	case NOT_GIVEN:
	case TO_ID:
		break;
	case TO_NAME:
		return 7;
	case TO_CURRENT:
		return current;
	}
	return wanted->id;
}

static struct id_range model_range(const struct map_source *source)
{
	switch (source->kind) {
	case AUTO_RANGE:
		return (struct id_range){0, 100000, 65536};
	case SUBORDINATE_RANGE:
		return (struct id_range){100000, 100000, 65536};
	case ALL_RANGES:
		return (struct id_range){0, 0, HIGHEST_ID + 1};
	case GIVEN_RANGE:
		break;
	}
	return source->range;
}

static void model_map(char text[MAP_TEXT_SIZE], struct id_facts *id,
		      const struct map_sources *sources, const struct wanted_id *single, bool owned)
{
	struct id_map map = {.count = 0};

	id->inner = model_id(single, id->outer);
	id->by_helper = sources->count || (owned && single->kind != NOT_GIVEN);
	for (unsigned i = 0; i < sources->count; i++) {
		struct id_range range = model_range(&sources->list[i]);

		if (sources->list[i].kind == AUTO_RANGE && single->kind != NOT_GIVEN)
			append_around(&map, &range, id->inner, id->outer);
		else
			map.ranges[map.count++] = range;
	}
	if (single->kind != NOT_GIVEN)
		map_single_id(&map, id->inner, id->outer);
	assert_true(write_map_text(&map, text));
}

static bool uses(const struct map_sources *sources, int kind)
{
	for (unsigned i = 0; i < sources->count; i++) {
		if ((int)sources->list[i].kind == kind)
			return true;
	}
	return false;
}

static void model_read(struct journal *journal, const char *path)
{
	if (strncmp(path, "/etc/", 5) == 0)
		journal_call(journal, 0, "stat(%q, &status)", path);
	journal_call(journal, 3, "open(%q, O_RDONLY|O_CLOEXEC)", path);
	journal_call(journal, 15, "read(file, buffer, 1024)");
}

/* Some of the files that are read, in the order in which they are. */
static void model_reads(struct facts *facts, const struct request *request)
{
	static const struct {
		int kind;
		const char *user_file;
		const char *group_file;
	} files[] = {
	    {AUTO_RANGE, "/etc/subuid", "/etc/subgid"},
	    {SUBORDINATE_RANGE, "/etc/subuid", "/etc/subgid"},
	    {ALL_RANGES, "/proc/self/uid_map", "/proc/self/gid_map"},
	};

	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (uses(&request->map_users, files[i].kind))
			model_read(facts->journal, files[i].user_file);
		if (uses(&request->map_groups, files[i].kind))
			model_read(facts->journal, files[i].group_file);
	}
}

static void model_launcher(struct facts *facts)
{
	journal_call(facts->journal, 4, "readlink(\"/proc/self\", buffer, 11)");
	strcpy(facts->room->launcher_name, "LAUNCHER");
}

static void model_facts(struct facts *facts, const struct request *request)
{
	static char shell[] = "-sh";
	static char *shell_arguments[] = {shell, NULL};
	bool owned = request->has_owner;

	facts->namespaces = request->namespaces;
	for (unsigned i = 0; request->all && i < NAMESPACE_TYPES; i++)
		facts->namespaces |= namespace_types[i].bit;
	if (request->all) {
		journal_call(facts->journal, 3,
			     "open(\"/proc/self/ns\", O_RDONLY|O_DIRECTORY|O_CLOEXEC)");
		journal_call(facts->journal, 320, "getdents64(directory, list, 1024)");
	}
	model_map(facts->room->user_map, &facts->user, &request->map_users, &request->map_user,
		  owned);
	model_map(facts->room->group_map, &facts->group, &request->map_groups, &request->map_group,
		  owned);
	facts->user.last = model_id(&request->user, 0);
	facts->group.last = model_id(&request->group, 0);
	model_reads(facts, request);
	facts->helper_writes = facts->user.by_helper || facts->group.by_helper ||
			       (owned && (request->setgroups != SETGROUPS_UNTOUCHED ||
					  *request->monotonic || *request->boottime));
	if (facts->helper_writes && facts->user.outer != 0)
		model_launcher(facts);
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (request->pins[i])
			journal_call(facts->journal, -1, "statfs(%q, &system)", request->pins[i]);
	}
	facts->command = *request->command ? request->command : shell_arguments;
	facts->file = *request->command ? request->command[0] : "/bin/sh";
}

int read_scene(struct scene *scene, const char *line)
{
	memset(scene, 0, sizeof(*scene));
	scene->request.map_users.list = scene->room.map_users;
	scene->request.map_groups.list = scene->room.map_groups;
	scene->facts.room = &scene->room;
	scene->facts.journal = start_journal(&scene->room.journal, false);
	split_words(&scene->words, line);
	return read_options(&scene->request, scene->words.list);
}

void plan_scene(struct scene *scene, uint32_t user, uint32_t group)
{
	scene->facts.user.outer = user;
	scene->facts.group.outer = group;
	model_facts(&scene->facts, &scene->request);
	make_plan(&scene->plan, &scene->request, &scene->facts);
}
