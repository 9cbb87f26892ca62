#include "request_text.h"

#include "unit.h"

#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "text.h"

static void add_flag(struct text *text, const char *name, bool value)
{
	if (value)
		text_print(text, " %s", name);
}

static void add_string(struct text *text, const char *name, const char *value)
{
	if (value)
		text_print(text, " %s=%q", name, value);
}

/* Its line is the clock's name, the seconds and 0. */
static void add_seconds(struct text *text, const char *name, const char *line)
{
	size_t length = strlen(name);

	if (!*line)
		return;
	assert_memory_equal(line, name, length);
	assert_string_equal(line + strlen(line) - 3, " 0\n");
	text_print(text, " %s=%r", name, line + length + 1, strlen(line) - length - 4);
}

static void add_output(struct text *text, const char *name, enum output output)
{
	if (output != NO_OUTPUT)
		text_print(text, " %s=%s", name, output == JSON_OUTPUT ? "json" : "text");
}

static void add_wanted_id(struct text *text, const char *name, const struct wanted_id *wanted)
{
	switch (wanted->kind) {
	case NOT_GIVEN:
		break;
	case TO_ID:
		text_print(text, " %s=%u", name, wanted->id);
		break;
	case TO_NAME:
		text_print(text, " %s=%q", name, wanted->name);
		break;
	case TO_CURRENT:
		text_print(text, " %s=current", name);
	}
}

static void add_sources(struct text *text, const char *name, const struct map_sources *sources)
{
	static const char *const kinds[] = {
	    [AUTO_RANGE] = "auto", [SUBORDINATE_RANGE] = "subids", [ALL_RANGES] = "all"};

	for (unsigned i = 0; i < sources->count; i++) {
		const struct map_source *source = &sources->list[i];

		if (source->kind == GIVEN_RANGE)
			text_print(text, " %s+=%u:%u:%u", name, source->range.inner,
				   source->range.outer, source->range.count);
		else
			text_print(text, " %s+=%s", name, kinds[source->kind]);
	}
}

static void add_namespaces(struct text *text, const struct request *request)
{
	if (request->namespaces)
		text_print(text, " namespaces=%N", request->namespaces);
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (request->pins[i])
			text_print(text, " %s-pin=%q", namespace_types[i].link, request->pins[i]);
	}
	add_flag(text, "all", request->all);
}

static void add_process(struct text *text, const struct request *request)
{
	add_flag(text, "fork", request->fork);
	add_flag(text, "init", request->init);
	add_flag(text, "forward", request->forward_signals);
	if (request->kill_child)
		text_print(text, " kill=%G", request->kill_child);
}

static void add_file_systems(struct text *text, const struct request *request)
{
	if (request->propagation != (MS_REC | MS_PRIVATE))
		text_print(text, " propagation=%M", (unsigned long)request->propagation);
	add_string(text, "proc", request->proc);
	add_string(text, "binfmt", request->binfmt);
	add_string(text, "interpreter", request->interpreter);
	add_string(text, "root", request->root);
	add_string(text, "pivot-root", request->pivot_root);
	add_string(text, "directory", request->directory);
}

static void add_ids(struct text *text, const struct request *request)
{
	add_wanted_id(text, "user", &request->user);
	add_wanted_id(text, "group", &request->group);
	add_wanted_id(text, "map-user", &request->map_user);
	add_wanted_id(text, "map-group", &request->map_group);
	add_sources(text, "map-users", &request->map_users);
	add_sources(text, "map-groups", &request->map_groups);
	if (request->has_owner)
		text_print(text, " owner-user=%u owner-group=%u", request->owner_user,
			   request->owner_group);
	if (request->setgroups != SETGROUPS_UNTOUCHED)
		text_print(text, " setgroups=%s",
			   request->setgroups == SETGROUPS_ALLOW ? "allow" : "deny");
	add_flag(text, "keep-capabilities", request->keep_capabilities);
}

static void add_settings(struct text *text, const struct request *request)
{
	static const char *const purposes[] = {
	    [SHOW_HELP] = "show-help",
	    [SHOW_WHOLE_HELP] = "show-help what=\"all\"",
	    [SHOW_VERSION] = "show-version",
	    [SHOW_BASH] = "show-completion what=\"bash\"",
	    [SHOW_ZSH] = "show-completion what=\"zsh\"",
	    [SHOW_FISH] = "show-completion what=\"fish\"",
	};

	add_string(text, "hostname", request->hostname);
	add_flag(text, "loopback", request->loopback);
	add_seconds(text, "monotonic", request->monotonic);
	add_seconds(text, "boottime", request->boottime);
	add_flag(text, "clear-environment", request->clear_environment);
	for (size_t i = 0; i < request->kept_lists; i++)
		add_string(text, "kept-variables", request->kept_variables[i]);
	add_output(text, "explain", request->explain);
	add_output(text, "report", request->report);
	if (request->report_descriptor != STDERR_FILENO)
		text_print(text, " report-descriptor=%d", request->report_descriptor);
	add_flag(text, "trace", request->trace);
	if (request->purpose != RUN)
		text_print(text, " %s", purposes[request->purpose]);
}

const char *request_text(const struct request *request)
{
	static char buffer[16384];
	struct text text = {.start = buffer, .capacity = sizeof(buffer) - 1, .descriptor = -1};

	add_namespaces(&text, request);
	add_process(&text, request);
	add_file_systems(&text, request);
	add_ids(&text, request);
	add_settings(&text, request);
	assert_false(text.overflowed);
	buffer[text.length] = '\0';
	return buffer + (text.length > 0);
}
