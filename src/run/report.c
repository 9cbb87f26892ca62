#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "message.h"

struct state {
	char host_pid[16];
	int pid;
	unsigned user, group;
	char (*before)[LINK_SIZE];
	char after[REPORTED_LINKS][LINK_SIZE];
	char user_map[MAP_TEXT_SIZE * 4];
	char group_map[MAP_TEXT_SIZE * 4];
};

/* The last two are the types that unshare(2) keeps for children (namespaces(7)). */
enum { PID_FOR_CHILDREN = NAMESPACE_TYPES, TIME_FOR_CHILDREN };

static const char *link_name(unsigned i)
{
	if (i < NAMESPACE_TYPES)
		return namespace_types[i].link;
	return namespace_types[i == PID_FOR_CHILDREN ? PID_NAMESPACE : TIME_NAMESPACE].new_link;
}

/* Reads a link below the launcher's /proc into found, NUL-terminated. */
static int read_link(struct stage *stage, const char *path, char *found, size_t size)
{
	int length = MAKE_CALL(stage, readlinkat(stage->proc, path, found, size - 1),
			       "readlinkat(proc, %q, buffer, %l)", path, (long long)size - 1);

	found[length > 0 ? length : 0] = '\0';
	return length;
}

/* The same for a map. A read(2) gives at most a page of whole lines, each of at most LONGEST_LINE
 * bytes. One that leaves room for another line is the last. */
static int read_map(struct stage *stage, const char *path, char *found, size_t size)
{
	enum { LONGEST_LINE = 33 };
	int file = MAKE_CALL(stage, openat(stage->proc, path, O_RDONLY | O_CLOEXEC),
			     "openat(proc, %q, O_RDONLY|O_CLOEXEC)", path);
	size_t length = 0;
	int result;

	if (file < 0)
		return -1;
	do {
		result = MAKE_CALL(stage, read(file, found + length, MAP_TEXT_SIZE),
				   "read(file, buffer, %d)", MAP_TEXT_SIZE);
		length += result > 0 ? (size_t)result : 0;
	} while (result > MAP_TEXT_SIZE - LONGEST_LINE && length + MAP_TEXT_SIZE < size);
	found[length] = '\0';
	return close_after(stage, file, result);
}

