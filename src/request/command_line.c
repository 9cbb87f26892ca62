#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "look.h"
#include "message.h"
#include "options.h"

/* As strncmp(3) == 0, which takes longer in musl, and hundreds of ranges may be given. */
static bool starts_with(const char *name, const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (name[i] != word[i])
			return false;
	}
	return true;
}

/* An exact name wins; otherwise the word must be the start of just one name. */
static const struct option_row *find_name(const char *word, size_t length)
{
	const struct option_row *candidate = NULL;
	unsigned candidates = 0;

	for (size_t i = 0; i < option_count; i++) {
		if (!starts_with(options[i].name, word, length))
			continue;
		if (options[i].name[length] == '\0')
			return &options[i];
		candidate = &options[i];
		candidates++;
	}
	if (candidates == 1)
		return candidate;
	complain(candidates > 1 ? "option '--%s' is ambiguous" : "unrecognized option '--%s'",
		 word);
	(void)hint_name(word, length);
	return NULL;
}

/* Takes the next word, if the option, which was given in that form, still needs an argument. */
static int take_argument(struct option_cursor *cursor, const char *dashes, const char *name)
{
	if (cursor->argument || cursor->option->argument != REQUIRED_ARGUMENT)
		return 0;
	cursor->argument = *cursor->next;
	if (!cursor->argument)
		return complain("option '%s%s' needs an argument: %s", dashes, name,
				cursor->option->argument_name);
	cursor->next++;
	return 0;
}

static int take_name(struct option_cursor *cursor, const char *word)
{
	size_t length = strcspn(word, "=");
	const struct option_row *option = cursor->option;

	/* Tried first: hundreds of ranges may be given by the same option. */
	if (!option || !starts_with(option->name, word, length) || option->name[length])
		option = find_name(word, length);
	if (!option)
		return -1;
	cursor->option = option;
	cursor->argument = word[length] ? word + length + 1 : NULL;
	if (cursor->argument && option->argument == NO_ARGUMENT)
		return complain("option '--%s' takes no argument, but '%s' was given", option->name,
				cursor->argument);
	return take_argument(cursor, "--", option->name);
}

static int take_letter(struct option_cursor *cursor)
{
	char letter[] = {*cursor->letters++, '\0'};
	const struct option_row *option = options, *end = options + option_count;

	while (option < end && option->letter != *letter)
		option++;
	if (option == end) {
		complain("unrecognized option '-%s' in '%s'", letter, cursor->next[-1]);
		hint_letter(letter);
		return -1;
	}
	cursor->option = option;
	cursor->argument = NULL;
	/* The argument of a letter that needs one is the rest of its word, or the next
	 * word; optional arguments belong to names only, as in unshare(1). */
	if (option->argument == REQUIRED_ARGUMENT && *cursor->letters) {
		cursor->argument = cursor->letters;
		cursor->letters = "";
	}
	return take_argument(cursor, "-", letter);
}

int next_option(struct option_cursor *cursor)
{
	const char *word = *cursor->next;

	if (!*cursor->letters && word && word[0] == '-' && word[1]) {
		cursor->next++;
		if (word[1] == '-' && word[2])
			return take_name(cursor, word + 2);
		if (word[1] != '-')
			cursor->letters = word + 1;
	}
	if (*cursor->letters)
		return take_letter(cursor);
	cursor->option = NULL;
	return 0;
}

static void apply_implications(struct request *request)
{
	if (request->interpreter && !request->binfmt)
		(void)read_binfmt(request, NULL, NULL);
	if (request->proc || request->binfmt || request->pivot_root)
		request->namespaces |= namespace_types[MOUNT_NAMESPACE].bit;
	if (request->binfmt || request->map_user.kind || request->map_group.kind ||
	    request->map_users.count || request->map_groups.count || request->has_owner)
		request->namespaces |= namespace_types[USER_NAMESPACE].bit;
	if (request->init)
		request->namespaces |= namespace_types[PID_NAMESPACE].bit;
	if (request->hostname)
		request->namespaces |= namespace_types[UTS_NAMESPACE].bit;
	if (request->loopback)
		request->namespaces |= namespace_types[NETWORK_NAMESPACE].bit;
	if (request->kill_child || request->forward_signals || request->init)
		request->fork = true;
}

static int check_request(const struct request *request)
{
	if ((*request->monotonic || *request->boottime) && !request->all &&
	    !has_namespace(request->namespaces, TIME_NAMESPACE))
		return complain("--%s needs --time: only a new time namespace has offsets",
				*request->monotonic ? "monotonic" : "boottime");
	/* user_namespaces(7): an unprivileged gid map needs setgroups denied first. */
	if (request->setgroups == SETGROUPS_ALLOW && request->map_group.kind != NOT_GIVEN &&
	    !request->map_groups.count && !request->has_owner)
		return complain("--setgroups=allow cannot go with a map of a single group "
				"(--map-group, -r or -c): the kernel wants setgroups denied first");
	if (request->root && request->pivot_root)
		return complain("--root and --pivot-root both change the root: give one of them");
	if (request->pins[PID_NAMESPACE] && !request->fork)
		return complain("--pid=%s needs --fork: the namespace exists only once it has a "
				"process in it",
				request->pins[PID_NAMESPACE]);
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		for (unsigned j = 0; request->pins[i] && j < i; j++) {
			if (request->pins[j] && strcmp(request->pins[i], request->pins[j]) == 0)
				return complain("file '%s' is given for two namespaces",
						request->pins[i]);
		}
	}
	return 0;
}

int read_options(struct request *request, char **argv)
{
	struct option_cursor cursor = {.next = argv + 1, .letters = ""};

	request->command = cursor.next;
	request->propagation = MS_REC | MS_PRIVATE;
	request->report_descriptor = STDERR_FILENO;
	while (request->purpose == RUN) {
		if (next_option(&cursor) < 0)
			return -1;
		if (!cursor.option)
			break;
		if (cursor.option->read(request, cursor.option, cursor.argument) < 0) {
			(void)advise_equals(cursor.argument);
			return -1;
		}
	}
	request->command = cursor.next;
	if (request->purpose != RUN)
		return 0;
	apply_implications(request);
	return check_request(request);
}
