#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "database.h"
#include "hint.h"
#include "message.h"
#include "number.h"
#include "program.h"
#include "text.h"

/* Everything that differs between user and group maps. */
struct map_kind {
	const char *option;
	const char *subordinate_file;
	const char *own_map;
};

static const struct map_kind user_kind = {"--map-users", "/etc/subuid", "/proc/self/uid_map"};
static const struct map_kind group_kind = {"--map-groups", "/etc/subgid", "/proc/self/gid_map"};

static int append(struct id_map *map, const struct map_kind *kind, struct id_range range)
{
	if (map->count == MOST_RANGES)
		return complain("%s asks for more than the kernel's %d ranges", kind->option,
				MOST_RANGES);
	map->ranges[map->count++] = range;
	return 0;
}

static int append_subordinate(struct id_map *map, const struct map_kind *kind, uint32_t user,
			      bool to_themselves)
{
	const char *path = kind->subordinate_file;
	struct record login, line;
	bool named = find_user(user, &login);
	struct id_range range;

	switch (find_subordinate_range(path, named ? login.fields[0] : NULL, user, &range, &line)) {
	case RANGE_FOUND:
		break;
	case RANGE_MALFORMED:
		complain("malformed line for '%s' in %s", line.fields[0], path);
		return -1;
	case RANGE_UNREADABLE:
		return complain_of(errno, "cannot read %s", path);
	case NO_RANGE:
		complain("no line for user %u in %s", user, path);
		hint_subordinate_ids(path, named ? login.fields[0] : NULL, user);
		return -1;
	}
	if (to_themselves)
		range.inner = range.outer;
	return append(map, kind, range);
}

/* Lines of /proc/self/uid_map: blanks, inner id, blanks, outer id, blanks, count. */
static bool read_map_line(char *line, struct id_range *range)
{
	uint64_t numbers[3];
	char *rest = line;

	for (unsigned i = 0; i < 3; i++) {
		char *word = strsep(&rest, " ");
		while (word && !*word)
			word = strsep(&rest, " ");
		if (!word || !read_number(word, UINT32_MAX, &numbers[i]))
			return false;
	}
	/* What the caller's namespace calls an id is `outer` for one that it makes. */
	*range =
	    (struct id_range){(uint32_t)numbers[0], (uint32_t)numbers[0], (uint32_t)numbers[2]};
	return true;
}

static int append_own(struct id_map *map, const struct map_kind *kind)
{
	struct line_reader reader = {.descriptor = open(kind->own_map, O_RDONLY | O_CLOEXEC)};
	struct record line;
	struct id_range range;
	int result = 0;

	if (reader.descriptor < 0)
		return complain_of(errno, "cannot read %s", kind->own_map);
	while (result == 0 && next_record(&reader, &line)) {
		if (!read_map_line(line.line, &range))
			result = complain("malformed line in %s", kind->own_map);
		else
			result = append(map, kind, range);
	}
	close(reader.descriptor);
	if (result == 0 && reader.error)
		result = complain_of(reader.error, "cannot read %s", kind->own_map);
	return result;
}

static int append_source(struct id_map *map, const struct map_kind *kind, uint32_t user,
			 const struct map_source *source)
{
	switch (source->kind) {
	case GIVEN_RANGE:
		return append(map, kind, source->range);
	case AUTO_RANGE:
		return append_subordinate(map, kind, user, false);
	case SUBORDINATE_RANGE:
		return append_subordinate(map, kind, user, true);
	case ALL_RANGES:
		return append_own(map, kind);
	}
	return -1;
}

static int check_map(const struct id_map *map, const struct map_kind *kind)
{
	size_t one, other;

	if (map->count > MOST_RANGES)
		return complain("%s asks for more than the kernel's %d ranges", kind->option,
				MOST_RANGES);
	if (!find_overlap(map, &one, &other))
		return 0;
	return complain("%s: ranges '%u:%u:%u' and '%u:%u:%u' overlap", kind->option,
			map->ranges[one].inner, map->ranges[one].outer, map->ranges[one].count,
			map->ranges[other].inner, map->ranges[other].outer,
			map->ranges[other].count);
}

static int read_map(struct map_facts *facts, const struct map_kind *kind, const struct id_facts *id,
		    uint32_t user, const struct map_sources *sources, bool single)
{
	for (unsigned i = 0; i < sources->count; i++) {
		if (append_source(&facts->map, kind, user, &sources->list[i]) < 0)
			return -1;
	}
	if (check_map(&facts->map, kind) < 0)
		return -1;
	if (single)
		map_single_id(&facts->map, id->inner, id->outer);
	if (check_map(&facts->map, kind) < 0)
		return -1;
	if (!write_map_text(&facts->map, facts->text))
		return complain("%s: the map is longer than the kernel's %d bytes", kind->option,
				MAP_TEXT_SIZE - 1);
	return 0;
}

