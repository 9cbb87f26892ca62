#include "options.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>

#include "message.h"
#include "names.h"
#include "number.h"

static void *stored_at(struct request *request, const struct option_row *option)
{
	return (char *)request + option->where;
}

int read_switch(struct request *request, const struct option_row *option, const char *argument)
{
	(void)argument;
	*(bool *)stored_at(request, option) = true;
	return 0;
}

int read_string(struct request *request, const struct option_row *option, const char *argument)
{
	*(const char **)stored_at(request, option) = argument;
	return 0;
}

int read_namespace(struct request *request, const struct option_row *option, const char *argument)
{
	request->namespaces |= namespace_types[option->where].bit;
	if (!argument)
		return 0;
	if (!*argument)
		return complain("option '--%s=' needs the name of a file", option->name);
	request->pins[option->where] = argument;
	return 0;
}

int read_proc(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option;
	request->proc = argument ? argument : "/proc";
	return 0;
}

static void mount_binfmt_at_its_usual_place(struct request *request)
{
	/* The usual place lies in /proc, which must be that of the new namespaces. */
	if (!request->proc)
		request->proc = "/proc";
	request->binfmt = "/proc/sys/fs/binfmt_misc";
}

int read_binfmt(struct request *request, const struct option_row *option, const char *argument)
{
	enum { LONGEST_PLACE = PATH_MAX - sizeof("/register") };

	if (!argument)
		mount_binfmt_at_its_usual_place(request);
	else if (strlen(argument) > LONGEST_PLACE)
		return complain("--%s='%s' is too long a name for the kernel", option->name,
				argument);
	else
		request->binfmt = argument;
	return 0;
}

int read_interpreter(struct request *request, const struct option_row *option, const char *argument)
{
	/* binfmt_misc's register file takes at most this much in one write. */
	enum { LONGEST_REGISTRATION = 1920 };

	if (!*argument)
		return complain("option '--%s' needs a line for binfmt_misc", option->name);
	if (strlen(argument) > LONGEST_REGISTRATION)
		return complain("interpreter line '%s' is longer than the kernel's %d bytes",
				argument, LONGEST_REGISTRATION);
	if (!request->binfmt)
		mount_binfmt_at_its_usual_place(request);
	request->interpreter = argument;
	return 0;
}

int read_propagation(struct request *request, const struct option_row *option, const char *argument)
{
	static const unsigned long modes[] = {MS_REC | MS_PRIVATE, MS_REC | MS_SHARED,
					      MS_REC | MS_SLAVE, 0};
	int mode = find_word(option, argument);

	if (mode < 0)
		return complain("'%s' is not a propagation: --%s takes private, shared, slave or "
				"unchanged",
				argument, option->name);
	request->propagation = modes[mode];
	return 0;
}

int read_kill_child(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option;
	request->kill_child = argument ? signal_number(argument) : SIGKILL;
	if (!request->kill_child)
		return complain("'%s' is not a signal", argument);
	return 0;
}

static int read_id(const char *argument, uint32_t *id)
{
	uint64_t number;

	if (!read_number(argument, HIGHEST_ID, &number))
		return complain("'%s' is not an id from 0 to %u", argument, HIGHEST_ID);
	*id = (uint32_t)number;
	return 0;
}

int read_own_id(struct request *request, const struct option_row *option, const char *argument)
{
	struct optional_id *id = stored_at(request, option);

	id->given = true;
	return read_id(argument, &id->id);
}

int read_single_map(struct request *request, const struct option_row *option, const char *argument)
{
	struct single_map *map = stored_at(request, option);
	bool is_name = *argument && !strchr("+-0123456789 \t", *argument);

	map->kind = is_name ? TO_NAME : TO_ID;
	map->name = argument;
	return is_name ? 0 : read_id(argument, &map->id);
}

int read_map_root(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option, (void)argument;
	request->map_user = (struct single_map){.kind = TO_ID};
	request->map_group = (struct single_map){.kind = TO_ID};
	return 0;
}

int read_map_current(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option, (void)argument;
	request->map_user = (struct single_map){.kind = TO_CURRENT};
	request->map_group = (struct single_map){.kind = TO_CURRENT};
	return 0;
}

/* inner:outer:count, or outer,inner,count as unshare 2.38 had it. */
static bool read_range(const char *argument, struct id_range *range)
{
	const char *separator = ":";
	bool old_form;
	uint64_t first, second, count;

	if (!read_number_until(&argument, ":,", UINT32_MAX, &first))
		return false;
	old_form = argument[-1] == ',';
	if (old_form)
		separator = ",";
	if (!read_number_until(&argument, separator, UINT32_MAX, &second) ||
	    !read_number(argument, UINT32_MAX, &count))
		return false;
	range->inner = (uint32_t)(old_form ? second : first);
	range->outer = (uint32_t)(old_form ? first : second);
	range->count = (uint32_t)count;
	return true;
}

