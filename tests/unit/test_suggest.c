/* What is suggested for an option that does not exist. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "options.h"

static const char *nearest(const char *word, size_t length)
{
	return nearest_name(options, option_count, word, length);
}

static size_t distance(const char *a, const char *b)
{
	return edit_distance(a, strlen(a), b, strlen(b));
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The definition, tried in all ways. */
static size_t slow_distance(const char *a, const char *b)
{
	size_t least;

	if (!*a || !*b)
		return strlen(a) + strlen(b);
	least = least_of(slow_distance(a + 1, b), slow_distance(a, b + 1)) + 1;
	least = least_of(least, slow_distance(a + 1, b + 1) + (*a != *b));
	if (a[1] && a[0] == b[1] && a[1] == b[0])
		least = least_of(least, slow_distance(a + 2, b + 2) + 1);
	return least;
}

/* The number-th word of at most four letters a, b and c, or false past the last. */
static bool make_word(unsigned number, char *word)
{
	unsigned length = 0;

	for (; number > 0; number = (number - 1) / 3)
		word[length++] = (char)('a' + (number - 1) % 3);
	word[length] = '\0';
	return length <= 4;
}

static void every_pair_of_short_words(void **state)
{
	char a[8], b[8];
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; make_word(i, a); i++) {
		for (unsigned j = 0; make_word(j, b); j++, count++) {
			if (distance(a, b) != slow_distance(a, b))
				fail_msg("'%s' and '%s': %zu", a, b, distance(a, b));
		}
	}
	assert_int_equal(count, 121 * 121);
}

static void known_distances(void **state)
{
	(void)state;
	assert_int_equal(distance("", ""), 0);
	assert_int_equal(distance("kitten", "sitting"), 3);
	assert_int_equal(distance("fork", "frok"), 1);
	assert_int_equal(distance("ca", "abc"), 3);
	assert_int_equal(distance("mount-proc", "mount-prc"), 1);
	assert_int_equal(edit_distance("net=x", 3, "network", 3), 0);
}

/* The longest word there is room for. */
static void long_words(void **state)
{
	char long_word[LONGEST_COMPARED + 2];

	(void)state;
	memset(long_word, 'x', sizeof(long_word));
	long_word[LONGEST_COMPARED] = '\0';
	assert_int_equal(distance(long_word, long_word), 0);
	assert_int_equal(distance(long_word, ""), LONGEST_COMPARED);
	assert_null(nearest(long_word, LONGEST_COMPARED));
	assert_null(nearest(long_word, LONGEST_COMPARED + 1));
	for (size_t i = 0; i < option_count; i++)
		assert_true(strlen(options[i].name) <= LONGEST_COMPARED);
}

static void nearest_names(void **state)
{
	static const struct {
		const char *word, *name;
	} cases[] = {
	    {"mount-prc", "mount-proc"},
	    {"frok", "fork"},
	    {"pidd", "pid"},
	    {"mount_proc", "mount-proc"},
	    {"map-rot-user", "map-root-user"},
	    {"rootfs", "root"},
	    {"kill-children", "kill-child"},
	    {"clearenv", "clear-env"},
	    {"nonsense", NULL},
	    {"", NULL},
	    {"x", NULL},
	    {"xy", NULL},
	    {"xpid", "pid"},
	    {"rxxt", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = nearest(cases[i].word, strlen(cases[i].word));

		if ((name == NULL) != (cases[i].name == NULL) ||
		    (name && strcmp(name, cases[i].name) != 0))
			fail_msg("--%s: %s", cases[i].word, name ? name : "none");
	}
}

/* One letter wrong in a name still leads to it, or to another one that is as near. A third of
 * a name of two letters is none. */
static void every_name_with_a_wrong_letter(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		size_t length = strlen(options[i].name);

		for (size_t j = 0; length > 2 && j < length; j++) {
			char word[64];
			const char *name;

			snprintf(word, sizeof(word), "%s", options[i].name);
			word[j] = 'X';
			name = nearest(word, strlen(word));
			assert_non_null(name);
			assert_int_equal(distance(word, name), 1);
		}
	}
}

static const struct option_row *find_option(const char *name, size_t length)
{
	for (size_t i = 0; i < option_count; i++) {
		if (strncmp(options[i].name, name, length) == 0 && !options[i].name[length])
			return &options[i];
	}
	return NULL;
}

/* A row of the table; the first comes after NULL. */
struct foreign {
	const char *names, *advice;
};

static bool next_foreign(struct foreign *row)
{
	row->names = row->names ? row->advice + strlen(row->advice) + 1 : foreign_options;
	row->advice = row->names + strlen(row->names) + 1;
	return *row->names;
}

/* Else it would be read as that option, and the advice would never be given. */
static void foreign_options_are_not_ours_and_there_once(void **state)
{
	struct foreign row = {NULL, NULL};

	(void)state;
	while (next_foreign(&row)) {
		const char *name = row.names;
		size_t length;

		for (; *name; name += length + strspn(name + length, "|")) {
			struct foreign other = {NULL, NULL};
			unsigned times = 0;

			length = strcspn(name, "|");
			for (size_t i = 0; i < option_count; i++) {
				if (strncmp(options[i].name, name, length) == 0)
					fail_msg("--%s is --%s", name, options[i].name);
			}
			while (next_foreign(&other))
				times += find_word(other.names, name, length) > 0;
			assert_int_equal(times, 1);
		}
	}
}

