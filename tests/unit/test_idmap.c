/* The arithmetic of id maps, compared with a model that lists every id. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "idmap.h"

/* Ids below this are few enough to be listed one by one. */
enum { SMALL = 48 };

struct pair {
	uint32_t inner;
	uint32_t outer;
};

struct pairs {
	size_t count;
	struct pair list[SMALL * 8];
};

/* The ids of a span in order, without one of them. */
static size_t list_span(uint32_t ids[SMALL], uint32_t start, uint32_t count, uint32_t without)
{
	size_t length = 0;

	for (uint32_t id = start; id < start + count; id++) {
		if (id != without)
			ids[length++] = id;
	}
	return length;
}

/* The model: take the two ids out of both sides of each range, pair what is left. */
static void model_single_id(struct pairs *pairs, const struct id_map *map, uint32_t inner,
			    uint32_t outer)
{
	pairs->count = 0;
	pairs->list[pairs->count++] = (struct pair){inner, outer};
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];
		uint32_t inside[SMALL];
		uint32_t outside[SMALL];
		size_t inside_count = list_span(inside, range->inner, range->count, inner);
		size_t outside_count = list_span(outside, range->outer, range->count, outer);

		for (size_t j = 0; j < inside_count && j < outside_count; j++)
			pairs->list[pairs->count++] = (struct pair){inside[j], outside[j]};
	}
}

static void list_pairs(struct pairs *pairs, const struct id_map *map)
{
	pairs->count = 0;
	for (size_t i = 0; i < map->count; i++) {
		assert_true(range_is_valid(&map->ranges[i]));
		for (uint32_t j = 0; j < map->ranges[i].count; j++) {
			struct pair pair = {map->ranges[i].inner + j, map->ranges[i].outer + j};
			assert_true(pairs->count < SMALL * 8);
			pairs->list[pairs->count++] = pair;
		}
	}
}

/* The same question as find_overlap()'s, answered by looking at every pair of ids. */
static bool have_common_id(const struct id_range *one, const struct id_range *other)
{
	for (uint32_t i = 0; i < one->count * other->count; i++) {
		uint32_t a = i / other->count;
		uint32_t b = i % other->count;

		if (one->inner + a == other->inner + b || one->outer + a == other->outer + b)
			return true;
	}
	return false;
}

static bool model_overlap(const struct id_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		for (size_t j = i + 1; j < map->count; j++) {
			if (have_common_id(&map->ranges[i], &map->ranges[j]))
				return true;
		}
	}
	return false;
}

static struct id_range small_range(struct generator *generator)
{
	uint32_t count = 1 + number_below(generator, SMALL / 4);

	return (struct id_range){number_below(generator, SMALL - count),
				 number_below(generator, SMALL - count), count};
}

/* A map of up to four ranges that do not overlap. */
static void generate_map(struct generator *generator, struct id_map *map)
{
	map->count = 0;
	for (unsigned attempt = number_below(generator, 8); attempt > 0 && map->count < 4;
	     attempt--) {
		map->ranges[map->count++] = small_range(generator);
		if (model_overlap(map))
			map->count--;
	}
}

static void check_single_id(const struct id_map *map, uint32_t inner, uint32_t outer)
{
	struct id_map result = *map;
	struct pairs expected, actual;
	const struct id_range *pair[2];

	map_single_id(&result, inner, outer);
	model_single_id(&expected, map, inner, outer);
	list_pairs(&actual, &result);
	assert_int_equal(actual.count, expected.count);
	assert_memory_equal(actual.list, expected.list, expected.count * sizeof(struct pair));
	assert_false(find_overlap(&result, pair));
}

static void single_ids_agree_with_the_model(void **state)
{
	struct generator generator = {3};
	struct id_map map;

	(void)state;
	for (unsigned long i = 0; i < case_count(200000); i++) {
		generate_map(&generator, &map);
		check_single_id(&map, number_below(&generator, SMALL),
				number_below(&generator, SMALL));
	}
}

