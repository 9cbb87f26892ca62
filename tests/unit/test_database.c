/* The reader of passwd, group, subuid and subgid: lines, fields and files of any content. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "database.h"
#include "look.h"

enum { LINE_SIZE = sizeof(((struct record *)0)->line) };

/* A file without a name, at its start. */
static struct line_reader read_content(const char *content, size_t length)
{
	struct line_reader reader = {.descriptor = memfd_create("content", MFD_CLOEXEC)};

	assert_true(reader.descriptor >= 0);
	assert_int_equal(write(reader.descriptor, content, length), length);
	lseek(reader.descriptor, 0, SEEK_SET);
	return reader;
}

/* A field, cut out of a copy. */
static const char *field_of(const struct record *record, unsigned field)
{
	static struct record copy;

	copy = *record;
	return cut_field(&copy, field);
}

/* That the line has these fields and no more. */
static void check_fields(const struct record *record, unsigned count, const char *const *fields)
{
	assert_false(record->overlong);
	for (unsigned i = 0; i < count; i++)
		assert_string_equal(field_of(record, i), fields[i]);
	assert_null(field_of(record, count));
}

static void an_empty_file_has_no_records(void **state)
{
	struct line_reader reader = read_content("", 0);
	struct record record;

	(void)state;
	assert_false(next_record(&reader, &record));
	assert_false(next_record(&reader, &record));
	assert_int_equal(errno, 0);
	close(reader.descriptor);
}

static void lines_and_fields(void **state)
{
	static const char content[] = "one:2:three\n\n:\n:a:\nalone\n";
	struct line_reader reader = read_content(content, strlen(content));
	struct record record;

	(void)state;
	assert_true(next_record(&reader, &record));
	check_fields(&record, 3, (const char *[]){"one", "2", "three"});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 1, (const char *[]){""});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 2, (const char *[]){"", ""});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 3, (const char *[]){"", "a", ""});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 1, (const char *[]){"alone"});
	assert_false(next_record(&reader, &record));
	close(reader.descriptor);
}

static void the_last_line_needs_no_newline(void **state)
{
	struct line_reader reader = read_content("a:b\nc:d", 7);
	struct record record;

	(void)state;
	assert_true(next_record(&reader, &record));
	assert_true(next_record(&reader, &record));
	check_fields(&record, 2, (const char *[]){"c", "d"});
	assert_false(next_record(&reader, &record));
	close(reader.descriptor);
}

static void a_line_may_have_many_fields(void **state)
{
	static const char content[] = "0:1:2:3:4:5:6:7:8:9\nnext\n";
	struct line_reader reader = read_content(content, strlen(content));
	struct record record;

	(void)state;
	assert_true(next_record(&reader, &record));
	check_fields(&record, 10,
		     (const char *[]){"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 1, (const char *[]){"next"});
	close(reader.descriptor);
}

/* Lines around the size of the record, with the next line to show that it is whole. */
static void overlong_lines_are_marked_and_skipped(void **state)
{
	static char content[4 * LINE_SIZE];
	struct record record;

	(void)state;
	for (size_t length = LINE_SIZE - 4; length < LINE_SIZE + 4; length++) {
		struct line_reader reader;
		char *end = content;

		memset(end, 'x', length);
		end = stpcpy(end + length, "\nnext:line\n");
		memset(end, 'y', 2 * length);
		end += 2 * length;
		reader = read_content(content, (size_t)(end - content));
		assert_true(next_record(&reader, &record));
		assert_int_equal(record.overlong, length > LINE_SIZE - 1);
		assert_int_equal(strlen(record.line), length < LINE_SIZE ? length : LINE_SIZE - 1);
		assert_true(next_record(&reader, &record));
		check_fields(&record, 2, (const char *[]){"next", "line"});
		assert_true(next_record(&reader, &record));
		assert_true(record.overlong);
		assert_false(next_record(&reader, &record));
		close(reader.descriptor);
	}
}

/* The fields in front of what is cut off, or of a NUL, are whole. */
static void fields_of_overlong_lines(void **state)
{
	static char content[3 * LINE_SIZE] = "name:x:5:";
	struct line_reader reader;
	struct record record;

	(void)state;
	memset(content + 9, 'm', 2 * LINE_SIZE);
	reader = read_content(content, strlen(content));
	assert_true(next_record(&reader, &record));
	assert_string_equal(field_of(&record, 0), "name");
	assert_string_equal(field_of(&record, 2), "5");
	assert_null(field_of(&record, 3));
	assert_null(field_of(&record, 4));
	assert_false(next_record(&reader, &record));
	close(reader.descriptor);
	reader = read_content("a:b\0c:d:e\n\0f:g\nh:i\n", 19);
	assert_true(next_record(&reader, &record));
	assert_string_equal(field_of(&record, 0), "a");
	assert_null(field_of(&record, 1));
	assert_null(field_of(&record, 2));
	assert_true(next_record(&reader, &record));
	assert_null(field_of(&record, 0));
	assert_true(next_record(&reader, &record));
	assert_string_equal(field_of(&record, 1), "i");
	assert_null(field_of(&record, 2));
	assert_false(next_record(&reader, &record));
	close(reader.descriptor);
}

static void fields_that_are_left_out(void **state)
{
	static char content[3 * LINE_SIZE];
	char *end = stpcpy(content, "a:b:c:d:e:f:g:h:i:j\nname:x:5:6:");
	struct line_reader reader;
	struct record record;

	(void)state;
	memset(end, 'm', 2 * LINE_SIZE);
	strcpy(end + 2 * LINE_SIZE, ":/:shell\n:::");
	reader = read_content(content, strlen(content));
	reader.left_out = 1 << 0 | 1 << 4;
	assert_true(next_record(&reader, &record));
	check_fields(&record, 10, (const char *[]){"", "b", "c", "d", "", "f", "g", "h", "i", "j"});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 7, (const char *[]){"", "x", "5", "6", "", "/", "shell"});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 4, (const char *[]){"", "", "", ""});
	assert_false(next_record(&reader, &record));
	close(reader.descriptor);
}

