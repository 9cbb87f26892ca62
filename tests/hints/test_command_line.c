/* Hints about the command line, before anything is done. */
#include "trial.h"

#include <stdio.h>

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

/* As for getopt(3), what follows a letter is its argument, "=" and all. */
static void test_equals_sign_after_a_letter(void **state)
{
	static const char *const arguments[][2] = {
	    {"-S=5 true", "unknown user '=5'"},
	    {"-rG=users true", "unknown group '=users'"},
	    {"-r -R=/ true", "cannot chroot(\"=/\"): No such file or directory"},
	    {"-w =/tmp true", "cannot chdir(\"=/tmp\"): No such file or directory"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		char script[64];

		snprintf(script, sizeof(script), "exec $N %s", arguments[i][0]);
		attempt(&(struct trial){.who = USER,
					.script = script,
					.status = FAILED,
					.error = arguments[i][1],
					.hints = {"with the '='"}});
	}
	attempt(&(struct trial){
	    .who = USER, .script = "exec $N --setuid=x= true", .status = FAILED, .error = "unknown user 'x='"});
	attempt(&(struct trial){
	    .who = USER, .prepare = "mkdir =there", .script = "exec $N -w=there true"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ambiguous),
	    cmocka_unit_test(test_equals_sign_after_a_letter),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