/* One range of up to six ids with every place of the single id in and around it. */
static void every_place_around_one_range(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 6 * 10 * 10; code++) {
		struct id_map map = {.count = 1, .ranges = {{2, 20, code % 6 + 1}}};

		check_single_id(&map, code / 6 % 10, 18 + code / 60);
	}
}

static void overlaps_agree_with_the_model(void **state)
{
	struct generator generator = {4};
	struct id_map map;

	(void)state;
	for (unsigned long i = 0; i < case_count(100000); i++) {
		const struct id_range *pair[2];
		bool overlap;

		map.count = number_below(&generator, 6);
		for (size_t j = 0; j < map.count; j++)
			map.ranges[j] = small_range(&generator);
		overlap = find_overlap(&map, pair);
		assert_int_equal(overlap, model_overlap(&map));
		if (!overlap)
			continue;
		assert_true(map.ranges <= pair[0] && pair[0] < pair[1] &&
			    pair[1] < map.ranges + map.count);
		assert_true(have_common_id(pair[0], pair[1]));
	}
}

/* The ranges as a person writes them: "inner:outer:count …". */
static void read_map(struct id_map *map, const char *string)
{
	int length;

	map->count = 0;
	for (; *string; string += length) {
		struct id_range *range = &map->ranges[map->count++];
		assert_int_equal(sscanf(string, "%u:%u:%u %n", &range->inner, &range->outer,
					&range->count, &length),
				 3);
	}
}

struct example {
	const char *before;
	uint32_t inner, outer;
	const char *after;
};

static const struct example examples[] = {
    /* A given range gives up its topmost id. */
    {"0:100000:65536", 0, 1000, "0 1000 1\n1 100000 65535\n"},
    {"0:100000:65536", 1000, 1000, "1000 1000 1\n0 100000 1000\n1001 101000 64535\n"},
    /* An id that only adjoins the range costs it nothing. */
    {"1:100000:10", 0, 1000, "0 1000 1\n1 100000 10\n"},
    {"0:100000:10", 10, 1000, "10 1000 1\n0 100000 10\n"},
    {"10:100000:10", 5, 99999, "5 99999 1\n10 100000 10\n"},
    {"10:100000:10", 5, 100010, "5 100010 1\n10 100000 10\n"},
    /* Just inside, at both ends of both sides. */
    {"0:100000:10", 9, 1000, "9 1000 1\n0 100000 9\n"},
    {"10:100000:10", 5, 100009, "5 100009 1\n10 100000 9\n"},
    {"10:100000:10", 5, 100000, "5 100000 1\n10 100001 9\n"},
    /* Both sides, at the same place and at different ones. */
    {"0:100:10", 4, 104, "4 104 1\n0 100 4\n5 105 5\n"},
    {"0:100:10", 3, 106, "3 106 1\n0 100 3\n4 103 3\n7 107 3\n"},
    {"0:100:10", 6, 103, "6 103 1\n0 100 3\n3 104 3\n7 107 3\n"},
    /* A range of one id gives way altogether. */
    {"5:50:1", 5, 1000, "5 1000 1\n"},
    {"5:50:1", 6, 50, "6 50 1\n"},
    {"", 0, 1000, "0 1000 1\n"},
    /* Only the ranges that hold the id are split; the order stays. */
    {"100:2000:5 0:1000:5", 2, 2003, "2 2003 1\n100 2000 3\n103 2004 1\n0 1000 2\n3 1002 2\n"},
    /* The ends of 32 bits: 4294967294 is the highest id. */
    {"0:0:4294967295", 0, 0, "0 0 1\n1 1 4294967294\n"},
    {"0:0:4294967295", 4294967294, 4294967294, "4294967294 4294967294 1\n0 0 4294967294\n"},
    {"0:0:4294967295", 0, 4294967294, "0 4294967294 1\n1 0 4294967294\n"},
    {"0:0:4294967295", 4294967294, 0, "4294967294 0 1\n0 1 4294967294\n"},
    {"0:0:4294967295", 2147483648, 2147483648,
     "2147483648 2147483648 1\n0 0 2147483648\n2147483649 2147483649 2147483646\n"},
    {"4294967290:0:5", 4294967294, 4294967294, "4294967294 4294967294 1\n4294967290 0 4\n"},
    {"0:4294967290:5", 4294967294, 4294967290, "4294967294 4294967290 1\n0 4294967291 4\n"},
};