/* Cuts the first line off content, as next_record() should see it. */
static const char *model_line(const char *content, char line[4096])
{
	const char *end = strchrnul(content, '\n');

	memcpy(line, content, (size_t)(end - content));
	line[end - content] = '\0';
	return *end ? end + 1 : end;
}

static void check_all_fields(const struct record *record, char *rest)
{
	for (unsigned i = 0; rest; i++)
		assert_string_equal(field_of(record, i), strsep(&rest, ":"));
}

static void generated_files_agree_with_a_model(void **state)
{
	struct generator generator = {6};
	char content[4096];

	(void)state;
	for (unsigned long i = 0; i < case_count(2000); i++) {
		size_t length = number_below(&generator, sizeof(content));
		const char *rest = content;
		struct line_reader reader;
		struct record record;
		char line[4096];

		for (size_t j = 0; j < length; j++)
			content[j] = "ab:\n"[number_below(&generator, 4)];
		content[length] = '\0';
		reader = read_content(content, length);
		while (*rest) {
			rest = model_line(rest, line);
			assert_true(next_record(&reader, &record));
			assert_false(record.overlong);
			assert_string_equal(record.line, line);
			check_all_fields(&record, line);
		}
		assert_false(next_record(&reader, &record));
		close(reader.descriptor);
	}
}

static void short_reads_join_up(void **state)
{
	struct line_reader reader;
	struct record record;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
	for (const char *piece = "ab:cd\nef"; *piece; piece++)
		assert_int_equal(write(ends[1], piece, 1), 1);
	close(ends[1]);
	reader = (struct line_reader){.descriptor = ends[0]};
	assert_true(next_record(&reader, &record));
	check_fields(&record, 2, (const char *[]){"ab", "cd"});
	assert_true(next_record(&reader, &record));
	check_fields(&record, 1, (const char *[]){"ef"});
	assert_false(next_record(&reader, &record));
	close(ends[0]);
}

static void a_failed_read_leaves_its_error(void **state)
{
	struct line_reader reader = {.descriptor = open("/", O_RDONLY | O_CLOEXEC)};
	struct record record;

	(void)state;
	assert_false(next_record(&reader, &record));
	assert_int_equal(errno, EISDIR);
	close(reader.descriptor);
}

static void users_and_groups_of_this_machine(void **state)
{
	struct record user;
	uint32_t id = 77;

	(void)state;
	assert_int_equal(find_id(NULL, "passwd", "root", &id), 0);
	assert_int_equal(id, 0);
	id = 77;
	assert_int_equal(find_id(NULL, "group", "root", &id), 0);
	assert_int_equal(id, 0);
	assert_true(find_user(NULL, 0, &user));
	assert_string_equal(field_of(&user, 0), "root");
	assert_non_null(field_of(&user, 6));
	id = 77;
	assert_int_equal(find_id(NULL, "passwd", "no-such-user-here", &id), -1);
	assert_int_equal(find_id(NULL, "group", "no-such-group-here", &id), -1);
	assert_int_equal(find_id(NULL, "passwd", "", &id), -1);
	assert_int_equal(find_id(NULL, "passwd", "-V", &id), -1);
	assert_int_equal(id, 77);
	assert_false(find_user(NULL, 4294967294, &user));
}

static void look_everything_up(void)
{
	struct id_range range;
	struct record record;
	uint32_t id;
	char start[8];

	(void)find_subordinate_range(NULL, "/etc/passwd", "nobody-here", 4294967294, &range);
	(void)find_user(NULL, 0, &record);
	(void)find_id(NULL, "passwd", "no-such-user", &id);
	(void)find_id(NULL, "group", "root", &id);
	(void)read_start("/etc/passwd", start, sizeof(start));
	(void)find_propagation(NULL, "/etc/passwd");
	(void)offered_namespaces(NULL);
}

/* A descriptor that stays open would be open until the exec, even where the caller has closed
 * standard input, whose number it gets then. */
static void no_descriptor_stays_open(void **state)
{
	int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	int before = lowest_free_descriptor();
	int after, after_with_input_closed;

	(void)state;
	look_everything_up();
	after = lowest_free_descriptor();
	close(STDIN_FILENO);
	look_everything_up();
	after_with_input_closed = lowest_free_descriptor();
	dup2(input, STDIN_FILENO);
	close(input);
	assert_int_equal(after, before);
	assert_int_equal(after_with_input_closed, STDIN_FILENO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_descriptor_stays_open),
	    cmocka_unit_test(an_empty_file_has_no_records),
	    cmocka_unit_test(lines_and_fields),
	    cmocka_unit_test(the_last_line_needs_no_newline),
	    cmocka_unit_test(a_line_may_have_many_fields),
	    cmocka_unit_test(overlong_lines_are_marked_and_skipped),
	    cmocka_unit_test(fields_of_overlong_lines),
	    cmocka_unit_test(fields_that_are_left_out),
	    cmocka_unit_test(generated_files_agree_with_a_model),
	    cmocka_unit_test(short_reads_join_up),
	    cmocka_unit_test(a_failed_read_leaves_its_error),
	    cmocka_unit_test(users_and_groups_of_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
