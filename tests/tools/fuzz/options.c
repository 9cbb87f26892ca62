/* Any command line: what is accepted makes sense. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"

static bool has(const struct request *request, enum namespace_type type)
{
	return request->namespaces & namespace_types[type].bit;
}

static void check_sources(const struct map_sources *sources)
{
	check(sources->count <= MOST_RANGES, "no more ranges than the kernel takes");
	for (unsigned i = 0; i < sources->count; i++) {
		const struct map_source *source = &sources->list[i];
		uint64_t count = source->range.count;

		if (source->kind != GIVEN_RANGE)
			continue;
		check(count > 0, "no range is empty");
		check(source->range.inner + count - 1 <= HIGHEST_ID, "inner ids are ids");
		check(source->range.outer + count - 1 <= HIGHEST_ID, "outer ids are ids");
	}
}

static void check_pins(const struct request *request)
{
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (!request->pins[i])
			continue;
		check(has(request, i), "a namespace that is pinned is made");
		check(*request->pins[i], "a pin has a name");
		for (unsigned j = 0; j < i; j++)
			check(!request->pins[j] || strcmp(request->pins[i], request->pins[j]) != 0,
			      "no file is given twice");
	}
}

static void check_implications(const struct request *request)
{
	check(!request->init || (request->fork && has(request, PID_NAMESPACE)), "--init");
	check(!request->kill_child || request->fork, "--kill-child");
	check(request->kill_child >= 0 && request->kill_child <= 64, "there are 64 signals");
	check(!request->proc || has(request, MOUNT_NAMESPACE), "--mount-proc");
	check(!request->binfmt || (has(request, MOUNT_NAMESPACE) && has(request, USER_NAMESPACE)),
	      "--mount-binfmt");
	check(!request->interpreter || request->binfmt, "--load-interp");
	check(!request->interpreter || strlen(request->interpreter) <= 1920, "its length");
	check(!request->hostname || has(request, UTS_NAMESPACE), "--hostname");
	check(!request->hostname || strlen(request->hostname) <= 64, "its length");
	check(!request->loopback || has(request, NETWORK_NAMESPACE), "--loopback");
	check(!(request->map_users.count || request->map_groups.count) ||
		  has(request, USER_NAMESPACE),
	      "maps");
	check(!request->has_owner || has(request, USER_NAMESPACE), "--owner");
	check(!(request->root && request->pivot_root), "one new root");
	check(request->report_descriptor == 2 || request->report != NO_OUTPUT, "--report-fd");
	check(!(*request->monotonic || *request->boottime) || request->all ||
		  has(request, TIME_NAMESPACE),
	      "offsets have a namespace");
}

/* The program and its arguments are the last words, all of them. */
static void check_program(const struct request *request, const struct words *words)
{
	char *const *end = words->list + words->count;
	bool found = false;

	for (char *const *word = words->list + 1; word <= end; word++)
		found = found || word == request->command;
	check(found, "the program is one of the words");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct words words;
	static struct asked asked;
	char *before;

	split_lines(&words, data, size);
	before = malloc(size + 1);
	check(before, "there is memory");
	memcpy(before, words.text, size + 1);
	start_request(&asked);
	if (read_options(&asked.request, words.list) == 0) {
		check_program(&asked.request, &words);
		if (asked.request.purpose == RUN) {
			check_pins(&asked.request);
			check_implications(&asked.request);
		}
		check_sources(&asked.request.map_users);
		check_sources(&asked.request.map_groups);
	}
	check(memcmp(before, words.text, size + 1) == 0, "the words stay as they are");
	free(before);
	free_words(&words);
	return 0;
}