/* What append_around() makes of one range. */
static const struct example counted_examples[] = {
    {"0:100000:65536", 0, 1000, "1 100000 65536\n"},
    {"0:100000:65536", 1000, 1000, "0 100000 1000\n1001 101000 64536\n"},
    {"0:100000:1", 0, 1000, "1 100000 1\n"},
    {"0:100000:1", 1, 1000, "0 100000 1\n"},
    {"0:100000:10", 9, 1000, "0 100000 9\n10 100009 1\n"},
    {"0:100000:10", 10, 1000, "0 100000 10\n"},
    {"0:100000:10", 4294967294, 1000, "0 100000 10\n"},
    /* The single id is one of those outside: at the start, at the end, before and after the gap. */
    {"0:100:10", 0, 100, "1 101 9\n"},
    {"0:100:10", 20, 100, "0 101 9\n"},
    {"0:100:10", 20, 109, "0 100 9\n"},
    {"0:100:10", 3, 106, "0 100 3\n4 103 3\n7 107 3\n"},
    {"0:100:10", 6, 103, "0 100 3\n3 104 3\n7 107 3\n"},
    {"0:100:10", 3, 103, "0 100 3\n4 104 6\n"},
    {"0:100:1", 0, 100, ""},
    {"0:0:4294967295", 0, 0, "1 1 4294967294\n"},
    {"0:1:4294967294", 0, 0, "1 1 4294967294\n"},
};

/* The model: the ids outside but for one, each with the next id inside but for one. */
static void model_around(struct pairs *pairs, const struct id_range *range, uint32_t inner,
			 uint32_t outer)
{
	uint32_t inside = range->inner;

	pairs->count = 0;
	for (uint32_t id = range->outer; id < range->outer + range->count; id++) {
		inside += inside == inner;
		if (id != outer)
			pairs->list[pairs->count++] = (struct pair){inside++, id};
	}
}

static void ranges_are_counted_around_a_single_id(void **state)
{
	static struct id_map map, range;
	struct pairs expected, actual;
	char text[MAP_TEXT_SIZE];

	(void)state;
	for (unsigned i = 0; i < sizeof(counted_examples) / sizeof(counted_examples[0]); i++) {
		const struct example *example = &counted_examples[i];

		read_map(&range, example->before);
		map.count = 0;
		append_around(&map, range.ranges, example->inner, example->outer);
		assert_true(write_map_text(&map, text));
		assert_string_equal(text, example->after);
	}
	for (uint32_t code = 0; code < 6 * 10 * 10; code++) {
		range.ranges[0] = (struct id_range){0, 20, code % 6 + 1};
		map.count = 0;
		append_around(&map, range.ranges, code / 6 % 10, 18 + code / 60);
		model_around(&expected, range.ranges, code / 6 % 10, 18 + code / 60);
		list_pairs(&actual, &map);
		assert_int_equal(actual.count, expected.count);
		assert_memory_equal(actual.list, expected.list,
				    expected.count * sizeof(struct pair));
	}
}

static void worked_examples(void **state)
{
	static struct id_map map;
	char text[MAP_TEXT_SIZE];

	(void)state;
	for (unsigned i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		read_map(&map, examples[i].before);
		map_single_id(&map, examples[i].inner, examples[i].outer);
		assert_true(write_map_text(&map, text));
		assert_string_equal(text, examples[i].after);
	}
}

