#include "facts.h"

#include <errno.h>
#include <unistd.h>

#include "database.h"
#include "look.h"
#include "message.h"

/* Everything that differs between user and group maps. */
struct map_kind {
	const char *option;
	const char *subordinate_file;
	const char *own_map;
};

static const struct map_kind user_kind = {"--map-users", "/etc/subuid", "/proc/self/uid_map"};
static const struct map_kind group_kind = {"--map-groups", "/etc/subgid", "/proc/self/gid_map"};

/* Which map is being put together, and for whom. */
struct map_reader {
	struct facts *facts;
	const struct map_kind *kind;
	const struct id_facts *single; /* the caller's own id, if that is mapped to one inside */
	const char *login;             /* NULL: the user has no name */
};

/* Returns -1 after a complaint. If there are none, it hints how to give the user ids that nobody
 * else has, unless the user namespace has no such ids. */
static int find_subordinate_ids(const struct map_reader *reader, struct id_range *range)
{
	const struct map_kind *kind = reader->kind;
	const char *path = kind->subordinate_file, *login = reader->login;
	const char *what = kind == &user_kind ? "uids" : "gids";
	uint32_t user = reader->facts->user.outer;
	int found = find_subordinate_range(reader->facts->journal, path, login, user, range);
	struct id_range own;

	if (found != 0)
		return found;
	complain("no line for user %u in %s", user, path);
	if (!range_is_valid(range) || !find_range(kind->own_map, range->outer, &own))
		return -1;
	if (login)
		hint("give %s some, as root: usermod --add-sub%s %u-%u %s", login, what,
		     range->outer, range->outer + range->count - 1, login);
	else
		hint("add a line to %s, as root: %u:%u:%u", path, user, range->outer, range->count);
	return -1;
}

static int append_own(const struct map_reader *reader, struct id_map *map)
{
	const char *path = reader->kind->own_map;
	struct journal *journal = reader->facts->journal;
	struct line_reader lines = {.descriptor = journal_open(journal, path), .journal = journal};
	struct record line;
	struct id_range range;

	if (lines.descriptor < 0) {
		complain("cannot read %s: %m", path);
		(void)advise_proc(errno);
		return -1;
	}
	while (next_record(&lines, &line)) {
		const char *text = line.line;

		if (line.overlong || !read_map_line(&text, &range)) {
			close(lines.descriptor);
			return complain("malformed line in %s", path);
		}
		/* An id in the caller's namespace is `outer` for the new one. */
		range.outer = range.inner;
		append_around(map, &range, NO_ID, NO_ID);
	}
	close(lines.descriptor);
	return errno ? complain("cannot read %s: %m", path) : 0;
}

static int append_source(const struct map_reader *reader, const struct map_source *source,
			 struct id_map *map)
{
	struct id_range range = source->range;

	if (source->kind == ALL_RANGES)
		return append_own(reader, map);
	if (source->kind != GIVEN_RANGE && find_subordinate_ids(reader, &range) < 0)
		return -1;
	if (source->kind == SUBORDINATE_RANGE)
		range.inner = range.outer;
	/* Which ids inside was not asked for: they make room for the single id. */
	if (source->kind == AUTO_RANGE && reader->single)
		append_around(map, &range, reader->single->inner, reader->single->outer);
	else
		append_around(map, &range, NO_ID, NO_ID);
	return 0;
}

static int read_map(const struct map_reader *reader, const struct map_sources *sources, char *text)
{
	struct id_map map;
	const char *option = reader->kind->option;
	const struct id_range *pair[2];

	map.count = 0;
	for (unsigned i = 0; i < sources->count; i++) {
		if (append_source(reader, &sources->list[i], &map) < 0)
			return -1;
	}
	if (map.count <= MOST_RANGES && find_overlap(&map, pair))
		return complain("%s: ranges '%u:%u:%u' and '%u:%u:%u' overlap", option,
				pair[0]->inner, pair[0]->outer, pair[0]->count, pair[1]->inner,
				pair[1]->outer, pair[1]->count);
	if (reader->single)
		map_single_id(&map, reader->single->inner, reader->single->outer);
	/* Splitting makes no overlaps, but it may make one range too many. */
	if (map.count > MOST_RANGES)
		return complain("%s asks for more than the kernel's %d ranges", option,
				MOST_RANGES);
	if (!write_map_text(&map, text))
		return complain("%s: the map is longer than the kernel's %d bytes", option,
				MAP_TEXT_SIZE - 1);
	return 0;
}

int read_maps(struct facts *facts, const struct request *request)
{
	struct map_reader users = {facts, &user_kind, request->map_user.kind ? &facts->user : NULL,
				   NULL};
	struct map_reader groups = {facts, &group_kind,
				    request->map_group.kind ? &facts->group : NULL, NULL};
	struct room *room = facts->room;
	struct record line;
	int found = 0;

	if (request->map_users.has_subordinate || request->map_groups.has_subordinate)
		found = find_user(facts->journal, facts->user.outer, &line);
	if (found < 0)
		return -1;
	if (found > 0)
		users.login = groups.login = cut_field(&line, 0);
	if (facts->user.by_helper && read_map(&users, &request->map_users, room->user_map) < 0)
		return -1;
	return facts->group.by_helper ? read_map(&groups, &request->map_groups, room->group_map)
				      : 0;
}
