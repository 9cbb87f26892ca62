/* User and group id maps: ranges of ids inside a user namespace and the ids outside
 * that they stand for (user_namespaces(7)). Pure arithmetic, no system calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MOST_RANGES = 340,   /* the kernel's limit for one map */
	MAP_TEXT_SIZE = 4096 /* a map file takes less than one page in its one write */
};

/* (uid_t)-1 means "no id" to setuid(2) and chown(2), so it can never be mapped. */
#define HIGHEST_ID 4294967294U
#define NO_ID 4294967295U

struct id_range {
	uint32_t inner;
	uint32_t outer;
	uint32_t count;
};

/* The last range is one too many: the map is refused for it, so that no more are kept. */
struct id_map {
	size_t count;
	struct id_range ranges[MOST_RANGES + 1];
};

/* True if the range is not empty and ends at the highest id or below, on both sides. */
__attribute__((cold)) bool range_is_valid(const struct id_range *range);

/* Reads a line of a map as in /proc/self/uid_map: inner id, outer id and count, and blanks before
 * each. Moves *text behind it. Returns false at the end, and if there is no valid range. */
__attribute__((cold)) bool read_map_line(const char **text, struct id_range *range);

/* Finds a pair of ranges that share an id, inside or outside, in their order in the map. */
__attribute__((cold)) bool find_overlap(const struct id_map *map, const struct id_range *pair[2]);

/* Puts the single id in front of the map. A range that holds its inner or outer id is split around
 * it, keeps its span inside, and so gives up its topmost id. */
__attribute__((cold)) void map_single_id(struct id_map *map, uint32_t inner, uint32_t outer);

/* Adds a range around the single id. Inside, the range leaves out inner, and its ids move up by one
 * from there on. Outside it leaves out outer, which is mapped already. Either may be NO_ID. */
__attribute__((cold)) void append_around(struct id_map *map, const struct id_range *range,
					 uint32_t inner, uint32_t outer);

/* Writes the map into text, as /proc/PID/uid_map takes it. Returns false if it is too long. */
__attribute__((cold)) bool write_map_text(const struct id_map *map, char text[MAP_TEXT_SIZE]);
