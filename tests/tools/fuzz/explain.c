/*
 * Any request, on any system, explained. The input is a byte that says who asks, the
 * words of the command line as lines, after a NUL what every file is found to hold, and after
 * another one what the files of subordinate ids hold.
 */
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "json.h"
#include "options.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);

static int output;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count, (void)arguments;
	output = memfd_create("output", MFD_CLOEXEC);
	check(output >= 0 && dup2(output, STDOUT_FILENO) == STDOUT_FILENO,
	      "standard output can be caught");
	return 0;
}

/* What has been printed since the last time. */
static char *take_output(void)
{
	off_t length = lseek(output, 0, SEEK_END);
	char *text = malloc((size_t)length + 1);

	check(text && pread(output, text, (size_t)length, 0) == length, "the output is there");
	text[length] = '\0';
	check(ftruncate(output, 0) == 0 && lseek(output, 0, SEEK_SET) == 0, "it is taken");
	check(strlen(text) == (size_t)length, "nothing printed is a NUL");
	return text;
}

/* Each step is there, by its number, in its place. */
static void check_steps(const char *text, const struct plan *plan)
{
	char start[64];

	for (size_t i = 0; text && i < plan->count; i++) {
		snprintf(start, sizeof(start), "\n%2zu. %s: ", i + 1,
			 actor_names[plan->steps[i].by]);
		text = strstr(text, start);
	}
	check(text, "every step is explained");
}

static void check_explanation(struct asked *asked, const struct facts *facts)
{
	static struct plan plan;
	static char columns[] = "COLUMNS=60000";
	/* Steps that are not broken up are found. */
	char **environment = environ;
	struct page page;
	char *text;

	environ = (char *[]){columns, NULL};
	page = look_at_screen();
	environ = environment;
	make_plan(&plan, &asked->request, facts);
	check(plan.count > 0 && plan.count <= MOST_STEPS, "the plan has room for its steps");
	check(strlen(plan.user_map) < SINGLE_MAP_SIZE - 1 &&
		  strlen(plan.group_map) < SINGLE_MAP_SIZE - 1,
	      "the plan has room for its texts");
	asked->request.explain = TEXT_OUTPUT;
	check(explain(&plan, &asked->request, facts, page) == 0, "it can be explained");
	text = take_output();
	check(is_clean(text), "nothing printed upsets a terminal");
	check_steps(text, &plan);
	free(text);
	asked->request.explain = JSON_OUTPUT;
	check(explain(&plan, &asked->request, facts, page) == 0, "it can be explained in JSON");
	text = take_output();
	check(is_clean(text), "JSON is UTF-8");
	check(is_json(text), "JSON is JSON");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[] = "PATH=/usr/bin", home[] = "HOME=/", shell[] = "SHELL=/bin/sh";
	static struct words words;
	static struct asked asked;
	static struct room room;
	uint8_t who = size > 0 ? data[0] : 0;
	char *environment[] = {path, home, who & 2 ? shell : NULL, NULL}, **own = environ;
	struct facts facts = {.room = &room, .journal = start_journal(&room.journal, false)};
	const uint8_t *end = size > 0 ? memchr(data + 1, '\0', size - 1) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	const uint8_t *file = end ? end + 1 : NULL;
	size_t file_length = end ? size - length - 1 : 0;
	const uint8_t *ids = file_length > 0 ? memchr(file, '\0', file_length) : NULL;

	hide_proc();
	be_user(who & 1 ? 1000 : 0);
	serve_file(file, ids ? (size_t)(ids - file) : file_length);
	if (ids)
		serve_ids(ids + 1, file_length - (size_t)(ids - file) - 1);
	split_lines(&words, data + (size > 0), length - (size > 0));
	start_request(&asked);
	environ = environment;
	if (read_options(&asked.request, words.list) == 0 && asked.request.purpose == RUN &&
	    read_facts(&facts, &asked.request) == 0)
		check_explanation(&asked, &facts);
	environ = own;
	free_words(&words);
	return 0;
}