static int read_single_id(struct id_facts *id, const struct single_map *map, const char *what,
			  bool (*find)(const char *, uint32_t *))
{
	switch (map->kind) {
	case NOT_MAPPED:
		break;
	case TO_ID:
		id->inner = map->id;
		break;
	case TO_CURRENT:
		id->inner = id->outer;
		break;
	case TO_NAME:
		if (!find(map->name, &id->inner))
			return complain("unknown %s '%s'", what, map->name);
	}
	return 0;
}

static int read_ids(struct facts *facts, const struct request *request)
{
	const struct map_sources *users = &request->map_users;
	const struct map_sources *groups = &request->map_groups;
	bool single_user = request->map_user.kind != NOT_MAPPED;
	bool single_group = request->map_group.kind != NOT_MAPPED;
	/* A namespace that belongs to somebody else can be mapped only from outside. */
	bool owned = request->owner_user.given;

	/* Nothing has changed the ids since the kernel noted them down at the start, so
	 * that no system call is needed to know them (getauxval(3)). */
	facts->user.outer = (uint32_t)getauxval(AT_EUID);
	facts->group.outer = (uint32_t)getauxval(AT_EGID);
	facts->is_root = facts->user.outer == 0;
	if (read_single_id(&facts->user, &request->map_user, "user", find_user_id) < 0 ||
	    read_single_id(&facts->group, &request->map_group, "group", find_group_id) < 0)
		return -1;

	facts->user.by_helper = users->count > 0 || (owned && single_user);
	facts->group.by_helper = groups->count > 0 || (owned && single_group);
	if (facts->user.by_helper && read_map(&facts->user_map, &user_kind, &facts->user,
					      facts->user.outer, users, single_user) < 0)
		return -1;
	if (facts->group.by_helper && read_map(&facts->group_map, &group_kind, &facts->group,
					       facts->user.outer, groups, single_group) < 0)
		return -1;
	return 0;
}

static int read_namespaces(struct facts *facts, const struct request *request)
{
	unsigned long offered;

	facts->namespaces = request->namespaces;
	if (!request->all)
		return 0;
	offered = offered_namespaces();
	if (!offered)
		return complain_of(errno, "cannot list the kernel's namespaces in /proc/self/ns");
	facts->namespaces |= offered;
	if ((request->monotonic.given || request->boottime.given) &&
	    !(facts->namespaces & namespace_types[TIME_NAMESPACE].flag))
		return complain("this kernel has no time namespaces, so clocks have no offsets");
	return 0;
}

static void read_launcher(struct facts *facts, bool explained)
{
	struct text digits = {.start = facts->launcher_digits,
			      .capacity = sizeof(facts->launcher_digits) - 1,
			      .descriptor = -1};

	facts->launcher = getpid();
	text_number(&digits, facts->launcher);
	/* An explanation speaks of a run to come, whose pid nobody knows. */
	facts->launcher_name = explained ? "LAUNCHER" : facts->launcher_digits;
}

/* A login shell's name starts with '-', as login(1) does it. */
static int read_shell(struct facts *facts)
{
	const char *shell = find_variable(facts->environment, "SHELL");
	struct record user;
	enum { SHELL_FIELD = 6 };

	if (!shell && find_user((uint32_t)getauxval(AT_EUID), &user) && user.count > SHELL_FIELD &&
	    *user.fields[SHELL_FIELD] &&
	    strlen(user.fields[SHELL_FIELD]) < sizeof(facts->shell_path))
		shell = strcpy(facts->shell_path, user.fields[SHELL_FIELD]);
	if (!shell)
		shell = "/bin/sh";
	const char *slash = strrchr(shell, '/');
	const char *base = slash ? slash + 1 : shell;
	if (strlen(base) >= sizeof(facts->shell_name) - 1)
		return complain("the name of the shell '%s' is too long", shell);
	facts->shell_name[0] = '-';
	strcpy(facts->shell_name + 1, base);
	facts->shell_arguments[0] = facts->shell_name;
	facts->program = facts->shell_arguments;
	facts->path = shell;
	return 0;
}

int read_facts(struct facts *facts, const struct request *request, char **environment)
{
	facts->environment = environment;
	if (request->kept_variables)
		keep_variables(environment, request->kept_variables);
	else if (request->clear_environment)
		environment[0] = NULL;

	if (read_namespaces(facts, request) < 0)
		return -1;
	if (facts->namespaces & namespace_types[USER_NAMESPACE].flag &&
	    read_ids(facts, request) < 0)
		return -1;
	if (facts->user.by_helper || facts->group.by_helper || has_pins(request))
		read_launcher(facts, request->explain != NO_OUTPUT);
	facts->program = request->program;
	facts->path = request->program[0];
	return *request->program ? 0 : read_shell(facts);
}
