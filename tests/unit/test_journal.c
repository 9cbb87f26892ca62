/* The calls that --explain, --trace and a message tell of, kept in order. */
#include "journal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "scene.h"

static struct journal journal;
static struct capture capture;

static void calls_in_order(void **state)
{
	(void)state;
	start_journal(&journal, false);
	assert_string_equal(journal.calls, "");
	journal_call(&journal, 3, "open(%q)", "a\nb");
	journal_call(&journal, -1, "getpid()");
	assert_memory_equal(journal.calls, "open(\"a\\nb\")\0getpid()\0", 23);
}

static void files_that_are_read(void **state)
{
	static const char calls[] = "open(\"/dev/null\", O_RDONLY|O_CLOEXEC)\0"
				    "read(file, buffer, 1024)\0"
				    "open(\"/dev/null/a\", O_RDONLY|O_CLOEXEC)\0"
				    "read(file, buffer, 1024)\0";
	struct line_reader reader = {.journal = &journal};
	struct record record;

	(void)state;
	start_journal(&journal, false);
	reader.descriptor = journal_open(&journal, "/dev/null");
	assert_false(next_record(&reader, &record));
	assert_int_equal(errno, 0);
	close(reader.descriptor);
	reader.descriptor = journal_open(&journal, "/dev/null/a");
	assert_int_equal(reader.descriptor, -1);
	assert_false(next_record(&reader, &record));
	assert_int_equal(errno, EBADF);
	assert_memory_equal(journal.calls, calls, sizeof(calls));
}

static void no_journal(void **state)
{
	(void)state;
	journal_call(NULL, 0, "getpid()");
}

/* More than there is room for: what is kept is whole, and the end is marked. */
static void very_many_calls(void **state)
{
	const char *last = NULL;
	size_t count = 0;

	(void)state;
	start_journal(&journal, false);
	for (unsigned i = 0; i < 10000; i++)
		journal_call(&journal, 0, "read(file, buffer, %u)", i);
	for (const char *call = journal.calls; *call; call += strlen(call) + 1) {
		count++;
		last = call;
		assert_in_range(call + strlen(call) + 1 - journal.calls, 0,
				sizeof(journal.calls) - 1);
		assert_true(strcmp(call, "...") == 0 || call[strlen(call) - 1] == ')');
	}
	assert_string_equal(last, "...");
	assert_in_range(count, 500, 9999);
}

/* It is cut, and does not have all the room. */
static void very_long_calls(void **state)
{
	static char path[sizeof(journal.calls) + 10];
	const char *call = journal.calls + sizeof("getpid()");

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	start_journal(&journal, false);
	journal_call(&journal, 0, "getpid()");
	journal_call(&journal, 0, "open(%q)", path);
	assert_memory_equal(journal.calls, "getpid()\0open(\"xxx", 18);
	assert_string_equal(call + strlen(call) - 6, "xxx...");
	call += strlen(call) + 1;
	journal_call(&journal, 0, "open(%q)", path);
	journal_call(&journal, 0, "getpid()");
	assert_memory_equal(call, "...\0", 5);
}

static void traced_at_once(void **state)
{
	(void)state;
	start_capture(&capture);
	start_journal(&journal, true);
	journal_call(&journal, 3, "open(%q)", "a");
	errno = ENOENT;
	journal_call(&journal, -1, "open(%q)", "b");
	journal_call(&journal, NOT_RETURNED, "execve(%q)", "c");
	end_capture(&capture);
	assert_string_equal(capture.text, "launcher: open(\"a\") = 3\n"
					  "launcher: open(\"b\") = -1 (No such file or directory)\n"
					  "launcher: execve(\"c\")\n");
	assert_string_equal(journal.calls, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_in_order),  cmocka_unit_test(files_that_are_read),
	    cmocka_unit_test(no_journal),      cmocka_unit_test(very_many_calls),
	    cmocka_unit_test(very_long_calls), cmocka_unit_test(traced_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
