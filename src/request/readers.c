#include "options.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>

#include "message.h"

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

/* Stores a string that is not empty and of which the kernel takes at most so many bytes. */
static int store_string(const struct option_row *option, const char *argument, size_t most,
			const char **stored)
{
	if (!*argument)
		return complain("option '--%s' needs an argument: %s", option->name,
				option->argument_name);
	if (strlen(argument) > most)
		return complain("--%s takes at most the kernel's %l bytes, not '%s'", option->name,
				(long long)most, argument);
	*stored = argument;
	return 0;
}

const struct word_list *list_words(const struct option_row *option)
{
	static const struct word_list lists[] = {
	    {"mode",
	     "private|shared|slave|unchanged",
	     {0, MS_REC | MS_PRIVATE, MS_REC | MS_SHARED, MS_REC | MS_SLAVE, 0}},
	    {"range", "auto|subids|all", {GIVEN_RANGE, AUTO_RANGE, SUBORDINATE_RANGE, ALL_RANGES}},
	    {"shell", "bash|zsh|fish", {RUN, SHOW_BASH, SHOW_ZSH, SHOW_FISH}},
	    {"allow|deny", "allow|deny", {SETGROUPS_UNTOUCHED, SETGROUPS_ALLOW, SETGROUPS_DENY}},
	    {"text|json", "text|json", {TEXT_OUTPUT, TEXT_OUTPUT, JSON_OUTPUT}},
	    {"all", "all", {SHOW_HELP, SHOW_WHOLE_HELP}},
	};

	for (size_t i = 0; option->argument_name && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(option->argument_name, lists[i].argument_name) == 0)
			return &lists[i];
	}
	return NULL;
}

unsigned find_word(const char *words, const char *word, size_t length)
{
	for (unsigned i = 1;; i++) {
		size_t end = strcspn(words, "|");

		if (end == length && memcmp(words, word, length) == 0)
			return i;
		if (!words[end])
			return 0;
		words += end + 1;
	}
}

int read_word(struct request *request, const struct option_row *option, const char *argument)
{
	const struct word_list *list = list_words(option);
	unsigned word = argument ? find_word(list->words, argument, strlen(argument)) : 0;

	if (argument && !word)
		return complain("'%s' is none of %s, which --%s takes", argument, list->words,
				option->name);
	*(unsigned *)stored_at(request, option) = list->meanings[word];
	return 0;
}

int read_namespace(struct request *request, const struct option_row *option, const char *argument)
{
	request->namespaces |= namespace_types[option->where].bit;
	if (!argument)
		return 0;
	request->has_pins = true;
	return store_string(option, argument, PATH_MAX - 1, &request->pins[option->where]);
}

int read_proc(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option;
	request->proc = argument ? argument : "/proc";
	return 0;
}

int read_binfmt(struct request *request, const struct option_row *option, const char *argument)
{
	enum { LONGEST_PLACE = PATH_MAX - sizeof("/register") };

	if (argument)
		return store_string(option, argument, LONGEST_PLACE, &request->binfmt);
	request->binfmt = "/proc/sys/fs/binfmt_misc";
	/* It lies in /proc, which must be that of the new namespaces. */
	if (!request->proc)
		request->proc = "/proc";
	return 0;
}

int read_interpreter(struct request *request, const struct option_row *option, const char *argument)
{
	/* binfmt_misc's register file takes at most this much in one write. */
	enum { LONGEST_REGISTRATION = 1920 };

	return store_string(option, argument, LONGEST_REGISTRATION, &request->interpreter);
}

int read_kill_child(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option;
	request->kill_child = argument ? signal_number(argument) : SIGKILL;
	return request->kill_child ? 0 : complain("'%s' is not a signal", argument);
}

int read_wanted_id(struct request *request, const struct option_row *option, const char *argument)
{
	struct wanted_id *wanted = stored_at(request, option);
	bool is_name = *argument && !strchr("+-0123456789 \t", *argument);
	uint64_t number = 0;

	if (!is_name && !read_number(argument, HIGHEST_ID, &number))
		return complain("'%s' is not an id from 0 to %u", argument, HIGHEST_ID);
	*wanted = (struct wanted_id){is_name ? TO_NAME : TO_ID, (uint32_t)number, argument};
	return 0;
}

int read_map_self(struct request *request, const struct option_row *option, const char *argument)
{
	(void)argument;
	request->map_user = (struct wanted_id){.kind = option->letter == 'r' ? TO_ID : TO_CURRENT};
	request->map_group = request->map_user;
	return 0;
}

