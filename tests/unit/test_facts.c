/* What is read from the system before planning, for a command line. */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "scene.h"
#include "text.h"

static struct scene scene;
static struct capture capture;
static char *no_variables[] = {NULL};

/* Reads the line, which is good, and the facts for it. */
static int read_facts_of(const char *line, char **environment)
{
	char **own = environ;
	int result;

	assert_int_equal(read_scene(&scene, line), 0);
	start_capture(&capture);
	environ = environment;
	result = read_facts(&scene.facts, &scene.request);
	environ = own;
	end_capture(&capture);
	return result;
}

static void check_refusal(const char *line, const char *quoted)
{
	if (read_facts_of(line, no_variables) == 0)
		fail_msg("'%s' is not refused", line);
	if (strncmp(capture.text, "nsrun: ", 7) != 0 || !strstr(capture.text, quoted))
		fail_msg("not %s but: %s is the refusal of '%s'", quoted, capture.text, line);
}

static void ids_of_the_caller(void **state)
{
	uint32_t user = (uint32_t)getauxval(AT_EUID);
	uint32_t group = (uint32_t)getauxval(AT_EGID);

	(void)state;
	assert_int_equal(read_facts_of("nsrun -c id", no_variables), 0);
	assert_int_equal(scene.facts.user.outer, user);
	assert_int_equal(scene.facts.user.inner, user);
	assert_int_equal(scene.facts.group.outer, group);
	assert_int_equal(scene.facts.group.inner, group);
	assert_false(scene.facts.user.by_helper);
	assert_int_equal(read_facts_of("nsrun --map-user 5 --map-group 6 id", no_variables), 0);
	assert_int_equal(scene.facts.user.inner, 5);
	assert_int_equal(scene.facts.group.inner, 6);
	assert_int_equal(read_facts_of("nsrun --map-user daemon --map-group root id", no_variables),
			 0);
	assert_int_equal(scene.facts.user.inner, 1);
	assert_int_equal(scene.facts.group.inner, 0);
}

static void maps_of_ranges(void **state)
{
	(void)state;
	assert_int_equal(
	    read_facts_of("nsrun --map-users 0:5000000:10 --map-users 3000000,20,5 --map-user 3 id",
			  no_variables),
	    0);
	assert_true(scene.facts.user.by_helper);
	assert_false(scene.facts.group.by_helper);
	assert_non_null(
	    strstr(scene.room.user_map, " 1\n0 5000000 3\n4 5000003 6\n20 3000000 5\n"));
	assert_string_equal(scene.room.group_map, "");
	assert_int_equal(read_facts_of("nsrun --owner 7:8 --map-user 3 id", no_variables), 0);
	assert_true(scene.facts.user.by_helper);
	assert_non_null(strstr(scene.room.user_map, "3 "));
}

static void what_cannot_be_mapped(void **state)
{
	(void)state;
	check_refusal("nsrun --map-user no-such-user id", "'no-such-user'");
	check_refusal("nsrun --map-group no\tgroup id", "'no\\tgroup'");
	check_refusal("nsrun --map-users 0:100:10 --map-users 9:500:1 id", "'0:100:10'");
	check_refusal("nsrun --map-users 0:100:10 --map-users 9:500:1 id", "'9:500:1'");
	check_refusal("nsrun --map-groups 0:100:10 --map-groups 50:109:1 id", "overlap");
}

/* 340 ranges that do not overlap and leave out the ids of whoever runs this. */
static void write_many_ranges(char *line, const char *option)
{
	strcpy(line, "nsrun");
	for (unsigned i = 0; i < MOST_RANGES; i++) {
		struct text text = {.start = line + strlen(line), .capacity = 64, .descriptor = -1};

		text_print(&text, " %s=%u:%u:1", option, 2 * i, 2000 + i);
		text.start[text.length] = '\0';
	}
}

