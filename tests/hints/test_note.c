/* The one note: --pid without --fork, told to whoever sits at a terminal. */
#include "trial.h"

/* Whether the note is in what a terminal shows, as it must be where -q is not. */
#define ON_TERMINAL(options, noted)                                                                \
	"wanted=" noted "; case $N in *-q) wanted=0; esac;"                                        \
	"NO_COLOR=1 script -qec \"$N " options " true\" log >/dev/null &&"                         \
	"[ \"$(grep -c '^nsrun: note: without --fork the program itself stays outside' log)\" = "  \
	"$wanted ]"

static void test_on_terminal(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = ON_TERMINAL("-p", "1")});
	attempt(&(struct trial){.who = USER, .script = ON_TERMINAL("-r -p", "1")});
	attempt(&(struct trial){.script = ON_TERMINAL("-p -f", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("--init", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("-m -u", "0")});
}

static void test_elsewhere(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "exec $N -p true"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_on_terminal),
	    cmocka_unit_test(test_elsewhere),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
