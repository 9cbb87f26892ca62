/* Plans rehearsed without a system call: no actor waits for ever. */
#include <stdio.h>
#include <string.h>

#include "operations.h"
#include "scene.h"

enum { ACTORS = PROGRAM + 1 };

/* A performance without any system call: who has come how far. */
struct rehearsal {
	const struct plan *plan;
	const char *line;
	struct part {
		bool started;
		bool ended;
		bool held; /* until a process that it made has gone its own way */
		size_t next;
		unsigned batons;
	} parts[ACTORS];
	unsigned executed;
	bool armed[ACTORS];
};

static void require(const struct rehearsal *rehearsal, bool condition, const char *what)
{
	if (!condition)
		fail_msg("nsrun %s: %s", rehearsal->line, what);
}

static void start_part(struct rehearsal *rehearsal, enum actor actor, size_t first)
{
	require(rehearsal, !rehearsal->parts[actor].started, "a process is made twice");
	rehearsal->parts[actor].started = true;
	rehearsal->parts[actor].next = first;
}

/* Whether a step that waits for another process need wait no longer. */
static bool may_go_on(const struct rehearsal *rehearsal, const struct step *step)
{
	const struct part *parts = rehearsal->parts;

	switch (step->operation) {
	case AWAIT_BATON:
		return parts[step->by].batons > 0;
	case REAP_HELPER:
		return parts[HELPER].ended;
	case WAIT_FOR_CHILD:
		return parts[CHILD].ended;
	default:
		return true;
	}
}

static void rehearse_processes(struct rehearsal *rehearsal, const struct step *step, size_t next)
{
	struct part *parts = rehearsal->parts;

	switch (step->operation) {
	case START_HELPER:
		start_part(rehearsal, HELPER, next);
		break;
	case FORK:
		start_part(rehearsal, CHILD, next);
		parts[LAUNCHER].held = true;
		break;
	case START_PROGRAM:
		start_part(rehearsal, PROGRAM, next);
		break;
	case EXECUTE:
		rehearsal->executed++;
		parts[step->by].ended = true;
		if (step->by != PROGRAM)
			parts[LAUNCHER].held = false;
		break;
	case BE_INIT:
		parts[CHILD].ended = true;
		parts[LAUNCHER].held = false;
		break;
	default:
		break;
	}
}

/* Until its exec (vfork(2)); an init and its program have memory of their own. */
static bool shares_memory(const struct plan *plan, enum actor actor)
{
	return actor == CHILD && !find_step(plan, BE_INIT);
}

static void rehearse_step(struct rehearsal *rehearsal, const struct step *step)
{
	struct part *parts = rehearsal->parts;
	size_t next = (size_t)(step - rehearsal->plan->steps) + 1;

	require(rehearsal, step->why && *step->why, "a step does not say why");
	require(rehearsal,
		!shares_memory(rehearsal->plan, step->by) ||
		    operations[step->operation].vfork_safety == VFORK_SAFE,
		"a step is not for a child that shares its parent's memory");
	switch (step->operation) {
	case PASS_BATON:
		require(rehearsal, parts[step->other].started, "nobody is there to be told");
		parts[step->other].batons++;
		break;
	case AWAIT_BATON:
		parts[step->by].batons--;
		break;
	case SET_USER:
	case SET_GROUP:
		require(rehearsal, !rehearsal->armed[step->by],
			"a change of ids clears the parent-death signal");
		break;
	case DIE_WITH_LAUNCHER:
		rehearsal->armed[step->by] = true;
		break;
	default:
		rehearse_processes(rehearsal, step, next);
	}
}

/* Goes on with one part until it has to wait. True if it got anywhere. */
static bool rehearse_part(struct rehearsal *rehearsal, enum actor actor)
{
	struct part *part = &rehearsal->parts[actor];
	bool moved = false;

	while (part->started && !part->ended && !part->held) {
		const struct step *step = &rehearsal->plan->steps[part->next];

		if (part->next == rehearsal->plan->count) {
			part->ended = true;
			return true;
		}
		if (step->by == actor) {
			if (!may_go_on(rehearsal, step))
				return moved;
			rehearse_step(rehearsal, step);
		}
		part->next++;
		moved = true;
	}
	return moved;
}

static void rehearse(const struct plan *plan, const char *line)
{
	struct rehearsal rehearsal = {.plan = plan, .line = line};
	bool moved = true;

	start_part(&rehearsal, LAUNCHER, 0);
	while (moved) {
		moved = false;
		for (unsigned actor = 0; actor < ACTORS; actor++)
			moved = rehearse_part(&rehearsal, actor) || moved;
	}
	for (unsigned actor = 0; actor < ACTORS; actor++)
		require(&rehearsal, !rehearsal.parts[actor].started || rehearsal.parts[actor].ended,
			"two processes wait for each other");
	for (size_t i = 0; i < plan->count; i++)
		require(&rehearsal, rehearsal.parts[plan->steps[i].by].started,
			"a step is for a process that is never made");
	require(&rehearsal, rehearsal.executed == 1, "the program is not executed once");
}

