#include "number.h"

#include <string.h>

static bool read_digits(const char **position, uint64_t most, uint64_t *number)
{
	const char *digit = *position;
	uint64_t value = 0;

	if (*digit < '0' || *digit > '9')
		return false;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		uint64_t next = (uint64_t)(*digit - '0');
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, next, &value) || value > most)
			return false;
	}
	*position = digit;
	*number = value;
	return true;
}

bool read_number(const char *string, uint64_t most, uint64_t *number)
{
	uint64_t value;

	if (!read_digits(&string, most, &value) || *string)
		return false;
	*number = value;
	return true;
}

bool read_number_until(const char **position, const char *ends, uint64_t most, uint64_t *number)
{
	const char *end = *position;
	uint64_t value;

	if (!read_digits(&end, most, &value))
		return false;
	if (*ends && *end != ends[0] && (!*end || !strchr(ends, *end)))
		return false;
	if (!*ends && *end)
		return false;
	*position = *end ? end + 1 : end;
	*number = value;
	return true;
}
