#include "number.h"

#include <string.h>

bool read_number_until(const char **position, const char *ends, uint64_t most, uint64_t *number)
{
	const char *end = *position;
	uint64_t value = 0;

	for (; *end >= '0' && *end <= '9'; end++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*end - '0'), &value) || value > most)
			return false;
	}
	/* Hundreds of ranges may be read, and mostly the first of the ends is there: no search. */
	if (end == *position || (*end != *ends && (!*end || !strchr(ends, *end))))
		return false;
	*position = *end ? end + 1 : end;
	*number = value;
	return true;
}

bool read_number(const char *string, uint64_t most, uint64_t *number)
{
	return read_number_until(&string, "", most, number);
}
