#include "maps.h"

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

/* The map that is being put together, and for whom. */
struct map_reader {
	struct facts *facts;
	const struct map_kind *kind;
	struct id_map *map;
	const struct id_facts *single; /* the caller's own id, if that is mapped to one inside */
	const char *login;             /* NULL: the user has no name */
};

static int too_many_ranges(const struct map_reader *reader)
{
	return complain("%s asks for more than the kernel's %d ranges", reader->kind->option,
			MOST_RANGES);
}

static int append(const struct map_reader *reader, struct id_range range)
{
	if (reader->map->count >= MOST_RANGES)
		return too_many_ranges(reader);
	reader->map->ranges[reader->map->count++] = range;
	return 0;
}

/* How to give the user (by login name, or by number where it has none) ids that nobody else has. In
 * a user namespace that has no such ids nothing helps. */
static void hint_subordinate_ids(const struct map_reader *reader, const struct id_range *spare)
{
	const struct map_kind *kind = reader->kind;
	const char *what = kind == &user_kind ? "uids" : "gids";
	struct id_range own;

	if (!range_is_valid(spare) || !find_range(kind->own_map, spare->outer, &own))
		return;
	if (reader->login)
		hint("give %s some, as root: usermod --add-sub%s %u-%u %s", reader->login, what,
		     spare->outer, spare->outer + spare->count - 1, reader->login);
	else
		hint("add a line to %s, as root: %u:%u:%u", kind->subordinate_file,
		     reader->facts->user.outer, spare->outer, spare->count);
}

static int append_subordinate(const struct map_reader *reader, bool to_themselves)
{
	const char *path = reader->kind->subordinate_file;
	uint32_t user = reader->facts->user.outer;
	struct id_range range;
	int found =
	    find_subordinate_range(reader->facts->journal, path, reader->login, user, &range);

	if (found == 0) {
		complain("no line for user %u in %s", user, path);
		hint_subordinate_ids(reader, &range);
	}
	if (found <= 0)
		return -1;
	if (to_themselves)
		range.inner = range.outer;
	if (to_themselves || !reader->single || reader->map->count >= MOST_RANGES)
		return append(reader, range);
	/* Which ids inside was not asked for: they make room for the single id. */
	append_around(reader->map, &range, reader->single->inner, reader->single->outer);
	return 0;
}

static int append_own(const struct map_reader *reader)
{
	const char *path = reader->kind->own_map;
	struct journal *journal = reader->facts->journal;
	struct line_reader lines = {.descriptor = journal_open(journal, path), .journal = journal};
	struct record line;
	const char *text = line.line;
	struct id_range range;
	int result = 0;

	if (lines.descriptor < 0) {
		complain_of(errno, "cannot read %s", path);
		(void)advise_proc(errno);
		return -1;
	}
	for (; result == 0 && next_record(&lines, &line); text = line.line) {
		if (line.overlong || !read_map_line(&text, &range))
			result = complain("malformed line in %s", path);
		/* An id in the caller's namespace is `outer` for the new one. */
		else
			result = append(reader,
					(struct id_range){range.inner, range.inner, range.count});
	}
	close(lines.descriptor);
	if (result == 0 && lines.error)
		result = complain_of(lines.error, "cannot read %s", path);
	return result;
}

static int append_source(const struct map_reader *reader, const struct map_source *source)
{
	if (source->kind == GIVEN_RANGE)
		return append(reader, source->range);
	if (source->kind == ALL_RANGES)
		return append_own(reader);
	return append_subordinate(reader, source->kind == SUBORDINATE_RANGE);
}

static int read_map(const struct map_reader *reader, const struct map_sources *sources, char *text)
{
	struct id_map *map = reader->map;
	const char *option = reader->kind->option;
	const struct id_range *pair[2];

	map->count = 0;
	for (unsigned i = 0; i < sources->count; i++) {
		if (append_source(reader, &sources->list[i]) < 0)
			return -1;
	}
	if (find_overlap(map, pair))
		return complain("%s: ranges '%u:%u:%u' and '%u:%u:%u' overlap", option,
				pair[0]->inner, pair[0]->outer, pair[0]->count, pair[1]->inner,
				pair[1]->outer, pair[1]->count);
	if (reader->single)
		map_single_id(map, reader->single->inner, reader->single->outer);
	/* Splitting makes no overlaps, but it may make one range too many. */
	if (map->count > MOST_RANGES)
		return too_many_ranges(reader);
	if (!write_map_text(map, text))
		return complain("%s: the map is longer than the kernel's %d bytes", option,
				MAP_TEXT_SIZE - 1);
	return 0;
}

static bool uses_subordinate_ids(const struct map_sources *sources)
{
	for (unsigned i = 0; i < sources->count; i++) {
		if (sources->list[i].kind == AUTO_RANGE ||
		    sources->list[i].kind == SUBORDINATE_RANGE)
			return true;
	}
	return false;
}

int read_maps(struct facts *facts, const struct request *request)
{
	struct id_map map;
	struct map_reader users = {facts, &user_kind, &map,
				   request->map_user.kind ? &facts->user : NULL, NULL};
	struct map_reader groups = {facts, &group_kind, &map,
				    request->map_group.kind ? &facts->group : NULL, NULL};
	struct room *room = facts->room;
	struct record line;
	int found = 0;

	if (uses_subordinate_ids(&request->map_users) || uses_subordinate_ids(&request->map_groups))
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
