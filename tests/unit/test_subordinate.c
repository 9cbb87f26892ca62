/* Ranges of subordinate ids, from files of any content. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "database.h"

enum { LINE_SIZE = sizeof(((struct record *)0)->line) };

struct search {
	const char *content;
	const char *login;
	uint32_t user;
	int result; /* as find_subordinate_range() returns it */
	uint32_t outer, count;
	const char *bad_line; /* as the complaint has it */
};

enum { RANGE_FOUND = 1, NO_RANGE = 0, FAILED = -1 };

static const struct search searches[] = {
    /* By name and by number, the first that fits. */
    {"alice:100000:65536\n", "alice", 1000, RANGE_FOUND, 100000, 65536, NULL},
    {"1000:200000:10\n", "alice", 1000, RANGE_FOUND, 200000, 10, NULL},
    {"1000:200000:10\n", NULL, 1000, RANGE_FOUND, 200000, 10, NULL},
    {"bob:1:2\nalice:5:6\n", "alice", 1000, RANGE_FOUND, 5, 6, NULL},
    {"alice:5:6\nalice:7:8\n", "alice", 1000, RANGE_FOUND, 5, 6, NULL},
    {"1000:5:6\nalice:7:8\n", "alice", 1000, RANGE_FOUND, 5, 6, NULL},
    {"alice:5:6\n1000:7:8\n", "alice", 1000, RANGE_FOUND, 5, 6, NULL},
    {"alice:5:6", "alice", 1000, RANGE_FOUND, 5, 6, NULL},
    {"0:5:6\n", NULL, 0, RANGE_FOUND, 5, 6, NULL},
    {"4294967294:5:6\n", NULL, 4294967294, RANGE_FOUND, 5, 6, NULL},
    {"alice:0:4294967295\n", "alice", 1000, RANGE_FOUND, 0, 4294967295, NULL},
    {"alice:4294967294:1\n", "alice", 1000, RANGE_FOUND, 4294967294, 1, NULL},

    /* Nobody's line, or somebody else's. */
    {"", "alice", 1000, NO_RANGE, 100000, 65536, NULL},
    {"\n\n", "alice", 1000, NO_RANGE, 100000, 65536, NULL},
    {"bob:1:2\n", "alice", 1000, NO_RANGE, 100000, 65536, NULL},
    {"alice:1:2\n", NULL, 1000, NO_RANGE, 100000, 65536, NULL},
    {"alic:1:2\nalicex:1:2\nAlice:1:2\n", "alice", 1000, NO_RANGE, 100000, 65536, NULL},
    {"100:1:2\n10000:1:2\n01000:1:2\n", NULL, 1000, NO_RANGE, 100000, 65536, NULL},
    {"#alice:1:2\n alice:1:2\n", "alice", 1000, NO_RANGE, 100000, 65536, NULL},

    /* Where they get a range, it is behind everybody's. */
    {"bob:100000:65536\ncarol:5000:100\n", "alice", 1000, NO_RANGE, 165536, 65536, NULL},
    {"bob:300000:10\nbob:200000:x\n3:100000:9", NULL, 1000, NO_RANGE, 300010, 65536, NULL},
    {"bob:0:4294901759\n", "alice", 1000, NO_RANGE, 4294901759, 65536, NULL},
    {"bob:0:4294967295\n", "alice", 1000, NO_RANGE, 4294967295, 65536, NULL},

    /* Other people's broken lines are their business. */
    {"bob:x:y\nbob\n:::\nalice:5:6\n", "alice", 1000, RANGE_FOUND, 5, 6, NULL},

    /* A line of the user's that is no range. */
    {"alice\n", "alice", 1000, FAILED, 0, 0, "alice'\n"},
    {"alice:5\n", "alice", 1000, FAILED, 0, 0, "alice:5'\n"},
    {"alice:5:\n", "alice", 1000, FAILED, 0, 0, "alice:5:'\n"},
    {"alice::5\n", "alice", 1000, FAILED, 0, 0, "alice::5'\n"},
    {"alice:5:6:7\n", "alice", 1000, FAILED, 0, 0, "alice:5:6:7'\n"},
    {"alice:5:6:\n", "alice", 1000, FAILED, 0, 0, "alice:5:6:'\n"},
    {"alice:5:0\n", "alice", 1000, FAILED, 0, 0, "alice:5:0'\n"},
    {"alice:-5:6\n", "alice", 1000, FAILED, 0, 0, "alice:-5:6'\n"},
    {"alice:+5:6\n", "alice", 1000, FAILED, 0, 0, "alice:+5:6'\n"},
    {"alice: 5:6\n", "alice", 1000, FAILED, 0, 0, "alice: 5:6'\n"},
    {"alice:5:6 \n", "alice", 1000, FAILED, 0, 0, "alice:5:6 '\n"},
    {"alice:5:6\r\n", "alice", 1000, FAILED, 0, 0, "alice:5:6\\r'\n"},
    {"alice:0x5:6\n", "alice", 1000, FAILED, 0, 0, "alice:0x5:6'\n"},
    {"alice:4294967295:1\n", "alice", 1000, FAILED, 0, 0, "alice:4294967295:1'\n"},
    {"alice:4294967294:2\n", "alice", 1000, FAILED, 0, 0, "alice:4294967294:2'\n"},
    {"alice:5:4294967296\n", "alice", 1000, FAILED, 0, 0, "alice:5:4294967296'\n"},
    {"alice:1:4294967295\n", "alice", 1000, FAILED, 0, 0, "alice:1:4294967295'\n"},
    {"1000:5:x\nalice:5:6\n", "alice", 1000, FAILED, 0, 0, "1000:5:x'\n"},
};

