/* Any subuid(5) file: its first line for the user, read by a parser of another kind. Where there is
 * none, ids behind everybody's. */
#include "fuzz.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"

static const char login[] = "nsrun";
enum { USER = 1000, LONGEST_LINE = sizeof(((struct record *)0)->line) - 1 };

/* With a NUL in it, it is nobody's. */
static bool is_owner(const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);

	length = colon ? (size_t)(colon - line) : length;
	return (length == strlen(login) && memcmp(line, login, length) == 0) ||
	       (length == 4 && memcmp(line, "1000", length) == 0);
}

static bool read_id(const char *digits, uint64_t *id)
{
	errno = 0;
	*id = strtoull(digits, NULL, 10);
	return errno == 0 && *id <= UINT32_MAX;
}

static bool is_range(const char *line, size_t length, struct id_range *range)
{
	static regex_t form;
	static bool is_compiled;
	char copy[LONGEST_LINE + 1];
	uint64_t outer, count;
	regmatch_t parts[3];

	if (!is_compiled)
		is_compiled = regcomp(&form, "^[^:]*:([0-9]+):([0-9]+)$", REG_EXTENDED) == 0;
	if (length > LONGEST_LINE || memchr(line, '\0', length))
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (regexec(&form, copy, 3, parts, 0) != 0 || !read_id(copy + parts[1].rm_so, &outer) ||
	    !read_id(copy + parts[2].rm_so, &count))
		return false;
	*range = (struct id_range){.outer = (uint32_t)outer, .count = (uint32_t)count};
	return count > 0 && outer + count - 1 <= HIGHEST_ID;
}

static int expect(const char *text, size_t size, struct id_range *range)
{
	const char *end = text + size;
	struct id_range spare = {.outer = 100000, .count = 65536}, other;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((newline ? newline : end) - text);

		if (is_owner(text, length))
			return is_range(text, length, range) ? 1 : -1;
		if (is_range(text, length, &other) && other.outer + other.count > spare.outer)
			spare.outer = other.outer + other.count;
		text += length + 1;
	}
	*range = spare;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct id_range range = {0}, expected = {0};
	int result;

	serve_file(data, size);
	result = find_subordinate_range(NULL, "/etc/subuid", login, USER, &range);
	check(result == expect((const char *)data, size, &expected), "the result");
	if (result >= 0)
		check(memcmp(&range, &expected, sizeof(range)) == 0, "the range");
	return 0;
}
