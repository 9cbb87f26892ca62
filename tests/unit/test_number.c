/* Numbers as they are typed: which strings are some, and which are none. */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

/* Whether the first length characters are a number of at most `most`: compared as text. */
static bool is_number(const char *string, size_t length, uint64_t most, uint64_t *number)
{
	char limit[24];

	if (length == 0 || strspn(string, "0123456789") < length)
		return false;
	for (; length > 1 && *string == '0'; length--)
		string++;
	snprintf(limit, sizeof(limit), "%" PRIu64, most);
	if (length > strlen(limit) ||
	    (length == strlen(limit) && strncmp(string, limit, length) > 0))
		return false;
	*number = 0;
	for (size_t i = 0; i < length; i++)
		*number = *number * 10 + (uint64_t)(string[i] - '0');
	return true;
}

static void check_number(const char *string, uint64_t most)
{
	uint64_t expected;
	uint64_t number = 77;

	if (is_number(string, strlen(string), most, &expected)) {
		assert_true(read_number(string, most, &number));
		assert_true(number == expected);
	} else {
		assert_false(read_number(string, most, &number));
		assert_true(number == 77);
	}
}

static void check_number_until(const char *string, const char *ends, uint64_t most)
{
	const char *position = string;
	size_t length = *ends ? strcspn(string, ends) : strlen(string);
	bool ended = !*ends || string[length] != '\0';
	uint64_t expected;
	uint64_t number = 77;

	if (ended && is_number(string, length, most, &expected)) {
		assert_true(read_number_until(&position, ends, most, &number));
		assert_true(number == expected);
		assert_ptr_equal(position, string + length + (string[length] != '\0'));
	} else {
		assert_false(read_number_until(&position, ends, most, &number));
		assert_true(number == 77);
		assert_ptr_equal(position, string);
	}
}

/* Every string of up to five of these characters. */
static const char alphabet[] = "0159 +-:,x";
enum { ALPHABET = sizeof(alphabet) - 1, LONGEST = 5 };

static void every_short_string(void **state)
{
	static const uint64_t limits[] = {0, 1, 9, 10, 59, 1000, 99999, UINT64_MAX};
	unsigned long total = 1;

	(void)state;
	for (unsigned i = 0; i < LONGEST; i++)
		total *= ALPHABET + 1;
	for (unsigned long code = 0; code < case_count(total); code++) {
		char string[LONGEST + 1] = "";
		size_t length = 0;

		/* The digit 0 of the code ends the string. */
		for (unsigned long rest = code; rest % (ALPHABET + 1) > 0; rest /= ALPHABET + 1)
			string[length++] = alphabet[rest % (ALPHABET + 1) - 1];
		for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			check_number(string, limits[i]);
			check_number_until(string, ":", limits[i]);
			check_number_until(string, ",:", limits[i]);
			check_number_until(string, "", limits[i]);
		}
	}
}

static void limits_are_exact(void **state)
{
	struct generator generator = {1};
	char string[32];

	(void)state;
	for (unsigned long i = 0; i < case_count(200000); i++) {
		uint64_t most = next_number(&generator) >> number_below(&generator, 64);
		uint64_t near = most - 2 + number_below(&generator, 5);

		snprintf(string, sizeof(string), "%llu", (unsigned long long)near);
		check_number(string, most);
		snprintf(string, sizeof(string), "%llu%u", (unsigned long long)near,
			 number_below(&generator, 100));
		check_number(string, most);
	}
}

static void ends_of_64_bits(void **state)
{
	uint64_t number;

	(void)state;
	assert_true(read_number("18446744073709551615", UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
	assert_false(read_number("18446744073709551616", UINT64_MAX, &number));
	assert_false(read_number("184467440737095516150", UINT64_MAX, &number));
	assert_false(read_number("99999999999999999999999999999999", UINT64_MAX, &number));
	assert_true(read_number("9223372036854775807", INT64_MAX, &number));
	assert_false(read_number("9223372036854775808", INT64_MAX, &number));
	assert_true(read_number("000000000000000000000000000000042", 42, &number));
	assert_int_equal(number, 42);
}

static void other_notations_are_no_numbers(void **state)
{
	static const char *const bad[] = {"",    " 1",   "1 ",  "+1",   "-1",   "-0", "0x10",
					  "1e3", "1\n",  "\t1", "1.0",  "1k",   "--", "１",
					  "1_0", "1'00", "NaN", "\x80", "1\xff"};
	uint64_t number = 77;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(read_number(bad[i], UINT64_MAX, &number));
	assert_int_equal(number, 77);
}

static void one_number_after_another(void **state)
{
	const char *position = "10:20,30";
	uint64_t number;

	(void)state;
	assert_true(read_number_until(&position, ":", 100, &number));
	assert_int_equal(number, 10);
	assert_true(read_number_until(&position, ":,", 100, &number));
	assert_int_equal(number, 20);
	assert_string_equal(position, "30");
	assert_false(read_number_until(&position, ":", 100, &number));
	assert_true(read_number_until(&position, "", 100, &number));
	assert_int_equal(number, 30);
	assert_string_equal(position, "");
	assert_false(read_number_until(&position, "", 100, &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_short_string),
	    cmocka_unit_test(limits_are_exact),
	    cmocka_unit_test(ends_of_64_bits),
	    cmocka_unit_test(other_notations_are_no_numbers),
	    cmocka_unit_test(one_number_after_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
