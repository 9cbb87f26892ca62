#include "operations.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "message.h"
#include "number.h"

enum { LINK_SIZE = 48 };

/* What /proc/PID/ns shows: the last two are the types that unshare(2) keeps for
 * children (namespaces(7)). */
static const char *const links[] = {"mnt",
				    "uts",
				    "ipc",
				    "net",
				    "pid",
				    "user",
				    "cgroup",
				    "time",
				    "pid_for_children",
				    "time_for_children"};
enum { TIME_LINK = 7, TIME_FOR_CHILDREN_LINK = 9 };
enum { LINKS = sizeof(links) / sizeof(links[0]) };

/* Filled by the launcher before the fork, read by the program after it. */
static char before[LINKS][LINK_SIZE];

struct state {
	char host_pid[16];
	int pid;
	unsigned user, group;
	char after[LINKS][LINK_SIZE];
	char user_map[MAP_TEXT_SIZE * 3];
	char group_map[MAP_TEXT_SIZE * 3];
};

/* Reads a link below the launcher's /proc in to found, NUL-terminated. */
static int read_link(struct stage *stage, const char *path, char *found, size_t size)
{
	ssize_t length = performs(stage) ? readlinkat(stage->proc, path, found, size - 1) : 0;

	found[length > 0 ? length : 0] = '\0';
	return settle(stage, length, "readlinkat(proc, %q, buffer, %l)", path, (long long)size - 1);
}

/* The same for a file. */
static int read_file(struct stage *stage, const char *path, char *found, size_t size)
{
	int file = performs(stage) ? openat(stage->proc, path, O_RDONLY | O_CLOEXEC) : 0;
	ssize_t length = 0;

	found[0] = '\0';
	if (settle(stage, file, "openat(proc, %q, O_RDONLY|O_CLOEXEC)", path) < 0)
		return -1;
	if (performs(stage))
		length = read(file, found, size - 1);
	found[length > 0 ? length : 0] = '\0';
	return close_after(stage, file,
			   settle(stage, length, "read(file, buffer, %l)", (long long)size - 1));
}

