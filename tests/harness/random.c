/* Numbers that look random. */
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* SplitMix64: short, and good enough to pick cases. */
uint64_t next_number(struct generator *generator)
{
	uint64_t number = generator->state += 0x9e3779b97f4a7c15U;

	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9U;
	number = (number ^ (number >> 27)) * 0x94d049bb133111ebU;
	return number ^ (number >> 31);
}

unsigned number_below(struct generator *generator, unsigned limit)
{
	return (unsigned)(next_number(generator) % limit);
}

struct generator seeded_generator(uint64_t usual)
{
	const char *given = getenv("RANDOM_SEED");
	struct generator generator = {given ? strtoull(given, NULL, 10) : usual};

	print_message("RANDOM_SEED=%llu\n", (unsigned long long)generator.state);
	return generator;
}
