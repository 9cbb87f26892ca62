/* Numbers that look random and are the same in every run. */
#pragma once

#include <stdint.h>

struct generator {
	uint64_t state;
};

uint64_t next_number(struct generator *generator);

/* A number from 0 to limit - 1. */
unsigned number_below(struct generator *generator, unsigned limit);

/* For tests that are not the same in every run: what RANDOM_SEED in the environment says, or
 * usual. It is printed, so that the run can be repeated. */
struct generator seeded_generator(uint64_t usual);
