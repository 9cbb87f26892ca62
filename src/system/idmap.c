#include "idmap.h"

#include <string.h>

#include "names.h"

bool range_is_valid(const struct id_range *range)
{
	/* A count of 0, less one, is beyond the highest id too. */
	return range->inner <= HIGHEST_ID && range->outer <= HIGHEST_ID &&
	       range->count - 1 <= HIGHEST_ID - range->inner &&
	       range->count - 1 <= HIGHEST_ID - range->outer;
}

bool read_map_line(const char **text, struct id_range *range)
{
	uint32_t *const fields[] = {&range->inner, &range->outer, &range->count};

	for (unsigned i = 0; i < 3; i++) {
		const char *end = i < 2 ? " " : strchr(*text, '\n') ? "\n" : "";
		uint64_t number;

		*text += strspn(*text, " ");
		if (!read_number_until(text, end, UINT32_MAX, &number))
			return false;
		*fields[i] = (uint32_t)number;
	}
	return range_is_valid(range);
}

static uint32_t start_of(const struct id_range *range, bool outside)
{
	return outside ? range->outer : range->inner;
}

static bool find_overlap_on(const struct id_map *map, bool outside, const struct id_range *pair[2])
{
	const struct id_range *order[MOST_RANGES + 1];

	/* By insertion: maps are short, and nearly always given in order. */
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *range = &map->ranges[i];
		size_t place = i;

		for (; place > 0 && start_of(order[place - 1], outside) > start_of(range, outside);
		     place--)
			order[place] = order[place - 1];
		order[place] = range;
	}
	/* In order of their starts, ranges that overlap stand next to each other, or something
	 * that they both overlap stands between them. */
	for (size_t i = 1; i < map->count; i++) {
		const struct id_range *low = order[i - 1], *high = order[i];

		if (start_of(high, outside) - start_of(low, outside) < low->count) {
			pair[0] = low < high ? low : high;
			pair[1] = low < high ? high : low;
			return true;
		}
	}
	return false;
}

bool find_overlap(const struct id_map *map, const struct id_range *pair[2])
{
	return find_overlap_on(map, false, pair) || find_overlap_on(map, true, pair);
}

void append_around(struct id_map *map, const struct id_range *range, uint32_t inner, uint32_t outer)
{
	/* How far it is to what is left out: very far if that lies before (C11, 6.2.5). */
	const uint32_t inner_gap = inner - range->inner, outer_gap = outer - range->outer;
	/* Without outer the last id inside finds no partner. */
	const uint32_t count = range->count - (outer_gap < range->count);

	for (uint32_t start = 0, end; start < count && map->count <= MOST_RANGES; start = end) {
		end = count;
		if (start < inner_gap && inner_gap < end)
			end = inner_gap;
		if (start < outer_gap && outer_gap < end)
			end = outer_gap;
		map->ranges[map->count++] =
		    (struct id_range){range->inner + start + (start >= inner_gap),
				      range->outer + start + (start >= outer_gap), end - start};
	}
}

void map_single_id(struct id_map *map, uint32_t inner, uint32_t outer)
{
	struct id_map before = *map;

	map->ranges[0] = (struct id_range){inner, outer, 1};
	map->count = 1;
	for (size_t i = 0; i < before.count; i++) {
		struct id_range *range = &before.ranges[i];

		/* Without inner alone the last id outside finds no partner. */
		if (inner - range->inner < range->count && outer - range->outer >= range->count)
			range->count--;
		append_around(map, range, inner, outer);
	}
}

/* Digits by hand: with hundreds of ranges this is what a start spends its time on. */
static char *write_number(char *end, uint32_t number, char separator)
{
	*--end = separator;
	do {
		*--end = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return end;
}

bool write_map_text(const struct id_map *map, char text[MAP_TEXT_SIZE])
{
	char buffer[MAP_TEXT_SIZE + 40]; /* filled from its end, with up to a line too much */
	char *const end = buffer + sizeof(buffer) - 1;
	char *start = end;

	*end = '\0';
	for (size_t i = map->count; i > 0; i--) {
		start = write_number(start, map->ranges[i - 1].count, '\n');
		start = write_number(start, map->ranges[i - 1].outer, ' ');
		start = write_number(start, map->ranges[i - 1].inner, ' ');
		if (end - start >= MAP_TEXT_SIZE)
			return false;
	}
	strcpy(text, start);
	return true;
}
