/* Chooses the nsrun that the tests run. */
#include "checkers.h"

#include "harness.h"

#include <stdlib.h>
#include <string.h>

void place_nsrun_to_test(void)
{
	const char *file = getenv("NSRUN");

	place_nsrun(file ? file : "./nsrun");
}

bool nsrun_is_under_valgrind(void)
{
	const char *checker = getenv("NSRUN_CHECKED");

	return checker && strcmp(checker, "valgrind") == 0;
}

int leave_all_checkers(void **state)
{
	const char *plain = getenv("NSRUN_PLAIN");

	(void)state;
	if (plain)
		place_nsrun(plain);
	return 0;
}

int leave_valgrind(void **state)
{
	return nsrun_is_under_valgrind() ? leave_all_checkers(state) : 0;
}

int return_to_checker(void **state)
{
	(void)state;
	if (getenv("NSRUN_PLAIN"))
		place_nsrun_to_test();
	return 0;
}
