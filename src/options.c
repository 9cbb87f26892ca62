#include "options.h"

#include <string.h>
#include <sys/mount.h>

#include "message.h"
#include "suggest.h"

#define IN_REQUEST(field) offsetof(struct request, field)

/* The one list of options: reading, help and completion follow it, and a test holds
 * the manual page to it. */
const struct option_row options[] = {
    {"mount", 'm', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS | ESSENTIAL, "mounts of its own",
     read_namespace, MOUNT_NAMESPACE},
    {"uts", 'u', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS | ESSENTIAL, "hostname of its own",
     read_namespace, UTS_NAMESPACE},
    {"ipc", 'i', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS,
     "System V IPC and message queues of its own", read_namespace, IPC_NAMESPACE},
    {"net", 'n', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS | ESSENTIAL, "network of its own",
     read_namespace, NETWORK_NAMESPACE},
    {"pid", 'p', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS | ESSENTIAL,
     "process ids of its own, for children: see --fork", read_namespace, PID_NAMESPACE},
    {"user", 'U', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS | ESSENTIAL,
     "users, groups and capabilities of its own", read_namespace, USER_NAMESPACE},
    {"cgroup", 'C', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS, "view of cgroups of its own",
     read_namespace, CGROUP_NAMESPACE},
    {"time", 'T', OPTIONAL_ARGUMENT, "file", NAMESPACE_OPTIONS, "clocks of its own, for children",
     read_namespace, TIME_NAMESPACE},
    {"all", 'a', NO_ARGUMENT, NULL, NAMESPACE_OPTIONS | ESSENTIAL,
     "each type that the kernel offers", read_switch, IN_REQUEST(all)},

    {"fork", 'f', NO_ARGUMENT, NULL, PROCESS_OPTIONS | ESSENTIAL,
     "run the program as a child: with --pid, as PID 1", read_switch, IN_REQUEST(fork)},
    {"kill-child", 0, OPTIONAL_ARGUMENT, "signal", PROCESS_OPTIONS | ESSENTIAL,
     "kill the child when nsrun dies; implies --fork", read_kill_child, 0},
    {"forward-signals", 0, NO_ARGUMENT, NULL, PROCESS_OPTIONS,
     "TERM and INT go on to the child; implies --fork", read_switch, IN_REQUEST(forward_signals)},
    {"init", 0, NO_ARGUMENT, NULL, PROCESS_OPTIONS | ESSENTIAL,
     "run it below a small init; implies --pid --fork", read_switch, IN_REQUEST(init)},

    {"mount-proc", 0, OPTIONAL_ARGUMENT, "dir", FILE_SYSTEM_OPTIONS | ESSENTIAL,
     "mount a new proc at dir (/proc); implies --mount", read_proc, 0},
    {"mount-binfmt", 0, OPTIONAL_ARGUMENT, "dir", FILE_SYSTEM_OPTIONS,
     "mount a new binfmt_misc at dir; implies --mount --user", read_binfmt, 0},
    {"load-interp", 'l', REQUIRED_ARGUMENT, "line", FILE_SYSTEM_OPTIONS,
     "register line with binfmt_misc; implies --mount-binfmt", read_interpreter, 0},
    {"propagation", 0, REQUIRED_ARGUMENT, "mode", FILE_SYSTEM_OPTIONS,
     "of mounts: private (default), shared, slave, unchanged", read_propagation, 0},
    {"root", 'R', REQUIRED_ARGUMENT, "dir", FILE_SYSTEM_OPTIONS | ESSENTIAL,
     "change the root with chroot(2)", read_string, IN_REQUEST(root)},
    {"pivot-root", 0, REQUIRED_ARGUMENT, "dir", FILE_SYSTEM_OPTIONS,
     "change the root with pivot_root(2); implies --mount", read_string, IN_REQUEST(pivot_root)},
    {"wd", 'w', REQUIRED_ARGUMENT, "dir", FILE_SYSTEM_OPTIONS,
     "change the working directory, after the root", read_string, IN_REQUEST(directory)},

    {"map-root-user", 'r', NO_ARGUMENT, NULL, ID_OPTIONS | ESSENTIAL,
     "be root inside; all --map options imply --user", read_map_root, 0},
    {"map-current-user", 'c', NO_ARGUMENT, NULL, ID_OPTIONS | ESSENTIAL,
     "be the same user and group inside", read_map_current, 0},
    {"map-user", 0, REQUIRED_ARGUMENT, "uid|name", ID_OPTIONS, "be this user inside",
     read_single_map, IN_REQUEST(map_user)},
    {"map-group", 0, REQUIRED_ARGUMENT, "gid|name", ID_OPTIONS, "be in this group inside",
     read_single_map, IN_REQUEST(map_group)},
    {"map-users", 0, REQUIRED_ARGUMENT, "range", ID_OPTIONS,
     "map users: inner:outer:count, auto, subids or all", read_map_source, IN_REQUEST(map_users)},
    {"map-groups", 0, REQUIRED_ARGUMENT, "range", ID_OPTIONS, "map groups in the same way",
     read_map_source, IN_REQUEST(map_groups)},
    {"map-auto", 0, NO_ARGUMENT, NULL, ID_OPTIONS | ESSENTIAL, "map your subordinate ids from 0 up",
     read_map_both, 0},
    {"map-subids", 0, NO_ARGUMENT, NULL, ID_OPTIONS, "map your subordinate ids to themselves",
     read_map_both, 0},
    {"owner", 0, REQUIRED_ARGUMENT, "uid:gid", ID_OPTIONS,
     "whose the user namespace shall be; implies --user", read_owner, 0},
    {"setuid", 'S', REQUIRED_ARGUMENT, "uid", ID_OPTIONS, "run the program with this uid inside",
     read_own_id, IN_REQUEST(user)},
    {"setgid", 'G', REQUIRED_ARGUMENT, "gid", ID_OPTIONS,
     "run it with this gid, and no other groups", read_own_id, IN_REQUEST(group)},
    {"setgroups", 0, REQUIRED_ARGUMENT, "allow|deny", ID_OPTIONS,
     "may setgroups(2) be called in the user namespace?", read_setgroups, 0},
    {"keep-caps", 0, NO_ARGUMENT, NULL, ID_OPTIONS,
     "the program keeps its capabilities in the user namespace", read_switch,
     IN_REQUEST(keep_capabilities)},

    {"hostname", 0, REQUIRED_ARGUMENT, "name", SETTING_OPTIONS,
     "set the hostname inside; implies --uts", read_hostname, 0},
    {"loopback", 0, NO_ARGUMENT, NULL, SETTING_OPTIONS,
     "bring up the network interface lo; implies --net", read_switch, IN_REQUEST(loopback)},
    {"monotonic", 0, REQUIRED_ARGUMENT, "seconds", SETTING_OPTIONS,
     "offset of CLOCK_MONOTONIC; needs --time", read_seconds, IN_REQUEST(monotonic)},
    {"boottime", 0, REQUIRED_ARGUMENT, "seconds", SETTING_OPTIONS,
     "offset of CLOCK_BOOTTIME; needs --time", read_seconds, IN_REQUEST(boottime)},
    {"clear-env", 0, NO_ARGUMENT, NULL, SETTING_OPTIONS, "start with an empty environment",
     read_switch, IN_REQUEST(clear_environment)},
    {"whitelist-env", 0, REQUIRED_ARGUMENT, "a,b,c", SETTING_OPTIONS,
     "start with just these variables", read_string, IN_REQUEST(kept_variables)},

    {"explain", 0, OPTIONAL_ARGUMENT, "text|json", OUTPUT_OPTIONS | ESSENTIAL,
     "print what would be done, and why, and do nothing", read_output, IN_REQUEST(explain)},
    {"trace", 0, NO_ARGUMENT, NULL, OUTPUT_OPTIONS, "print each system call as it happens",
     read_switch, IN_REQUEST(trace)},
    {"report", 0, OPTIONAL_ARGUMENT, "text|json", OUTPUT_OPTIONS,
     "print the namespaces before and after, pids, ids and maps", read_output, IN_REQUEST(report)},
    {"report-fd", 0, REQUIRED_ARGUMENT, "number", OUTPUT_OPTIONS,
     "print the report to this file descriptor", read_descriptor, 0},
    {"quiet", 'q', NO_ARGUMENT, NULL, OUTPUT_OPTIONS, "print no notes and no hints", read_quiet, 0},
    {"help", 'h', OPTIONAL_ARGUMENT, "all", OUTPUT_OPTIONS | ESSENTIAL,
     "print the most used options, or all of them", read_help, 0},
    {"completion", 0, REQUIRED_ARGUMENT, "shell", OUTPUT_OPTIONS,
     "print completion for bash, zsh or fish", read_completion, 0},
    {"version", 'V', NO_ARGUMENT, NULL, OUTPUT_OPTIONS, "print the version and do nothing",
     read_version, 0},
};
const size_t option_count = sizeof(options) / sizeof(options[0]);