static int count_lines(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void maps_at_the_kernels_limit(void **state)
{
	static char line[16384];

	(void)state;
	write_many_ranges(line, "--map-users");
	assert_int_equal(read_facts_of(line, no_variables), 0);
	assert_int_equal(count_lines(scene.room.user_map), MOST_RANGES);
	/* One more, be it a range or a single id. */
	check_refusal(strcat(line, " --map-user=4294967290"), "340");
	write_many_ranges(line, "--map-groups");
	check_refusal(strcat(line, " --map-group=4294967290"), "340");
}

static void shells(void **state)
{
	static char variable[] = "SHELL=/opt/bin/zsh";
	static char bare[] = "SHELL=fish";
	char *environment[] = {variable, NULL};

	(void)state;
	assert_int_equal(read_facts_of("nsrun", environment), 0);
	assert_string_equal(scene.facts.file, "/opt/bin/zsh");
	assert_string_equal(scene.facts.command[0], "-zsh");
	assert_null(scene.facts.command[1]);
	environment[0] = bare;
	assert_int_equal(read_facts_of("nsrun", environment), 0);
	assert_string_equal(scene.facts.file, "fish");
	assert_string_equal(scene.facts.command[0], "-fish");
	assert_int_equal(read_facts_of("nsrun", no_variables), 0);
	assert_int_equal(scene.facts.command[0][0], '-');
}

/* The name has a '-' before it, and a NUL behind. */
static void names_of_shells_at_the_limit(void **state)
{
	static char variable[7 + sizeof(scene.room.shell_name)] = "SHELL=/";
	char *environment[] = {variable, NULL};

	(void)state;
	memset(variable + 7, 'x', sizeof(scene.room.shell_name) - 2);
	assert_int_equal(read_facts_of("nsrun", environment), 0);
	assert_int_equal(strlen(scene.facts.command[0]), sizeof(scene.room.shell_name) - 1);
	variable[5 + sizeof(scene.room.shell_name)] = 'x';
	assert_int_equal(read_facts_of("nsrun", environment), -1);
	assert_non_null(strstr(capture.text, "is too long"));
}

static void environments(void **state)
{
	static char a[] = "A=1", ab[] = "AB=2", c[] = "C=3";
	static char b[] = "B=";
	char *environment[] = {a, ab, c, NULL, NULL};

	(void)state;
	assert_int_equal(read_facts_of("nsrun id", environment), 0);
	assert_ptr_equal(environment[2], c);
	assert_int_equal(read_facts_of("nsrun --whitelist-env C,A,none,,C id", environment), 0);
	assert_ptr_equal(environment[0], c);
	assert_ptr_equal(environment[1], a);
	assert_null(environment[2]);
	environment[2] = b;
	assert_int_equal(read_facts_of("nsrun --whitelist-env B --whitelist-env=C,B -n "
				       "--whitelist-env A id",
				       environment),
			 0);
	assert_ptr_equal(environment[0], b);
	assert_ptr_equal(environment[1], c);
	assert_ptr_equal(environment[2], a);
	assert_null(environment[3]);
	assert_int_equal(read_facts_of("nsrun --clear-env id", environment), 0);
	assert_null(environment[0]);
}

/* So many that to look for each name in all of the environment would take minutes. */
static void many_variables_are_found_at_once(void **state)
{
	enum { COUNT = 200000, LENGTH = 16 };
	static char variables[COUNT][LENGTH], *environment[COUNT + 1], list[COUNT * LENGTH];
	char *lists[] = {list};
	size_t length = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		snprintf(variables[i], LENGTH, "V%d=", 100000 + i);
		environment[i] = variables[i];
		length += (size_t)snprintf(list + length, LENGTH, "V%d,", 100000 + COUNT - 1 - i);
	}
	assert_int_equal(keep_variables(environment, lists, 1), 0);
	for (int i = 0; i < COUNT; i++)
		assert_ptr_equal(environment[i], variables[COUNT - 1 - i]);
	assert_null(environment[COUNT]);
}

/* What is not needed is not read: such runs have made no call by then. */
static void only_what_is_needed_is_read(void **state)
{
	static const char *const lines[] = {"nsrun id",    "nsrun -n id",       "nsrun -p -f id",
					    "nsrun -f id", "nsrun -p -r -f id", "nsrun -mui id"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(read_facts_of(lines[i], no_variables), 0);
		assert_string_equal(scene.room.journal.calls, "");
	}
	assert_int_equal(read_facts_of("nsrun -p id", no_variables), 0);
	assert_non_null(strstr(scene.room.journal.calls, "TIOCGWINSZ"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_of_the_caller),
	    cmocka_unit_test(maps_of_ranges),
	    cmocka_unit_test(what_cannot_be_mapped),
	    cmocka_unit_test(maps_at_the_kernels_limit),
	    cmocka_unit_test(shells),
	    cmocka_unit_test(names_of_shells_at_the_limit),
	    cmocka_unit_test(only_what_is_needed_is_read),
	    cmocka_unit_test(environments),
	    cmocka_unit_test(many_variables_are_found_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