/* A type that this kernel lacks, or a PID namespace without a process, has no link. */
static int read_links(struct stage *stage, char found[REPORTED_LINKS][LINK_SIZE])
{
	for (unsigned i = 0; i < REPORTED_LINKS; i++) {
		char path[40];

		print_into(path, sizeof(path), "self/ns/%s", link_name(i));
		if (read_link(stage, path, found[i], LINK_SIZE) < 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

int list_namespaces(struct stage *stage)
{
	const struct step *step = stage->step;
	/* A descriptor that is not open yet would become one of nsrun's own. */
	if (performs(stage) && fcntl(step->report.descriptor, F_GETFD) < 0)
		return complain("cannot write the report to descriptor %d: %m",
				step->report.descriptor);
	stage->proc = MAKE_CALL(stage, open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC),
				"open(\"/proc\", O_PATH|O_DIRECTORY|O_CLOEXEC)");
	if (stage->proc < 0 && errno != ENOENT)
		return -1;
	step->report.before[MOUNT_NAMESPACE][0] = '\0';
	if (stage->proc >= 0 && read_links(stage, step->report.before) < 0)
		return -1;
	if (!performs(stage) || step->report.before[MOUNT_NAMESPACE][0])
		return 0;
	errno = ENODEV;
	return complain("cannot report: no proc is mounted at /proc");
}

/* "0 1000 1" lines become [[0,1000,1],…] or "map 0 1000 1, …". */
static void add_map(struct text *text, const char *map, bool json)
{
	const char *format = json ? "%s[%u,%u,%u]" : "%s%u %u %u", *separator = "";
	struct id_range range;

	text_add(text, json ? "[" : *map ? "map " : "no map: every id shows as the overflow id");
	while (read_map_line(&map, &range)) {
		text_print(text, format, separator, range.inner, range.outer, range.count);
		separator = json ? "," : ", ";
	}
	text_add(text, json ? "]" : "");
}

static void add_json(struct text *text, const struct state *state)
{
	text_print(text, "{\"pid\":{\"host\":%s,\"inside\":%d},\"uid\":%u,\"gid\":%u,\"uid_map\":",
		   *state->host_pid ? state->host_pid : "null", state->pid, state->user,
		   state->group);
	add_map(text, state->user_map, true);
	text_print(text, ",\"gid_map\":");
	add_map(text, state->group_map, true);
	text_print(text, ",\"namespaces\":");
	for (unsigned i = 0; i < REPORTED_LINKS; i++) {
		const char *before = state->before[i], *after = state->after[i];

		if (*before || *after)
			text_print(text, "%s%j:{\"before\":%j,\"after\":%j,\"new\":%s}",
				   i == MOUNT_NAMESPACE ? "{" : ",", link_name(i), before, after,
				   strcmp(before, after) ? "true" : "false");
	}
	text_print(text, "}}\n");
}

static void add_id(struct text *text, const char *name, unsigned id, const char *map)
{
	const char *rest = map;
	struct id_range range;
	bool is_mapped = false;

	while (!is_mapped && read_map_line(&rest, &range))
		is_mapped = id - range.inner < range.count;
	text_print(text, "%s  %u inside, ", name, id);
	if (is_mapped)
		text_print(text, "%u on the host (", range.outer + id - range.inner);
	else
		text_add(text, "not mapped (");
	add_map(text, map, false);
	text_add(text, ")\n");
}

static bool is_coloured(const struct stage *stage, int descriptor)
{
	struct winsize size;
	int result = performs(stage) ? ioctl(descriptor, TIOCGWINSZ, &size) : 0;

	return tell_call(stage, result, "ioctl(%d, TIOCGWINSZ, &size)", descriptor) == 0 &&
	       colours_are_allowed();
}

static void add_table(struct text *text, const struct state *state, const char *is_new)
{
	enum { NAME_WIDTH = 19, LINK_WIDTH = 21 };

	text_add(text, "NAMESPACE          BEFORE               AFTER                IS\n");
	for (unsigned i = 0; i < REPORTED_LINKS; i++) {
		const char *before = state->before[i], *after = state->after[i];

		if (!*before && !*after)
			continue;
		text_column(text, link_name(i), NAME_WIDTH);
		text_column(text, before, LINK_WIDTH);
		text_column(text, *after ? after : "(none yet)", LINK_WIDTH);
		text_add(text, strcmp(before, after) ? is_new : "shared\n");
	}
	text_print(text, "pid  %s on the host, %d inside\n",
		   *state->host_pid ? state->host_pid : "unknown", state->pid);
	add_id(text, "uid", state->user, state->user_map);
	add_id(text, "gid", state->group, state->group_map);
}

/* Through the launcher's view of /proc, which knows this process by the host's pid and is there
 * even where the new root has no /proc. */
int report(struct stage *stage)
{
	const struct step *step = stage->step;
	struct state state;
	bool coloured = !step->report.json && is_coloured(stage, step->report.descriptor);
	/* Room for all but the longest maps, so that the report is one write. */
	char buffer[4096];
	long length;
	struct text text = text_to(step->report.descriptor, buffer, sizeof(buffer));

	if (read_link(stage, "self", state.host_pid, sizeof(state.host_pid)) < 0 ||
	    read_links(stage, state.after) < 0 ||
	    read_map(stage, "self/uid_map", state.user_map, sizeof(state.user_map)) < 0 ||
	    read_map(stage, "self/gid_map", state.group_map, sizeof(state.group_map)) < 0)
		return -1;
	state.before = step->report.before;
	state.pid = (int)tell_call(stage, getpid(), "getpid()");
	state.user = (unsigned)tell_call(stage, geteuid(), "geteuid()");
	state.group = (unsigned)tell_call(stage, getegid(), "getegid()");
	/* A child enters the new time namespace by its exec at the latest (time_namespaces(7)). */
	if (step->by != LAUNCHER && *state.after[TIME_FOR_CHILDREN])
		memcpy(state.after[TIME_NAMESPACE], state.after[TIME_FOR_CHILDREN], LINK_SIZE);
	if (performs(stage) && step->report.json)
		add_json(&text, &state);
	else if (performs(stage))
		add_table(&text, &state, coloured ? "\033[1;32mnew\033[m\n" : "new\n");
	length = (long)text.length;
	text_flush(&text);
	errno = text.error;
	return settle(stage, text.error ? -1 : length, "write(%d, report, length)",
		      step->report.descriptor);
}