/* inner:outer:count, or outer,inner,count as unshare 2.38 had it. */
static bool read_range(const char *argument, struct id_range *range)
{
	uint64_t first, second, count;
	bool old_form;

	if (!read_number_until(&argument, ":,", UINT32_MAX, &first))
		return false;
	old_form = argument[-1] == ',';
	if (!read_number_until(&argument, old_form ? "," : ":", UINT32_MAX, &second) ||
	    !read_number(argument, UINT32_MAX, &count))
		return false;
	range->inner = (uint32_t)(old_form ? second : first);
	range->outer = (uint32_t)(old_form ? first : second);
	range->count = (uint32_t)count;
	return true;
}

static int add_source(const struct option_row *option, struct map_sources *sources,
		      struct map_source source)
{
	if (sources->count == MOST_RANGES)
		return complain("--%s asks for one range more than the kernel's %d", option->name,
				MOST_RANGES);
	sources->list[sources->count++] = source;
	sources->has_subordinate |= source.kind == AUTO_RANGE || source.kind == SUBORDINATE_RANGE;
	return 0;
}

int read_map_source(struct request *request, const struct option_row *option, const char *argument)
{
	struct map_source source = {.kind = GIVEN_RANGE};

	/* First, since hundreds of ranges may be given. */
	if (!read_range(argument, &source.range)) {
		const struct word_list *list = list_words(option);
		unsigned word = find_word(list->words, argument, strlen(argument));

		if (!word)
			return complain("'%s' is not a range: --%s takes inner:outer:count, auto, "
					"subids or all",
					argument, option->name);
		source.kind = list->meanings[word];
	} else if (source.range.count == 0) {
		return complain("range '%s' is empty", argument);
	} else if (!range_is_valid(&source.range)) {
		return complain("range '%s' goes beyond the highest id, %u", argument, HIGHEST_ID);
	}
	return add_source(option, stored_at(request, option), source);
}

int read_map_both(struct request *request, const struct option_row *option, const char *argument)
{
	struct map_source source = {.kind = (enum map_source_kind)option->where};

	(void)argument;
	if (add_source(option, &request->map_users, source) < 0)
		return -1;
	return add_source(option, &request->map_groups, source);
}

int read_owner(struct request *request, const struct option_row *option, const char *argument)
{
	const char *rest = argument;
	uint64_t user, group;

	if (!read_number_until(&rest, ":", HIGHEST_ID, &user) ||
	    !read_number(rest, HIGHEST_ID, &group))
		return complain("'%s' is not an owner: --%s takes uid:gid, each from 0 to %u",
				argument, option->name, HIGHEST_ID);
	request->has_owner = true;
	request->owner_user = (uint32_t)user;
	request->owner_group = (uint32_t)group;
	return 0;
}

int read_seconds(struct request *request, const struct option_row *option, const char *argument)
{
	bool negative = *argument == '-';
	uint64_t seconds;

	if (!read_number(argument + negative, INT64_MAX, &seconds))
		return complain("'%s' is not a number of seconds", argument);
	/* The option has the name that the kernel gives the clock (time_namespaces(7)). */
	print_into(stored_at(request, option), sizeof(request->monotonic), "%s %l 0\n",
		   option->name, negative ? -(long long)seconds : (long long)seconds);
	return 0;
}

/* Keeps the lists in words of argv that have been read. Each list was one of them itself. */
int read_kept_variables(struct request *request, const struct option_row *option,
			const char *argument)
{
	(void)option;
	request->kept_variables = request->command;
	request->kept_variables[request->kept_lists++] = (char *)argument;
	return 0;
}

int read_descriptor(struct request *request, const struct option_row *option, const char *argument)
{
	uint64_t number;

	(void)option;
	if (!read_number(argument, INT_MAX, &number))
		return complain("'%s' is not a file descriptor", argument);
	request->report_descriptor = (int)number;
	if (request->report == NO_OUTPUT)
		request->report = TEXT_OUTPUT;
	return 0;
}

int read_hostname(struct request *request, const struct option_row *option, const char *argument)
{
	enum { LONGEST_HOSTNAME = 64 }; /* sethostname(2): __NEW_UTS_LEN */

	return store_string(option, argument, LONGEST_HOSTNAME, &request->hostname);
}

/* At once, since what follows on the command line may call for hints. */
int read_quiet(struct request *request, const struct option_row *option, const char *argument)
{
	(void)request, (void)option, (void)argument;
	quiet = true;
	return 0;
}

int read_version(struct request *request, const struct option_row *option, const char *argument)
{
	(void)option, (void)argument;
	request->purpose = SHOW_VERSION;
	return 0;
}
