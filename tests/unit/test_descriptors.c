/* Where nsrun's own descriptors lie, and that a failure leaves none behind. */
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "unit.h"

static int copies[3];

static void close_standard(void)
{
	for (int i = 0; i < 3; i++) {
		copies[i] = fcntl(i, F_DUPFD_CLOEXEC, 20);
		close(i);
	}
}

static void restore_standard(void)
{
	for (int i = 0; i < 3; i++) {
		dup2(copies[i], i);
		close(copies[i]);
	}
}

/* Descriptors from this number on cannot be had. Tells what the limit was. */
static rlim_t limit_descriptors(rlim_t limit)
{
	struct rlimit limits;
	rlim_t before;

	getrlimit(RLIMIT_NOFILE, &limits);
	before = limits.rlim_cur;
	limits.rlim_cur = limit;
	setrlimit(RLIMIT_NOFILE, &limits);
	return before;
}

static void pipes_are_no_standard_descriptors(void **state)
{
	int ends[2], result;

	(void)state;
	close_standard();
	result = make_pipe(ends);
	restore_standard();
	assert_int_equal(result, 0);
	assert_in_range(ends[0], 3, 19);
	assert_in_range(ends[1], 3, 19);
	assert_int_equal(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
	close(ends[0]);
	close(ends[1]);
}

/* For none of the ends, for one, and for the moving of both there is room. */
static void no_pipe_is_left_by_a_failure(void **state)
{
	int first = lowest_free_descriptor();

	(void)state;
	for (int limit = 1; limit <= 4; limit++) {
		int ends[2] = {99, 99}, result, error, free;
		rlim_t before;

		close_standard();
		before = limit_descriptors((rlim_t)limit);
		result = make_pipe(ends);
		error = errno;
		limit_descriptors(before);
		free = lowest_free_descriptor();
		restore_standard();
		assert_int_equal(result, -1);
		assert_int_equal(error, EMFILE);
		assert_int_equal(ends[0], -1);
		assert_int_equal(ends[1], -1);
		assert_int_equal(free, STDIN_FILENO);
		assert_int_equal(lowest_free_descriptor(), first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pipes_are_no_standard_descriptors),
	    cmocka_unit_test(no_pipe_is_left_by_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