static const char *const choices[] = {
    "-m",
    "--mount=/p/m",
    "-u",
    "--uts=/p/u",
    "-i",
    "--ipc=/p/i",
    "-n",
    "--net=/p/n",
    "-p",
    "--pid=/p/p",
    "-U",
    "--user=/p/U",
    "-C",
    "--cgroup=/p/C",
    "-T",
    "--time=/p/T",
    "-a",
    "-f",
    "--kill-child",
    "--kill-child=TERM",
    "--forward-signals",
    "--init",
    "--mount-proc",
    "--mount-proc=/p",
    "--mount-binfmt",
    "--mount-binfmt=/b",
    "-l :x:",
    "-l :x:F",
    "--propagation slave",
    "--propagation unchanged",
    "-R /r",
    "--pivot-root /r",
    "-w /w",
    "-r",
    "-c",
    "--map-user 5",
    "--map-group 5",
    "--map-users auto",
    "--map-groups subids",
    "--map-auto",
    "--owner 7:8",
    "-S 5",
    "-G 5",
    "--setgroups deny",
    "--setgroups allow",
    "--keep-caps",
    "--hostname box",
    "--loopback",
    "--monotonic 5",
    "--boottime 5",
    "--clear-env",
    "--report",
    "--report-fd 3",
};
enum { CHOICES = sizeof(choices) / sizeof(choices[0]) };

/* Reads and plans the line. NULL if it contradicts itself and is refused. */
static const struct plan *make_plan_of(const char *line, uint32_t user)
{
	static struct scene scene;
	static char whole[8192];
	static struct capture capture;
	int result;

	snprintf(whole, sizeof(whole), "nsrun%s id", line);
	start_capture(&capture);
	result = read_scene(&scene, whole);
	end_capture(&capture);
	if (result < 0)
		return NULL;
	plan_scene(&scene, user, user);
	assert_in_range(scene.plan.count, 1, MOST_STEPS);
	assert_in_range(strlen(scene.plan.user_map), 0, SINGLE_MAP_SIZE - 2);
	assert_in_range(strlen(scene.plan.group_map), 0, SINGLE_MAP_SIZE - 2);
	return &scene.plan;
}

static void no_plan_gets_stuck(void **state)
{
	struct generator generator = {7};
	unsigned long total = case_count(100000);
	unsigned long planned = 0;

	(void)state;
	for (unsigned long i = 0; i < total; i++) {
		unsigned rarity = 2 + number_below(&generator, 16);
		char line[2048] = "";
		const struct plan *plan;

		for (unsigned j = 0; j < CHOICES; j++) {
			if (number_below(&generator, rarity) == 0)
				strcat(strcat(line, " "), choices[j]);
		}
		plan = make_plan_of(line, i % 2 ? 0 : 1000);
		if (!plan)
			continue;
		rehearse(plan, line);
		planned++;
	}
	assert_true(planned > total / 20);
}

/* All that can be asked for at once, with names as long as they may be. */
static void the_largest_plan_has_room(void **state)
{
	static char line[8192] =
	    " --uts=/p/u --ipc=/p/i --net=/p/n --pid=/p/p --mount=/p/m --user=/p/U "
	    "--cgroup=/p/C --time=/p/T --init --kill-child --mount-proc -l :x: "
	    "--pivot-root /r -w /w -c --map-auto --owner 7:8 -S 5 -G 5 --setgroups deny "
	    "--keep-caps --hostname box --loopback --monotonic -9223372036854775807 "
	    "--boottime -9223372036854775807 --report --mount-binfmt=/";
	const struct plan *plan;

	(void)state;
	memset(line + strlen(line), 'b', 4080);
	plan = make_plan_of(line, 0);
	assert_non_null(plan);
	rehearse(plan, "with everything");
}

/* What is escaped in messages is not in paths. */
static void paths_are_taken_literally(void **state)
{
	const struct plan *plan = make_plan_of(" --mount-binfmt=/a\tb -l :x:", 0);
	const char *register_file = NULL;

	(void)state;
	assert_non_null(plan);
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].operation == REGISTER_FORMAT)
			register_file = plan->steps[i].write.path;
	}
	assert_non_null(register_file);
	assert_string_equal(register_file, "/a\tb");
}

/* What an earlier plan has left behind the end of this one is no part of it. */
static void no_step_beyond_the_end_is_found(void **state)
{
	static struct plan plan;

	(void)state;
	for (size_t count = 0; count < MOST_STEPS; count++) {
		plan.count = count;
		plan.steps[count].operation = UNSHARE;
		assert_null(find_step(&plan, UNSHARE));
		plan.count = count + 1;
		assert_ptr_equal(find_step(&plan, UNSHARE), &plan.steps[count]);
		plan.steps[count].operation = READ_FACTS;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_step_beyond_the_end_is_found),
	    cmocka_unit_test(no_plan_gets_stuck),
	    cmocka_unit_test(the_largest_plan_has_room),
	    cmocka_unit_test(paths_are_taken_literally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
