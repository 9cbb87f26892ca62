/* Texts that are put together: numbers, escapes, JSON, and where they are cut. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "text.h"

/* What format says, in a buffer that is large enough. */
static const char *formatted(const char *format, ...)
{
	static char buffer[2048];
	struct text text = {.start = buffer, .capacity = sizeof(buffer) - 1, .descriptor = -1};
	va_list arguments;

	va_start(arguments, format);
	text_format(&text, format, arguments);
	va_end(arguments);
	assert_false(text.overflowed);
	buffer[text.length] = '\0';
	return buffer;
}

static void plain_text_and_percent(void **state)
{
	(void)state;
	assert_string_equal(formatted(""), "");
	assert_string_equal(formatted("as it is"), "as it is");
	assert_string_equal(formatted("100%% of %%s"), "100% of %s");
	assert_string_equal(formatted("%s", ""), "");
	assert_string_equal(formatted("<%s|%s>", "one", "two"), "<one|two>");
}

static void numbers(void **state)
{
	(void)state;
	assert_string_equal(formatted("%d %d %d", 0, -7, 42), "0 -7 42");
	assert_string_equal(formatted("%d %d", INT_MIN, INT_MAX), "-2147483648 2147483647");
	assert_string_equal(formatted("%u %u", 0U, UINT_MAX), "0 4294967295");
	assert_string_equal(formatted("%l %l %l", -1LL, LLONG_MIN, LLONG_MAX),
			    "-1 -9223372036854775808 9223372036854775807");
	assert_string_equal(formatted("%o %o %o", 0444U, 0755U, 07U), "0444 0755 07");
}

static void names_of_the_kernel(void **state)
{
	(void)state;
	assert_string_equal(formatted("%N", (unsigned long)(CLONE_NEWPID | CLONE_NEWNS)),
			    "CLONE_NEWNS|CLONE_NEWPID");
	assert_string_equal(formatted("%N", 0UL), "0");
	assert_string_equal(formatted("%M", (unsigned long)(MS_REC | MS_PRIVATE)),
			    "MS_REC|MS_PRIVATE");
	assert_string_equal(formatted("%M", 0UL), "0");
	assert_string_equal(formatted("%G %G", SIGKILL, 0), "SIGKILL 0");
}

static void raw_strings_have_a_length(void **state)
{
	(void)state;
	assert_string_equal(formatted("[%r]", "abcdef", (size_t)3), "[abc]");
	assert_string_equal(formatted("[%r]", "a\nb", (size_t)3), "[a\nb]");
	assert_string_equal(formatted("[%r]", "", (size_t)0), "[]");
}

static void escapes(void **state)
{
	(void)state;
	assert_string_equal(formatted("%s", "\a\b\t\n\v\f\r"), "\\a\\b\\t\\n\\v\\f\\r");
	assert_string_equal(formatted("%s", "\033[2J\x7f\x01"), "\\033[2J\\177\\001");
	assert_string_equal(formatted("%s", "it's \"C:\\\" ü"), "it's \"C:\\\" ü");
	assert_string_equal(formatted("%q", "it's \"C:\\\" ü"), "\"it's \\\"C:\\\\\\\" ü\"");
	assert_string_equal(formatted("%q", "\001"
					    "2"),
			    "\"\\0012\"");
	assert_string_equal(formatted("%q %q", "", (const char *)NULL), "\"\" NULL");
}

/* Latin-1, overlong forms, surrogates, what lies beyond Unicode, what is cut off, and the
 * control characters from 0x80 on: none of it is fit for a terminal or for JSON. */
static void what_is_not_utf8_is_escaped(void **state)
{
	(void)state;
	assert_string_equal(formatted("%s", "\xe4"), "\\344");
	assert_string_equal(formatted("%q", "\xff\xfe"), "\"\\377\\376\"");
	assert_string_equal(formatted("%s", "\xc1\xbf"), "\\301\\277");
	assert_string_equal(formatted("%s", "\xe0\x9f\xbf"), "\\340\\237\\277");
	assert_string_equal(formatted("%s", "\xf0\x8f\xbf\xbf"), "\\360\\217\\277\\277");
	assert_string_equal(formatted("%s", "\xed\xa0\x80"), "\\355\\240\\200");
	assert_string_equal(formatted("%s", "\xf4\x90\x80\x80"), "\\364\\220\\200\\200");
	assert_string_equal(formatted("%s", "\xf5\x80\x80\x80"), "\\365\\200\\200\\200");
	assert_string_equal(formatted("%s", "\xe2\x82"), "\\342\\202");
	assert_string_equal(formatted("%s", "\xc2\x9b[2J"), "\\302\\233[2J");
	assert_string_equal(formatted("%s", "\xed\xbf\xbf"), "\\355\\277\\277");
	assert_string_equal(
	    formatted("%s", "\xc2\xa0|ü|€|\xed\x9f\xbf|\xee\x80\x80|\xf0\x9f\x90\xa7"),
	    "\xc2\xa0|ü|€|\xed\x9f\xbf|\xee\x80\x80|\xf0\x9f\x90\xa7");
}

