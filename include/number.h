/* Strict reading of numbers: no sign, blank, overflow or trailing text gets through. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Reads the decimal number that string is, at most `most`. Returns false, and
 * leaves *number alone, where string is anything else. */
bool read_number(const char *string, uint64_t most, uint64_t *number);

/* The same of a number at *position that ends before one of the characters of ends, behind which
 * it moves *position; "" stands for the string's end. */
bool read_number_until(const char **position, const char *ends, uint64_t most, uint64_t *number);
