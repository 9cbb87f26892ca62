/*
 * Which nsrun the tests run. NSRUN names it, or it is ./nsrun. Where it is checked as it
 * runs, by AddressSanitizer or valgrind (NSRUN_CHECKED says by which), NSRUN_PLAIN names one
 * that is not: for the few tests in which the checker itself cannot do what they need. Each
 * of these says why.
 */
#pragma once

#include <stdbool.h>

/* For set_up(). */
void place_nsrun_to_test(void);

/* Set: each start takes a third of a second, and a test of hundreds has to do with fewer. */
bool nsrun_is_under_valgrind(void);

/* For cmocka_unit_test_setup_teardown(): these two before, and the third after. */
int leave_valgrind(void **state);
int leave_all_checkers(void **state);
int return_to_checker(void **state);
