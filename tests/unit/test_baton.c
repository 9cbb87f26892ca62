/* Two processes that take turns: who dies has said why, and the other one adds nothing. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "operations.h"

static struct plan plan;

/* A stage whose baton's other end has been closed, with a byte in it that nobody has read, or not;
 * and what playing the step returns, and says. */
static void play_after_death(perform_operation *perform, bool unread, int expected_errno)
{
	static struct capture capture;
	struct step step = {.other = HELPER};
	struct stage stage = new_stage(&plan, &step, NULL);
	int ends[2], result, error;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(write(ends[0], "+", unread), unread);
	close(ends[1]);
	stage.baton = ends[0];
	start_capture(&capture);
	result = perform(&stage);
	error = errno;
	end_capture(&capture);
	close(ends[0]);
	assert_int_equal(result, -1);
	assert_int_equal(error, expected_errno);
	assert_string_equal(capture.text, "");
}

static void the_other_one_has_died(void **state)
{
	(void)state;
	play_after_death(await_baton, false, EPIPE);
	play_after_death(await_baton, true, ECONNRESET);
	play_after_death(pass_the_baton, false, EPIPE);
	play_after_death(pass_the_baton, true, EPIPE);
}

/* Whatever else fails is said. */
static void no_socket(void **state)
{
	static struct capture capture;
	struct step step = {.other = HELPER};
	struct stage stage = new_stage(&plan, &step, NULL);

	(void)state;
	start_capture(&capture);
	(void)await_baton(&stage);
	(void)pass_the_baton(&stage);
	end_capture(&capture);
	assert_non_null(strstr(capture.text, "recv("));
	assert_non_null(strstr(capture.text, "send("));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_other_one_has_died),
	    cmocka_unit_test(no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