/* A type that this kernel lacks, or a PID namespace without a process, has no link. */
static int read_links(struct stage *stage, char found[LINKS][LINK_SIZE])
{
	for (unsigned i = 0; i < LINKS; i++) {
		char path[40];

		print_into(path, sizeof(path), "self/ns/%s", links[i]);
		if (read_link(stage, path, found[i], LINK_SIZE) < 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

static bool has_any(char found[LINKS][LINK_SIZE])
{
	for (unsigned i = 0; i < LINKS; i++) {
		if (*found[i])
			return true;
	}
	return false;
}

int list_namespaces(struct stage *stage, const struct step *step)
{
	/* One that is not open yet would become one of nsrun's own. */
	if (performs(stage) && fcntl(step->report.descriptor, F_GETFD) < 0) {
		complain_of(errno, "cannot write the report to descriptor %d",
			    step->report.descriptor);
		errno = EBADF;
		return -1;
	}
	stage->proc = performs(stage) ? open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC) : 0;
	(void)settle(stage, stage->proc, "open(\"/proc\", O_PATH|O_DIRECTORY|O_CLOEXEC)");
	if (stage->proc < 0 && errno != ENOENT)
		return -1;
	if (stage->proc >= 0 && read_links(stage, before) < 0)
		return -1;
	if (!performs(stage) || has_any(before))
		return 0;
	complain("cannot report: no proc is mounted at /proc");
	errno = ENODEV;
	return -1;
}

static bool is_new(const struct state *state, unsigned i)
{
	return strcmp(before[i], state->after[i]) != 0;
}

/* One line of a map, its columns with just one gap between them. */
static void add_columns(struct text *text, const char *line, size_t length, char gap)
{
	bool any = false;

	for (size_t i = 0; i < length; i++) {
		if (line[i] == ' ')
			continue;
		if (any && line[i - 1] == ' ')
			text_character(text, gap);
		text_character(text, line[i]);
		any = true;
	}
}

/* "0 1000 1" lines become [[0,1000,1],…] or "0 1000 1, …". */
static void add_map(struct text *text, const char *map, bool json)
{
	if (json)
		text_character(text, '[');
	if (!json && !*map)
		text_print(text, "none: every id shows as the overflow id");
	while (*map) {
		size_t length = strcspn(map, "\n");

		text_print(text, json ? "[" : "");
		add_columns(text, map, length, json ? ',' : ' ');
		text_print(text, json ? "]" : "");
		map += length + (map[length] == '\n');
		if (*map)
			text_print(text, json ? "," : ", ");
	}
	if (json)
		text_character(text, ']');
}

static void add_json(struct text *text, const struct state *state)
{
	bool first = true;

	text_print(text, "{\"pid\":{\"host\":%s,\"inside\":%d},\"uid\":%u,\"gid\":%u,\"uid_map\":",
		   *state->host_pid ? state->host_pid : "null", state->pid, state->user,
		   state->group);
	add_map(text, state->user_map, true);
	text_print(text, ",\"gid_map\":");
	add_map(text, state->group_map, true);
	text_print(text, ",\"namespaces\":{");
	for (unsigned i = 0; i < LINKS; i++) {
		if (!*before[i] && !*state->after[i])
			continue;
		text_print(text, "%s%j:{\"before\":%j,\"after\":%j,\"new\":%s}", first ? "" : ",",
			   links[i], before[i], state->after[i],
			   is_new(state, i) ? "true" : "false");
		first = false;
	}
	text_print(text, "}}\n");
}

static void add_table(struct text *text, const struct state *state)
{
	enum { NAME_WIDTH = 19, LINK_WIDTH = 21 };

	text_column(text, "NAMESPACE", NAME_WIDTH);
	text_column(text, "BEFORE", LINK_WIDTH);
	text_column(text, "AFTER", LINK_WIDTH);
	text_print(text, "IS\n");
	for (unsigned i = 0; i < LINKS; i++) {
		if (!*before[i] && !*state->after[i])
			continue;
		text_column(text, links[i], NAME_WIDTH);
		text_column(text, before[i], LINK_WIDTH);
		text_column(text, *state->after[i] ? state->after[i] : "(none yet)", LINK_WIDTH);
		text_print(text, is_new(state, i) ? "new\n" : "shared\n");
	}
	text_print(text, "pid  %s on the host, %d inside\n",
		   *state->host_pid ? state->host_pid : "unknown", state->pid);
	text_print(text, "uid  %u inside, map: ", state->user);
	add_map(text, state->user_map, false);
	text_print(text, "\ngid  %u inside, map: ", state->group);
	add_map(text, state->group_map, false);
	text_character(text, '\n');
}

/* Since Linux 6.3 a process enters the time namespace for its children when it executes
 * a program. A kernel that is older has the child enter it at the fork. */
static bool exec_enters_time_namespace(struct stage *stage)
{
	struct utsname kernel = {.release = ""};
	const char *position = kernel.release;
	uint64_t major, minor;

	return tell_call(stage, performs(stage) ? uname(&kernel) : 0, "uname(&kernel)") == 0 &&
	       read_number_until(&position, ".", INT_MAX, &major) &&
	       (major > 6 ||
		(major == 6 && read_number_until(&position, ".-", INT_MAX, &minor) && minor >= 3));
}

static void read_ids(struct stage *stage, struct state *state)
{
	state->pid = (int)tell_call(stage, performs(stage) ? getpid() : 1, "getpid()");
	state->user = (unsigned)tell_call(stage, performs(stage) ? geteuid() : 0, "geteuid()");
	state->group = (unsigned)tell_call(stage, performs(stage) ? getegid() : 0, "getegid()");
}

/* Through the launcher's view of /proc, which knows this process by the host's pid and
 * is there even where the new root has no /proc. */
int report(struct stage *stage, const struct step *step)
{
	struct state state = {.host_pid = ""};
	/* Room for all but the longest maps, so that the report is one write. */
	char buffer[4096];
	long length;
	struct text text = text_to(step->report.descriptor, buffer, sizeof(buffer));

	if (read_link(stage, "self", state.host_pid, sizeof(state.host_pid)) < 0 ||
	    read_links(stage, state.after) < 0 ||
	    read_file(stage, "self/uid_map", state.user_map, sizeof(state.user_map)) < 0 ||
	    read_file(stage, "self/gid_map", state.group_map, sizeof(state.group_map)) < 0)
		return -1;
	read_ids(stage, &state);
	if (exec_enters_time_namespace(stage) && *state.after[TIME_FOR_CHILDREN_LINK])
		memcpy(state.after[TIME_LINK], state.after[TIME_FOR_CHILDREN_LINK], LINK_SIZE);
	if (performs(stage) && step->report.json)
		add_json(&text, &state);
	else if (performs(stage))
		add_table(&text, &state);
	length = (long)text.length;
	text_flush(&text);
	errno = text.error;
	return settle(stage, text.error ? -1 : length, "write(%d, report, length)",
		      step->report.descriptor);
}