static struct capture capture;

static int search_in(const char *path, const char *login, uint32_t user, struct id_range *range)
{
	int result;

	start_capture(&capture);
	result = find_subordinate_range(NULL, path, login, user, range);
	end_capture(&capture);
	return result;
}

/* That a line is at fault which begins like that. */
static void check_malformed(const char *path, const char *login, uint32_t user, const char *line)
{
	struct id_range range;
	char complaint[256];

	assert_int_equal(search_in(path, login, user, &range), FAILED);
	snprintf(complaint, sizeof(complaint), "malformed line in %s: '%s", path, line);
	assert_non_null(strstr(capture.text, complaint));
}

static void subordinate_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		const struct search *search = &searches[i];
		struct id_range range = {7, 7, 7};
		struct temporary_file file;
		int result;

		make_temporary_file(&file, search->content, strlen(search->content));
		result = search_in(file.path, search->login, search->user, &range);
		if (result != search->result)
			fail_msg("case %zu gives %d: %s", i, result, search->content);
		if (result == FAILED)
			check_malformed(file.path, search->login, search->user, search->bad_line);
		remove_temporary_file(&file);
		if (result == FAILED)
			continue;
		assert_string_equal(capture.text, "");
		assert_int_equal(range.inner, 0);
		assert_int_equal(range.outer, search->outer);
		assert_int_equal(range.count, search->count);
	}
}

/* What is cut off might be anything: it is no range, even if its start looks like one. */
static void overlong_subordinate_lines(void **state)
{
	static char content[3 * LINE_SIZE];
	struct temporary_file file;
	struct id_range range;
	char *end = stpcpy(content, "bob:");

	(void)state;
	memset(end, '1', LINE_SIZE);
	strcpy(end + LINE_SIZE, "\nalice:0000000000005:6\n");
	make_temporary_file(&file, content, strlen(content));
	assert_int_equal(search_in(file.path, "alice", 1000, &range), RANGE_FOUND);
	assert_int_equal(range.outer, 5);
	check_malformed(file.path, "bob", 1001, "bob:1111");
	remove_temporary_file(&file);

	end = stpcpy(content, "alice:5:");
	memset(end, '0', LINE_SIZE);
	strcpy(end + LINE_SIZE - strlen("alice:5:6") - 1, "6666");
	make_temporary_file(&file, content, strlen(content));
	check_malformed(file.path, "alice", 1000, "alice:5:0000");
	remove_temporary_file(&file);
}

/* C would read such a line only up to the NUL. */
static void lines_with_nuls(void **state)
{
	static const char content[] = "bob:1:2\0junk\nalice:5:6\0:7\n";
	struct temporary_file file;

	(void)state;
	make_temporary_file(&file, content, sizeof(content) - 1);
	check_malformed(file.path, "bob", 1001, "bob:1:2...'\n");
	check_malformed(file.path, "alice", 1000, "alice:5:6...'\n");
	remove_temporary_file(&file);
}

static void check_unreadable(const char *path, const char *message)
{
	struct id_range range;

	assert_int_equal(search_in(path, "alice", 1, &range), FAILED);
	assert_non_null(strstr(capture.text, message));
}

static void unreadable_subordinate_files(void **state)
{
	(void)state;
	check_unreadable("/nonexistent/subuid", "cannot read /nonexistent/subuid: No such file");
	check_unreadable("/", "cannot read /: it is not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subordinate_ranges),
	    cmocka_unit_test(overlong_subordinate_lines),
	    cmocka_unit_test(lines_with_nuls),
	    cmocka_unit_test(unreadable_subordinate_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