/* Half of a character is none. */
static void characters_are_not_cut(void **state)
{
	char buffer[8] = "#######";
	struct text text = {.start = buffer, .capacity = 5, .descriptor = -1};

	(void)state;
	text_print(&text, "%s", "a€bc");
	assert_true(text.overflowed);
	text_print(&text, "d");
	assert_string_equal(text_end(&text), "a...");
	assert_int_equal(text.length, 4);
	assert_memory_equal(buffer + 5, "##", 3);
}

/* Whatever has room before the cut, what is there is the start of the text and "...". */
static void a_cut_shows(void **state)
{
	static const char string[] = "ab€c𝄞dé";
	const size_t size = sizeof(string) - 1;

	(void)state;
	for (size_t capacity = 3; capacity < size; capacity++) {
		for (size_t raw = 0; raw < 2; raw++) {
			char buffer[32];
			struct text text = {
			    .start = buffer, .capacity = capacity, .descriptor = -1};
			char shown[64];

			text_print(&text, raw ? "%r" : "%s", string, size);
			text_end(&text);
			assert_in_range(text.length, capacity < 6 ? 3 : capacity - 3, capacity);
			assert_memory_equal(buffer + text.length - 3, "...", 3);
			assert_memory_equal(buffer, string, text.length - 3);
			/* What is not UTF-8 would be escaped here. */
			snprintf(shown, sizeof(shown), "%s", formatted("%s", buffer));
			assert_string_equal(shown, buffer);
		}
	}
}

static void what_fits_shows_no_cut(void **state)
{
	char buffer[8] = "#######";
	struct text text = {.start = buffer, .capacity = 5, .descriptor = -1};

	(void)state;
	text_print(&text, "12345");
	assert_string_equal(text_end(&text), "12345");
	assert_memory_equal(buffer + 6, "#", 2);
}

static void json_strings(void **state)
{
	(void)state;
	assert_string_equal(formatted("%j", ""), "\"\"");
	assert_string_equal(formatted("%j", "a\"b\\c/ü"), "\"a\\\"b\\\\c/ü\"");
	for (char character = 1; character < ' '; character++) {
		const char string[] = {character, '\0'};
		char expected[16];

		snprintf(expected, sizeof(expected), "\"\\u%04x\"", (unsigned)character);
		assert_string_equal(formatted("%j", string), expected);
	}
}

/* What a C compiler makes of the literal; the length, or -1 if it is none. */
static int read_literal(const char *literal, char *string)
{
	static const char letters[] = "abtnvfr\"\\";
	static const char meanings[] = "\a\b\t\n\v\f\r\"\\";
	int length = 0;

	if (*literal++ != '"')
		return -1;
	for (; *literal != '"'; length++) {
		unsigned octal;
		const char *letter;

		if ((unsigned char)*literal < ' ')
			return -1;
		if (*literal != '\\') {
			string[length] = *literal++;
		} else if (sscanf(literal, "\\%3o", &octal) == 1) {
			string[length] = (char)octal;
			literal += 4;
		} else {
			letter = strchr(letters, literal[1]);
			if (!letter)
				return -1;
			string[length] = meanings[letter - letters];
			literal += 2;
		}
	}
	return literal[1] ? -1 : length;
}

static void literals_say_what_the_string_is(void **state)
{
	struct generator generator = {2};
	char string[32];
	char again[64];

	(void)state;
	for (unsigned long i = 0; i < case_count(200000); i++) {
		size_t length = number_below(&generator, sizeof(string));
		for (size_t j = 0; j < length; j++)
			string[j] = (char)(1 + number_below(&generator, i % 2 ? 255 : 40));
		string[length] = '\0';
		assert_int_equal(read_literal(formatted("%q", string), again), length);
		assert_memory_equal(again, string, length);
	}
}

static void no_control_character_gets_through(void **state)
{
	(void)state;
	for (int character = 1; character < 256; character++) {
		char string[] = {(char)character, '\0'};
		const char *shown = formatted("%s%q", string, string);

		for (; *shown; shown++)
			assert_true((unsigned char)*shown >= ' ' && *shown != 0x7f);
	}
}

