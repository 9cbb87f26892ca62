/* 127: the program, or what it takes to run it, is not there. */
#include "trial.h"

#define NOT_THERE(name) "cannot run '" name "': No such file or directory"

static const char below_root[] = "it is looked for below the new root";

static void test_not_in_path(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "PATH=/nowhere:/neither exec $N -m no-such-program",
				.status = NOT_FOUND,
				.error = NOT_THERE("no-such-program"),
				.hints = {"no directory of PATH has it: /nowhere:/neither"}});
	attempt(&(struct trial){.who = USER,
				.script = "unset PATH; exec $N -r no-such-program",
				.status = NOT_FOUND,
				.error = NOT_THERE("no-such-program"),
				.hints = {"no directory of PATH has it: PATH is not set"}});
	attempt(&(struct trial){.script = "exec $N -m --clear-env no-such-program",
				.status = NOT_FOUND,
				.error = NOT_THERE("no-such-program"),
				.hints = {"PATH is not set"}});
}

/* PATH has nothing to do with a path. */
static void test_path_is_not_the_cause(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "exec $N -m ./no-such-program",
				.status = NOT_FOUND,
				.error = NOT_THERE("./no-such-program")});
}

static const char no_interpreter[] =
    "the file is there, but its interpreter '/no/such' (after #!) is not";

static void test_interpreter(void **state)
{
	struct trial trial = {.prepare = "echo '#! /no/such -x' >program && chmod 755 program",
			      .script = "exec $N -m ./program",
			      .status = NOT_FOUND,
			      .error = NOT_THERE("./program"),
			      .hints = {no_interpreter}};

	(void)state;
	attempt(&trial);
	/* Then what nsrun opens has number 0. */
	trial.script = "exec $N -m ./program <&-";
	attempt(&trial);
	trial.who = USER;
	trial.script = "exec $N -r ./program";
	attempt(&trial);
	/* It may be a script itself, and that is the one that lacks something. */
	trial.prepare = "echo '#! /no/such -x' >inner && echo \"#!$PWD/inner\" >program &&"
			"chmod 755 inner program";
	attempt(&trial);
	/* An editor of another system has ended the lines, which does not show. */
	trial.prepare = "printf '#!/bin/sh\\r\\n' >program && chmod 755 program";
	trial.hints[0] = "its interpreter '/bin/sh\\r' (after #!) is not";
	attempt(&trial);
	trial.prepare = "echo '#!/bin/sh' >program && chmod 755 program";
	trial.status = SUCCEEDED;
	trial.error = trial.hints[0] = NULL;
	attempt(&trial);
}

/* Found in PATH: it would be wrong to say that no directory has it. */
static void test_interpreter_in_path(void **state)
{
	(void)state;
	attempt(&(struct trial){.prepare = "echo '#!/no/such' >program && chmod 755 program",
				.script = "PATH=/nowhere:$PWD exec $N -m program",
				.status = NOT_FOUND,
				.error = NOT_THERE("program"),
				.hints = {no_interpreter}});
}

/* A directory with a script, a program that needs its loader, and nothing else. */
#define MAKE_ROOT                                                                                  \
	"mkdir root root/bin && cp -L /bin/true root/bin && echo '#!/bin/sh' >root/bin/script &&"  \
	"chmod 755 root/bin/*"

static const char no_loader[] = "the dynamic loader that it names is not";

static void test_loader(void **state)
{
	struct trial trial = {.prepare = MAKE_ROOT,
			      .script = "exec $N -m -R root /bin/true",
			      .status = NOT_FOUND,
			      .error = NOT_THERE("/bin/true"),
			      .hints = {no_loader}};

	(void)state;
	attempt(&trial);
	trial.who = USER;
	trial.script = "exec $N -r -R root /bin/true";
	attempt(&trial);
	/* Not just in another root. */
	trial.who = ROOT;
	trial.prepare = "sed 's,/lib64/ld-,/lib64/no-,; s,/lib/ld-,/lib/no-,' /bin/true >program &&"
			"chmod 755 program";
	trial.script = "exec $N -m ./program";
	trial.error = NOT_THERE("./program");
	attempt(&trial);
	/* The interpreter is there: what lacks is its loader. */
	trial.prepare = "mkdir bin; sed 's,/lib64/ld-,/lib64/no-,; s,/lib/ld-,/lib/no-,' /bin/true "
			">bin/shell; echo \"#!$PWD/bin/shell\" >program; chmod 755 bin/* program";
	trial.hints[0] = "loader";
	attempt(&trial);
}

static void test_missing_because_of_root(void **state)
{
	struct trial trial = {.prepare = MAKE_ROOT,
			      .script = "exec $N -m --root=root /bin/ls",
			      .status = NOT_FOUND,
			      .error = NOT_THERE("/bin/ls"),
			      .hints = {below_root}};

	(void)state;
	attempt(&trial);
	trial.script = "exec $N --pivot-root=root /bin/ls";
	attempt(&trial);
	trial.script = "exec $N -m --root=root ls";
	trial.error = NOT_THERE("ls");
	attempt(&trial);
	trial.who = USER;
	trial.script = "exec $N -r --root=root ls";
	attempt(&trial);
	/* The root has it, but not its interpreter. */
	trial.script = "exec $N -r --root=root /bin/script";
	trial.error = NOT_THERE("/bin/script");
	trial.hints[0] = "its interpreter '/bin/sh' (after #!) is not";
	attempt(&trial);
	trial.script = "exec $N -r --root=root script";
	trial.error = NOT_THERE("script");
	attempt(&trial);
}

/* The root itself is missing: the program has not been looked for yet. */
static void test_root_is_missing(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "exec $N -m --root=nowhere ls",
				.status = FAILED,
				.error = "cannot chroot(\"nowhere\"): No such file or directory"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_not_in_path),
	    cmocka_unit_test(test_path_is_not_the_cause),
	    cmocka_unit_test(test_interpreter),
	    cmocka_unit_test(test_interpreter_in_path),
	    /* A failed execve(2) is fatal to it, and without /proc a trial cannot be made. */
	    cmocka_unit_test_setup_teardown(test_loader, leave_valgrind, return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_missing_because_of_root, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test(test_root_is_missing),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
