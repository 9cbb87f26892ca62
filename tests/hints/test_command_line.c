/* Hints about the command line, before anything is done. */
#include "trial.h"

static void test_ambiguous(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .script = "exec $N --map-u true",
	    .status = FAILED,
	    .error = "option '--map-u' is ambiguous",
	    .hints = {"it could stand for --map-user --map-users"},
	});
	attempt(&(struct trial){.who = USER,
				.script = "exec $N --map-us true",
				.status = FAILED,
				.error = "option '--map-us' is ambiguous",
				.hints = {"it could stand for --map-user --map-users"}});
	/* A whole name is never ambiguous. */
	attempt(&(struct trial){.who = USER, .script = "exec $N --map-user=0 true"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ambiguous),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
