/* Any map of ids: its arithmetic agrees with that of 64 bits, and with a list of ids. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "idmap.h"

struct input {
	const uint8_t *data;
	size_t size;
};

/* An id: small ones collide, and those at the top overflow. */
static uint32_t next_id(struct input *input)
{
	uint8_t bytes[5] = {0};
	size_t length = input->size < sizeof(bytes) ? input->size : sizeof(bytes);
	uint32_t id;

	memcpy(bytes, input->data, length);
	input->data += length;
	input->size -= length;
	memcpy(&id, bytes + 1, sizeof(id));
	if (bytes[0] % 4 == 0)
		return id;
	return bytes[0] % 4 == 1 ? UINT32_MAX - id % 64 : id % 64;
}

static bool is_valid(const struct id_range *range)
{
	uint64_t count = range->count;

	return count > 0 && range->inner + count - 1 <= HIGHEST_ID &&
	       range->outer + count - 1 <= HIGHEST_ID;
}

static void read_ranges(struct id_map *map, struct input *input)
{
	map->count = 0;
	while (input->size > 0 && map->count < MOST_RANGES) {
		struct id_range range;

		range.inner = next_id(input);
		range.outer = next_id(input);
		range.count = next_id(input);
		check(range_is_valid(&range) == is_valid(&range), "a range is valid");
		if (is_valid(&range))
			map->ranges[map->count++] = range;
	}
}

static bool share(uint64_t one, uint64_t one_count, uint64_t other, uint64_t other_count)
{
	return one < other + other_count && other < one + one_count;
}

static bool overlap(const struct id_range *one, const struct id_range *other)
{
	return share(one->inner, one->count, other->inner, other->count) ||
	       share(one->outer, one->count, other->outer, other->count);
}

static bool any_overlap(const struct id_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (overlap(&map->ranges[i], &map->ranges[j]))
				return true;
		}
	}
	return false;
}

static void check_overlap(const struct id_map *map)
{
	const struct id_range *pair[2];
	bool found = find_overlap(map, pair);

	check(found == any_overlap(map), "overlaps are found, and nothing else");
	if (!found)
		return;
	check(map->ranges <= pair[0] && pair[0] < pair[1] && pair[1] < map->ranges + map->count,
	      "an overlap has two ranges");
	check(overlap(pair[0], pair[1]), "the two overlap");
}

/* How many ids of the range are not this one. */
static uint64_t without(uint64_t start, uint64_t count, uint64_t id)
{
	return count - (id >= start && id < start + count);
}

/* The i-th id of those that start at start and are not the one that is left out. */
static uint64_t pick(uint64_t start, uint64_t i, uint64_t left_out)
{
	return start + i + (left_out >= start && left_out <= start + i);
}

/* What the map makes of an inner id, or UINT64_MAX. */
static uint64_t look_up(const struct id_map *map, uint64_t inner)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];

		if (inner >= range->inner && inner - range->inner < range->count)
			return range->outer + (inner - range->inner);
	}
	return UINT64_MAX;
}

/* The ids of each side, without the single one, are paired in their order. */
static void check_pairs(const struct id_map *after, const struct id_range *range, uint32_t inner,
			uint32_t outer)
{
	uint64_t inners = without(range->inner, range->count, inner);
	uint64_t outers = without(range->outer, range->count, outer);
	uint64_t pairs = inners < outers ? inners : outers;
	uint64_t step = pairs / 64 + 1;

	for (uint64_t i = 0; i < pairs; i += step)
		check(look_up(after, pick(range->inner, i, inner)) == pick(range->outer, i, outer),
		      "ids are paired in order");
	if (pairs > 0)
		check(look_up(after, pick(range->inner, pairs - 1, inner)) ==
			  pick(range->outer, pairs - 1, outer),
		      "the last pair is there");
}

static void check_single(const struct id_map *map, uint32_t inner, uint32_t outer)
{
	struct id_map after = *map;
	uint64_t total = 1, found = 0;

	map_single_id(&after, inner, outer);
	check(after.count <= sizeof(after.ranges) / sizeof(after.ranges[0]), "there is room");
	/* Such a map is refused, and not all of it is there. */
	if (after.count > MOST_RANGES)
		return;
	check(look_up(&after, inner) == outer, "the single id is mapped");
	check(!any_overlap(&after), "splitting makes no overlap");
	for (size_t i = 0; i < after.count; i++) {
		check(is_valid(&after.ranges[i]), "what is split stays valid");
		found += after.ranges[i].count;
	}
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];
		uint64_t inners = without(range->inner, range->count, inner);
		uint64_t outers = without(range->outer, range->count, outer);

		check_pairs(&after, range, inner, outer);
		total += inners < outers ? inners : outers;
	}
	check(found == total, "no other id is mapped");
}

/* All ids outside but the single one are mapped. */
static void check_around(const struct id_range *range, uint32_t inner, uint32_t outer)
{
	struct id_map after = {.count = 0};
	struct id_range longer = *range;
	uint64_t found = 0;

	longer.count += without(range->inner, range->count, inner) <
			without(range->outer, range->count, outer);
	if (!is_valid(&longer))
		return;
	append_around(&after, range, inner, outer);
	check(!any_overlap(&after), "no overlap around the single id");
	check_pairs(&after, &longer, inner, outer);
	for (size_t i = 0; i < after.count; i++)
		found += after.ranges[i].count;
	check(found == without(range->outer, range->count, outer), "all around the single id");
}

static void check_text(const struct id_map *map)
{
	char text[MAP_TEXT_SIZE], line[40];
	bool written = write_map_text(map, text);
	size_t length = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];
		int size = snprintf(line, sizeof(line), "%u %u %u\n", range->inner, range->outer,
				    range->count);

		if (written)
			check(strncmp(text + length, line, (size_t)size) == 0, "a range's line");
		length += (size_t)size;
	}
	check(written == (length < MAP_TEXT_SIZE), "what fits is written");
	check(!written || strlen(text) == length, "nothing else is written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint32_t inner = next_id(&input), outer = next_id(&input);
	struct id_map map;

	read_ranges(&map, &input);
	check_overlap(&map);
	check_text(&map);
	if (!any_overlap(&map) && inner <= HIGHEST_ID && outer <= HIGHEST_ID)
		check_single(&map, inner, outer);
	if (map.count > 0 && inner <= HIGHEST_ID && outer <= HIGHEST_ID)
		check_around(&map.ranges[0], inner, outer);
	return 0;
}