static int add_map_source(struct map_sources *sources, const struct option_row *option,
			  const char *argument)
{
	static const enum map_source_kind kinds[] = {AUTO_RANGE, SUBORDINATE_RANGE, ALL_RANGES};
	struct map_source source = {.kind = GIVEN_RANGE};
	bool given = read_range(argument, &source.range);
	int word = given ? -1 : find_word(option, argument);

	if (sources->count == MOST_RANGES)
		return complain("--%s=%s is one range more than the kernel's %d", option->name,
				argument, MOST_RANGES);
	if (!given && word < 0)
		return complain(
		    "'%s' is not a range: --%s takes inner:outer:count, auto, subids or all",
		    argument, option->name);
	if (given && source.range.count == 0)
		return complain("range '%s' is empty", argument);
	if (given && !range_is_valid(&source.range))
		return complain("range '%s' goes beyond the highest id, %u", argument, HIGHEST_ID);
	if (!given)
		source.kind = kinds[word];
	sources->list[sources->count++] = source;
	return 0;
}

int read_map_source(struct request *request, const struct option_row *option, const char *argument)
{
	struct map_sources **sources = stored_at(request, option);

	/* The room is left as it is until ranges are asked for. */
	if (!*sources) {
		*sources = &request->map_room[sources == &request->map_groups];
		(*sources)->count = 0;
	}
	return add_map_source(*sources, option, argument);
}

/* --map-auto and --map-subids: the name's end says which source is meant for both. */
int read_map_both(struct request *request, const struct option_row *option, const char *argument)
{
	struct option_row each = *option;

	(void)argument;
	each.argument_name = "range";
	argument = strrchr(option->name, '-') + 1;
	each.where = offsetof(struct request, map_users);
	if (read_map_source(request, &each, argument) < 0)
		return -1;
	each.where = offsetof(struct request, map_groups);
	return read_map_source(request, &each, argument);
}

int read_owner(struct request *request, const struct option_row *option, const char *argument)
{
	const char *rest = argument;
	uint64_t user, group;

	if (!read_number_until(&rest, ":", HIGHEST_ID, &user) ||
	    !read_number(rest, HIGHEST_ID, &group))
		return complain("'%s' is not an owner: --%s takes uid:gid, each from 0 to %u",
				argument, option->name, HIGHEST_ID);
	request->owner_user = (struct optional_id){true, (uint32_t)user};
	request->owner_group = (struct optional_id){true, (uint32_t)group};
	return 0;
}

int read_setgroups(struct request *request, const struct option_row *option, const char *argument)
{
	int word = find_word(option, argument);

	if (word < 0)
		return complain("'%s' is neither allow nor deny: --%s takes one of the two",
				argument, option->name);
	request->setgroups = word == 0 ? SETGROUPS_ALLOW : SETGROUPS_DENY;
	return 0;
}

int read_seconds(struct request *request, const struct option_row *option, const char *argument)
{
	struct optional_seconds *offset = stored_at(request, option);
	bool negative = *argument == '-';
	uint64_t seconds;

	if (!read_number(argument + negative, INT64_MAX, &seconds))
		return complain("'%s' is not a number of seconds", argument);
	offset->given = true;
	offset->seconds = negative ? -(int64_t)seconds : (int64_t)seconds;
	return 0;
}

/* No list needs more room than the word that it was. */
int read_kept_variables(struct request *request, const struct option_row *option,
			const char *argument)
{
	(void)option;
	request->kept_variables = request->command;
	request->kept_variables[request->kept_lists++] = (char *)argument;
	return 0;
}

int read_output(struct request *request, const struct option_row *option, const char *argument)
{
	int word = argument ? find_word(option, argument) : 0;

	if (word < 0)
		return complain("'%s' is neither text nor json: --%s takes one of the two",
				argument, option->name);
	*(enum output *)stored_at(request, option) = word == 0 ? TEXT_OUTPUT : JSON_OUTPUT;
	return 0;
}

int read_descriptor(struct request *request, const struct option_row *option, const char *argument)
{
	uint64_t number;

	(void)option;
	if (!read_number(argument, INT_MAX, &number))
		return complain("'%s' is not a file descriptor", argument);
	request->report_descriptor = (struct optional_id){true, (uint32_t)number};
	return 0;
}

int read_hostname(struct request *request, const struct option_row *option, const char *argument)
{
	enum { LONGEST_HOSTNAME = 64 }; /* sethostname(2): __NEW_UTS_LEN */

	if (!*argument)
		return complain("option '--%s' needs a name", option->name);
	if (strlen(argument) > LONGEST_HOSTNAME)
		return complain("hostname '%s' is longer than the kernel's %d bytes", argument,
				LONGEST_HOSTNAME);
	request->hostname = argument;
	return 0;
}

/* At once, since what follows on the command line may call for hints. */
int read_quiet(struct request *request, const struct option_row *option, const char *argument)
{
	(void)request, (void)option, (void)argument;
	be_quiet();
	return 0;
}

int read_help(struct request *request, const struct option_row *option, const char *argument)
{
	if (argument && find_word(option, argument) < 0)
		return complain("'%s' is not all: --%s takes nothing else", argument, option->name);
	request->purpose = argument ? SHOW_ALL_OPTIONS : SHOW_HELP;
	return 0;
}

int read_version(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option, (void)argument;
	request->purpose = SHOW_VERSION;
	return 0;
}

int read_completion(struct request *request, const struct option_row *option, const char *argument)
{
	if (find_word(option, argument) < 0)
		return complain("'%s' is none of bash, zsh and fish: --%s takes one of them",
				argument, option->name);
	request->purpose = SHOW_COMPLETION;
	request->shell = argument;
	return 0;
}