static const struct option_row *find_letter(char letter)
{
	for (size_t i = 0; i < option_count; i++) {
		if (options[i].letter && options[i].letter == letter)
			return &options[i];
	}
	return NULL;
}

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
	bool ambiguous = false;

	for (size_t i = 0; i < option_count; i++) {
		if (!starts_with(options[i].name, word, length))
			continue;
		if (options[i].name[length] == '\0')
			return &options[i];
		ambiguous = candidate != NULL;
		candidate = &options[i];
		if (ambiguous)
			break;
	}
	if (ambiguous) {
		complain("option '--%s' is ambiguous", word);
		hint_candidates(word, length);
		return NULL;
	}
	if (!candidate) {
		complain("unknown option '--%s'", word);
		hint_name(word, length);
	}
	return candidate;
}

static int take_name(struct option_cursor *cursor, struct option_found *found, const char *word)
{
	size_t length = 0;
	const struct option_row *option = cursor->last;
	const char *value;

	while (word[length] && word[length] != '=')
		length++;
	value = word[length] ? word + length + 1 : NULL;
	/* Hundreds of ranges are given by the same option each. */
	if (!option || !starts_with(option->name, word, length) || option->name[length])
		option = find_name(word, length);
	if (!option)
		return -1;
	cursor->last = option;
	if (value && option->argument == NO_ARGUMENT)
		return complain("option '--%s' takes no argument, but '%s' was given", option->name,
				value);
	if (!value && option->argument == REQUIRED_ARGUMENT) {
		value = *cursor->next;
		if (!value)
			return complain("option '--%s' needs an argument: %s", option->name,
					option->argument_name);
		cursor->next++;
	}
	*found = (struct option_found){option, value};
	return 0;
}