static void what_does_not_fit_is_left_out(void **state)
{
	char buffer[8] = "#######";
	struct text text = {.start = buffer, .capacity = 5, .descriptor = -1};

	(void)state;
	text_print(&text, "12345");
	assert_false(text.overflowed);
	text_print(&text, "6");
	assert_true(text.overflowed);
	text_print(&text, "%s%d", "78", 9);
	assert_int_equal(text.length, 5);
	assert_memory_equal(buffer, "12345##", 8);
}

static void flushing_without_a_descriptor_empties(void **state)
{
	char buffer[8];
	struct text text = {.start = buffer, .capacity = sizeof(buffer), .descriptor = -1};

	(void)state;
	text_print(&text, "1234");
	text_flush(&text);
	assert_int_equal(text.length, 0);
}

/* Whatever the size of the buffer, the descriptor gets all of it in order. */
static void full_buffers_empty_themselves(void **state)
{
	const char *expected = "The quick brown fox: -12 \"\\n\" jumps over 4294967295 dogs";

	(void)state;
	for (size_t capacity = 1; capacity < 70; capacity++) {
		char buffer[80];
		char written[128];
		int file = memfd_create("text", MFD_CLOEXEC);
		struct text text = {.start = buffer, .capacity = capacity, .descriptor = file};
		ssize_t length;

		assert_true(file >= 0);
		text_print(&text, "The quick %s fox: %d %q jumps over %u %r", "brown", -12, "\n",
			   UINT_MAX, "dogs!", (size_t)4);
		text_flush(&text);
		assert_int_equal(text.length, 0);
		assert_false(text.overflowed);
		length = pread(file, written, sizeof(written), 0);
		assert_int_equal(length, strlen(expected));
		assert_memory_equal(written, expected, strlen(expected));
		close(file);
	}
}

/* A line that fits is one write, so that lines of several processes do not mix. */
static void nothing_is_written_before_it_must_be(void **state)
{
	char buffer[16];
	int file = memfd_create("text", MFD_CLOEXEC);
	struct text text = {.start = buffer, .capacity = sizeof(buffer), .descriptor = file};

	(void)state;
	text_print(&text, "0123456789abcdef");
	assert_int_equal(lseek(file, 0, SEEK_END), 0);
	text_character(&text, '!');
	assert_int_equal(lseek(file, 0, SEEK_END), 16);
	text_flush(&text);
	assert_int_equal(lseek(file, 0, SEEK_END), 17);
	close(file);
}

static void trouble_with_the_descriptor_is_ignored(void **state)
{
	char buffer[4];
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct text text = {.start = buffer, .capacity = sizeof(buffer), .descriptor = full};

	(void)state;
	assert_true(full >= 0);
	text_print(&text, "more than the buffer takes");
	text_flush(&text);
	assert_int_equal(text.length, 0);
	assert_int_equal(text.error, ENOSPC);
	close(full);
	text_print(&text, "the descriptor is closed now");
	text_flush(&text);
	assert_int_equal(text.length, 0);
}

/* U+100000 and U+10FFFF begin with the same byte as what lies beyond Unicode. */
static void the_last_characters_of_unicode(void **state)
{
	(void)state;
	assert_string_equal(formatted("%s", "\xf4\x80\x80\x80"), "\xf4\x80\x80\x80");
	assert_string_equal(formatted("%s", "\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf");
	assert_string_equal(formatted("%s", "\xf4\x90\x80\x80"), "\\364\\220\\200\\200");
	assert_string_equal(formatted("%s", "\xf5\x80\x80\x80"), "\\365\\200\\200\\200");
	assert_string_equal(formatted("%s", "\xc2\xa0"), "\xc2\xa0");
	assert_string_equal(formatted("%s", "\xc2\x9f"), "\\302\\237");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_text_and_percent),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(names_of_the_kernel),
	    cmocka_unit_test(raw_strings_have_a_length),
	    cmocka_unit_test(escapes),
	    cmocka_unit_test(what_is_not_utf8_is_escaped),
	    cmocka_unit_test(characters_are_not_cut),
	    cmocka_unit_test(the_last_characters_of_unicode),
	    cmocka_unit_test(a_cut_shows),
	    cmocka_unit_test(what_fits_shows_no_cut),
	    cmocka_unit_test(json_strings),
	    cmocka_unit_test(literals_say_what_the_string_is),
	    cmocka_unit_test(no_control_character_gets_through),
	    cmocka_unit_test(what_does_not_fit_is_left_out),
	    cmocka_unit_test(flushing_without_a_descriptor_empties),
	    cmocka_unit_test(full_buffers_empty_themselves),
	    cmocka_unit_test(nothing_is_written_before_it_must_be),
	    cmocka_unit_test(trouble_with_the_descriptor_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