static void advice_names_options_that_exist(void **state)
{
	struct foreign row = {NULL, NULL};

	(void)state;
	while (next_foreign(&row)) {
		const char *advice = row.advice;

		while ((advice = strstr(advice, "--"))) {
			size_t length = strspn(advice += 2, "abcdefghijklmnopqrstuvwxyz-");

			if (!find_option(advice, length))
				fail_msg("--%s: %s", row.names, row.advice);
		}
	}
}

static void names_are_whole(void **state)
{
	(void)state;
	assert_int_equal(find_word("a|bc|d", "a", 1), 1);
	assert_int_equal(find_word("a|bc|d", "bc=1", 2), 2);
	assert_int_equal(find_word("a|bc|d", "d", 1), 3);
	assert_int_equal(find_word("a|bc|d", "b", 1), 0);
	assert_int_equal(find_word("a|bc|d", "c", 1), 0);
	assert_int_equal(find_word("a|bc|d", "d|e", 3), 0);
}

/* What is said of a command line that is wrong. */
static const char *message_about(const char *line)
{
	static struct capture capture;
	static struct words words;
	struct request request = {0};
	int result;

	split_words(&words, line);
	start_capture(&capture);
	result = read_options(&request, words.list);
	end_capture(&capture);
	assert_int_equal(result, -1);
	return capture.text;
}

static void check_message(const char *line, const char *message)
{
	assert_string_equal(message_about(line), message);
}

static void what_is_said(void **state)
{
	(void)state;
	check_message("nsrun --mount-prc", "nsrun: unrecognized option '--mount-prc'\n"
					   "hint: did you mean --mount-proc?\n");
	check_message("nsrun -p --frok=5 id", "nsrun: unrecognized option '--frok=5'\n"
					      "hint: did you mean --fork?\n");
	check_message("nsrun --nonsense", "nsrun: unrecognized option '--nonsense'\n");
	check_message("nsrun --chdir=/tmp", "nsrun: unrecognized option '--chdir=/tmp'\n"
					    "hint: nsrun calls it --wd\n");
	check_message("nsrun --dev /dev", "nsrun: unrecognized option '--dev'\n"
					  "hint: nsrun mounts nothing but proc and binfmt_misc: "
					  "bwrap(1) does this\n");
	check_message("nsrun -mv", "nsrun: unrecognized option '-v' in '-mv'\n"
				   "hint: did you mean -V (--version)?\n");
	check_message("nsrun -t 5", "nsrun: unrecognized option '-t' in '-t'\n"
				    "hint: did you mean -T (--time)?\n");
	check_message("nsrun -z", "nsrun: unrecognized option '-z' in '-z'\n");
	check_message("nsrun --map-u 5", "nsrun: option '--map-u' is ambiguous\n"
					 "hint: it could stand for --map-user --map-users\n");
}

/* Of each table the first row and the last, too. */
static void each_row_is_looked_at(void **state)
{
	struct foreign row = {NULL, NULL};
	char line[128];

	(void)state;
	while (next_foreign(&row)) {
		snprintf(line, sizeof(line), "nsrun --%.*s", (int)strcspn(row.names, "|"), row.names);
		if (!strstr(message_about(line), row.advice))
			fail_msg("%s: %s", line, message_about(line));
	}
	check_message("nsrun -M", "nsrun: unrecognized option '-M' in '-M'\n"
				  "hint: did you mean -m (--mount)?\n");
	assert_string_equal(nearest("mounty", 6), "mount");
}

static void long_lists_show_their_cut(void **state)
{
	const char *said = message_about("nsrun --=");

	(void)state;
	assert_non_null(strstr(said, "hint: it could stand for --mount "));
	assert_string_equal(said + strlen(said) - 4, "...\n");
}

/* The last one, since quiet it stays. */
static void quiet_leaves_hints_out(void **state)
{
	(void)state;
	check_message("nsrun --mount-prc -q", "nsrun: unrecognized option '--mount-prc'\n"
					      "hint: did you mean --mount-proc?\n");
	check_message("nsrun -q --mount-prc", "nsrun: unrecognized option '--mount-prc'\n");
	check_message("nsrun --bind", "nsrun: unrecognized option '--bind'\n");
	check_message("nsrun -v", "nsrun: unrecognized option '-v' in '-v'\n");
	check_message("nsrun --map-u 5", "nsrun: option '--map-u' is ambiguous\n");
}

/* One row beyond those that are named would fit better. */
static void no_row_beyond_the_table_is_read(void **state)
{
	(void)state;
	for (size_t count = 0; count < option_count; count++) {
		const char *word = options[count].name;
		const char *nearest = nearest_name(options, count, word, strlen(word));

		assert_true(!nearest || strcmp(nearest, word) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_pair_of_short_words),
	    cmocka_unit_test(known_distances),
	    cmocka_unit_test(long_words),
	    cmocka_unit_test(nearest_names),
	    cmocka_unit_test(no_row_beyond_the_table_is_read),
	    cmocka_unit_test(every_name_with_a_wrong_letter),
	    cmocka_unit_test(foreign_options_are_not_ours_and_there_once),
	    cmocka_unit_test(advice_names_options_that_exist),
	    cmocka_unit_test(names_are_whole),
	    cmocka_unit_test(what_is_said),
	    cmocka_unit_test(each_row_is_looked_at),
	    cmocka_unit_test(long_lists_show_their_cut),
	    cmocka_unit_test(quiet_leaves_hints_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