static int take_letter(struct option_cursor *cursor, struct option_found *found)
{
	char letter[] = {*cursor->letters++, '\0'};
	const struct option_row *option = find_letter(*letter);
	const char *value = NULL;

	if (!option) {
		complain("unknown option '-%s' in '%s'", letter, cursor->next[-1]);
		hint_letter(*letter);
		return -1;
	}
	/* The argument of a letter that needs one is the rest of its word, or the next
	 * word; optional arguments belong to names only, as in unshare(1). */
	if (option->argument == REQUIRED_ARGUMENT) {
		value = *cursor->letters ? cursor->letters : *cursor->next;
		if (!value)
			return complain("option '-%s' needs an argument: %s", letter,
					option->argument_name);
		if (!*cursor->letters)
			cursor->next++;
		cursor->letters = NULL;
	}
	if (cursor->letters && !*cursor->letters)
		cursor->letters = NULL;
	*found = (struct option_found){option, value};
	return 0;
}

int next_option(struct option_cursor *cursor, struct option_found *found)
{
	const char *word;

	*found = (struct option_found){NULL, NULL};
	if (cursor->letters)
		return take_letter(cursor, found);
	word = *cursor->next;
	if (!word || word[0] != '-' || word[1] == '\0')
		return 0;
	cursor->next++;
	if (word[1] != '-') {
		cursor->letters = word + 1;
		return take_letter(cursor, found);
	}
	if (word[2] == '\0')
		return 0;
	return take_name(cursor, found, word + 2);
}

static void apply_implications(struct request *request)
{
	bool binfmt = request->binfmt != NULL;

	if (request->proc || binfmt || request->pivot_root)
		request->namespaces |= namespace_types[MOUNT_NAMESPACE].bit;
	if (binfmt || request->map_user.kind != NOT_MAPPED ||
	    request->map_group.kind != NOT_MAPPED || request->map_users || request->map_groups ||
	    request->owner_user.given)
		request->namespaces |= namespace_types[USER_NAMESPACE].bit;
	if (request->init)
		request->namespaces |= namespace_types[PID_NAMESPACE].bit;
	if (request->hostname)
		request->namespaces |= namespace_types[UTS_NAMESPACE].bit;
	if (request->loopback)
		request->namespaces |= namespace_types[NETWORK_NAMESPACE].bit;
	if (request->kill_child || request->forward_signals || request->init)
		request->fork = true;
	if (request->report_descriptor.given && request->report == NO_OUTPUT)
		request->report = TEXT_OUTPUT;
}

static int check_pins(const struct request *request)
{
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

static int check_request(const struct request *request)
{
	if ((request->monotonic.given || request->boottime.given) && !request->all &&
	    !has_namespace(request->namespaces, TIME_NAMESPACE))
		return complain("--%s needs --time: only a new time namespace has offsets",
				request->monotonic.given ? "monotonic" : "boottime");
	/* user_namespaces(7): an unprivileged gid map needs setgroups denied first. */
	if (request->setgroups == SETGROUPS_ALLOW && request->map_group.kind != NOT_MAPPED &&
	    !request->map_groups && !request->owner_user.given)
		return complain("--setgroups=allow cannot go with a map of a single group "
				"(--map-group, -r or -c): the kernel wants setgroups denied first");
	if (request->root && request->pivot_root)
		return complain("--root and --pivot-root both change the root: give one of them");
	return check_pins(request);
}

int read_options(struct request *request, char **argv)
{
	struct option_cursor cursor = {.next = argv + 1};
	struct option_found found;

	request->propagation = MS_REC | MS_PRIVATE;
	while (request->purpose == RUN) {
		if (next_option(&cursor, &found) < 0)
			return -1;
		if (!found.option)
			break;
		if (found.option->read(request, found.option, found.argument) < 0)
			return -1;
	}
	request->command = cursor.next;
	if (request->purpose != RUN)
		return 0;
	apply_implications(request);
	return check_request(request);
}