static void the_largest_map_has_no_room_for_a_single_id(void **state)
{
	static struct id_map map;

	(void)state;
	map.count = MOST_RANGES;
	for (uint32_t i = 0; i < MOST_RANGES; i++)
		map.ranges[i] = (struct id_range){10 * i, 10 * i, 10};
	map_single_id(&map, 15, 3385);
	assert_int_equal(map.count, MOST_RANGES + 1);
	map.count = MOST_RANGES;
	for (uint32_t i = 0; i < MOST_RANGES; i++)
		map.ranges[i] = (struct id_range){10 * i, 10 * i, 10};
	map_single_id(&map, 13, 17);
	assert_int_equal(map.count, MOST_RANGES + 1);
}

static void which_ranges_are_valid(void **state)
{
	static const struct id_range valid[] = {
	    {0, 0, 1},          {HIGHEST_ID, HIGHEST_ID, 1}, {0, 0, HIGHEST_ID + 1},
	    {1, 0, HIGHEST_ID}, {0, HIGHEST_ID - 9, 10},
	};
	static const struct id_range invalid[] = {
	    {0, 0, 0},          {5, 5, 0},          {UINT32_MAX, 0, 1}, {0, UINT32_MAX, 1},
	    {HIGHEST_ID, 0, 2}, {0, HIGHEST_ID, 2}, {1, 0, UINT32_MAX}, {0, 1, UINT32_MAX},
	    {0, UINT32_MAX, 0}, {2, 2, UINT32_MAX},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
		assert_true(range_is_valid(&valid[i]));
	for (unsigned i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		assert_false(range_is_valid(&invalid[i]));
}

static void overlaps_at_the_ends_of_32_bits(void **state)
{
	static const struct {
		const char *map;
		bool overlap;
	} maps[] = {
	    {"0:0:4294967294 4294967294:4294967294:1", false},
	    {"0:0:4294967295 4294967294:4294967294:1", true},
	    {"4294967294:0:1 0:1:4294967294", false},
	    {"4294967294:0:1 1:1:4294967294", true},
	    {"0:4294967293:2 2:4294967294:1", true},
	    {"5:5:1 5:6:1", true},
	    {"5:5:1 6:5:1", true},
	    {"5:5:1 6:6:1", false},
	};
	static struct id_map map;
	const struct id_range *pair[2];

	(void)state;
	for (unsigned i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		read_map(&map, maps[i].map);
		assert_int_equal(find_overlap(&map, pair), maps[i].overlap);
	}
}

/* A map whose text has just that many characters. */
static void make_map_of_length(struct id_map *map, size_t length)
{
	map->count = 0;
	for (; length >= 32; length -= 16)
		map->ranges[map->count++] = (struct id_range){10000, 1000000, 1};
	/* What is left, 16 to 31 characters, is one line. */
	map->ranges[map->count] = (struct id_range){1000, 100000, 1};
	for (size_t i = 14; i < length; i++) {
		struct id_range *range = &map->ranges[map->count];
		uint32_t *longer = range->inner < 100000000    ? &range->inner
				   : range->outer < 1000000000 ? &range->outer
							       : &range->count;
		*longer *= 10;
	}
	map->count++;
}

static void the_kernels_limit_of_a_map(void **state)
{
	static struct id_map map;
	char text[MAP_TEXT_SIZE];

	(void)state;
	for (size_t length = MAP_TEXT_SIZE - 40; length < MAP_TEXT_SIZE + 40; length++) {
		make_map_of_length(&map, length);
		assert_int_equal(write_map_text(&map, text), length < MAP_TEXT_SIZE);
		if (length < MAP_TEXT_SIZE)
			assert_int_equal(strlen(text), length);
	}
	map.count = 0;
	assert_true(write_map_text(&map, text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(single_ids_agree_with_the_model),
	    cmocka_unit_test(every_place_around_one_range),
	    cmocka_unit_test(overlaps_agree_with_the_model),
	    cmocka_unit_test(worked_examples),
	    cmocka_unit_test(ranges_are_counted_around_a_single_id),
	    cmocka_unit_test(the_largest_map_has_no_room_for_a_single_id),
	    cmocka_unit_test(which_ranges_are_valid),
	    cmocka_unit_test(overlaps_at_the_ends_of_32_bits),
	    cmocka_unit_test(the_kernels_limit_of_a_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
