/* Any /proc/self/uid_map: the map of all ids, read by a parser of another kind. */
#include "fuzz.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"

enum { LONGEST_LINE = 1023 };

static bool is_valid(const uint64_t numbers[3])
{
	return numbers[0] <= HIGHEST_ID && numbers[2] > 0 && numbers[2] <= UINT32_MAX &&
	       numbers[0] + numbers[2] - 1 <= HIGHEST_ID && numbers[1] <= HIGHEST_ID &&
	       numbers[1] + numbers[2] - 1 <= HIGHEST_ID;
}

/* Three numbers with blanks before each, and nothing else. */
static bool read_line(const char *line, size_t length, uint64_t numbers[3])
{
	static regex_t form;
	static bool is_compiled;
	char copy[LONGEST_LINE + 1];
	char *rest = copy;

	if (!is_compiled)
		is_compiled =
		    regcomp(&form, "^ *[0-9]+ +[0-9]+ +[0-9]+$", REG_EXTENDED | REG_NOSUB) == 0;
	if (length > LONGEST_LINE || memchr(line, '\0', length))
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (regexec(&form, copy, 0, NULL, 0) != 0)
		return false;
	for (unsigned i = 0; i < 3; i++)
		numbers[i] = strtoull(rest, &rest, 10);
	return is_valid(numbers);
}

/* The text of the map that stands for all ids, and the map, or NULL where there is no such map. */
static char *expect(const char *text, size_t size, struct id_map *map)
{
	const char *end = text + size;
	static char expected[1 << 16];
	size_t length = 0;
	uint64_t numbers[3];

	expected[0] = '\0';
	map->count = 0;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((newline ? newline : end) - text);

		if (!read_line(text, line, numbers) || map->count == MOST_RANGES)
			return NULL;
		map->ranges[map->count++] = (struct id_range){
		    (uint32_t)numbers[0], (uint32_t)numbers[0], (uint32_t)numbers[2]};
		length += (size_t)sprintf(expected + length, "%u %u %u\n", (unsigned)numbers[0],
					  (unsigned)numbers[0], (unsigned)numbers[2]);
		text += line + 1;
	}
	return length < MAP_TEXT_SIZE ? expected : NULL;
}

static bool any_overlap(const struct id_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *one = &map->ranges[i];

		for (size_t j = 0; j < i; j++) {
			const struct id_range *other = &map->ranges[j];

			if (one->inner < (uint64_t)other->inner + other->count &&
			    other->inner < (uint64_t)one->inner + one->count)
				return true;
		}
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct asked asked;
	static struct room room;
	static struct id_map map;
	struct facts facts = {.room = &room, .user.by_helper = true};
	const char *expected;
	int result;

	start_request(&asked);
	asked.request.map_users.count = 1;
	asked.map_users[0].kind = ALL_RANGES;
	/* Nothing stands for a file that cannot be opened. */
	serve_file(size > 0 ? data : NULL, size);
	expected = size > 0 ? expect((const char *)data, size, &map) : NULL;
	result = read_maps(&facts, &asked.request);
	if (result == 0) {
		check(!any_overlap(&map), "there is no overlap");
		check(expected && strcmp(room.user_map, expected) == 0, "the map's text");
	} else {
		check(!expected || any_overlap(&map), "a map is refused for cause");
	}
	return 0;
}
