/* Notes, told to whoever sits at a terminal: --pid without --fork, --owner of root's ids,
 * --keep-caps for nothing, and a pin where there is one already. */
#include "trial.h"

/* Whether the note is in what a terminal shows, as it must be where -q is not. */
#define ON_TERMINAL(options, noted)                                                                \
	"wanted=" noted "; case $N in *-q) wanted=0; esac;"                                        \
	"NO_COLOR=1 script -qec \"$N " options " true\" log >/dev/null &&"                         \
	"[ \"$(grep -cE '^nsrun: note: (without --fork the program itself stays outside|"          \
	"--keep-caps does nothing without a new user namespace|"                                   \
	"root is mapped into a namespace that user 1000 owns|"                                     \
	"a namespace is pinned to .pin. already)' log)\" = $wanted ]"

static void test_on_terminal(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = ON_TERMINAL("-p", "1")});
	attempt(&(struct trial){.who = USER, .script = ON_TERMINAL("-r -p", "1")});
	attempt(&(struct trial){.script = ON_TERMINAL("-p -f", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("--init", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("-m -u", "0")});
}

/* Who owns the namespace can take on each id that is mapped there. */
static void test_root_that_is_given_away(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = ON_TERMINAL("--owner 1000:1000 -r", "1")});
	attempt(&(struct trial){.script = ON_TERMINAL("--owner 1000:1000 --map-users 5:0:9", "1")});
	attempt(
	    &(struct trial){.script = ON_TERMINAL("--owner 1000:1000 --map-users all -f", "1")});
	attempt(&(struct trial){.script = ON_TERMINAL("--owner 1000:1000 --map-users 0:7:9", "0")});
	attempt(
	    &(struct trial){.script = ON_TERMINAL("--owner 1000:1000 --map-groups 0:0:9", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("--owner 1000:1000", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("--owner 0:0 -r", "0")});
	attempt(&(struct trial){.script = ON_TERMINAL("-r", "0")});
}

static void test_capabilities_that_nobody_takes_away(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = ON_TERMINAL("--keep-caps", "1")});
	attempt(&(struct trial){.who = USER, .script = ON_TERMINAL("--keep-caps", "1")});
	attempt(&(struct trial){.script = ON_TERMINAL("-m --keep-caps -S 1000", "1")});
	attempt(&(struct trial){.script = ON_TERMINAL("-p --keep-caps", "2")});
	attempt(&(struct trial){.script = ON_TERMINAL("-U --keep-caps", "0")});
	attempt(&(struct trial){.who = USER, .script = ON_TERMINAL("-r --keep-caps", "0")});
}

static void test_pin_on_a_pin(void **state)
{
	(void)state;
	attempt(&(struct trial){.prepare = "$B/nsrun --net=pin true",
				.script =
				    ON_TERMINAL("--uts=pin", "1") " && umount pin && umount pin"});
	attempt(&(struct trial){.prepare = ": >pin",
				.script = ON_TERMINAL("--uts=pin", "0") " && umount pin"});
	attempt(&(struct trial){.script = ON_TERMINAL("--uts=pin -f", "0") " && umount pin"});
	attempt(
	    &(struct trial){.prepare = "$B/nsrun --net=pin true", .script = "$N --uts=pin true"});
}

static void test_elsewhere(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "exec $N -p true"});
	attempt(&(struct trial){.script = "exec $N --keep-caps true"});
	attempt(&(struct trial){.script = "exec $N --owner 1000:1000 -r true"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_on_terminal),
	    cmocka_unit_test(test_root_that_is_given_away),
	    cmocka_unit_test(test_capabilities_that_nobody_takes_away),
	    cmocka_unit_test(test_pin_on_a_pin),
	    cmocka_unit_test(test_elsewhere),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
