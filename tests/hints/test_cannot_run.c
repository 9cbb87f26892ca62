/* 126: the program is there, and cannot be executed. */
#include "trial.h"

#define DENIED(name) "cannot run '" name "': Permission denied"
#define BAD_FORMAT(name) "cannot run '" name "': Exec format error"

static const char not_marked[] = "it is not marked as executable: chmod +x ./program";
static const char on_noexec[] = "it is on a mount with the option noexec";
static const char other_machine[] = "it is a program for another architecture";

static void test_not_executable(void **state)
{
	(void)state;
	attempt(&(struct trial){.prepare = "cp /bin/true program && chmod 644 program",
				.script = "exec $N -m ./program",
				.status = CANNOT_RUN,
				.error = DENIED("./program"),
				.hints = {not_marked}});
	attempt(&(struct trial){.who = USER,
				.prepare = "echo '#!/bin/sh' >program",
				.script = "exec $N -r ./program",
				.status = CANNOT_RUN,
				.error = DENIED("./program"),
				.hints = {not_marked}});
}

/* execvp(3) looks it up in PATH and finds just this one. */
static void test_not_executable_in_path(void **state)
{
	(void)state;
	attempt(&(struct trial){.prepare = "cp /bin/true program && chmod 644 program",
				.script = "PATH=$PWD exec $N -m program",
				.status = CANNOT_RUN,
				.error = DENIED("program"),
				.hints = {"/program"}});
	attempt(&(struct trial){.who = USER,
				.prepare = "mkdir closed && cp /bin/true closed/program &&"
					   "chmod 700 closed",
				.script = "PATH=$PWD/closed exec $N -r program",
				.status = CANNOT_RUN,
				.error = DENIED("program"),
				.hints = {"/closed' may not be entered by this user"}});
}

/* Marked for its owner, who is somebody else; for root inside it is just the same. */
static void test_not_executable_for_this_user(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = "cp /bin/true program && chmod 744 program",
				.script = "exec $N -r ./program",
				.status = CANNOT_RUN,
				.error = DENIED("./program"),
				.hints = {"execut"},
				.never = "not marked as executable"});
}

/* The script may be run; what may not is its interpreter, of which the error says nothing. */
static void test_interpreter_not_executable(void **state)
{
	(void)state;
	attempt(&(struct trial){.prepare = "echo >interpreter &&"
					   "echo \"#!$PWD/interpreter\" >program && chmod 755 program",
				.script = "exec $N -m ./program",
				.status = CANNOT_RUN,
				.error = DENIED("./program"),
				.never = "for some users"});
}

static void test_directory(void **state)
{
	(void)state;
	attempt(&(struct trial){.prepare = "mkdir program",
				.script = "exec $N -m ./program",
				.status = CANNOT_RUN,
				.error = DENIED("./program"),
				.hints = {"it is a directory"}});
	/* One that is not marked is still a directory first. */
	attempt(&(struct trial){.prepare = "mkdir -m 600 program",
				.script = "exec $N -m ./program",
				.status = CANNOT_RUN,
				.error = DENIED("./program"),
				.hints = {"it is a directory"}});
}

static void test_noexec(void **state)
{
	struct trial trial = {.prepare = "cp /bin/true program && chmod 755 program &&"
					 "mount -o remount,noexec .",
			      .script = "exec $N -m ./program",
			      .status = CANNOT_RUN,
			      .error = DENIED("./program"),
			      .hints = {on_noexec}};

	(void)state;
	attempt(&trial);
	/* Without the mark it could not run on another mount either. */
	trial.prepare = "cp /bin/true program && chmod 644 program && mount -o remount,noexec .";
	trial.hints[0] = not_marked;
	attempt(&trial);
}

static void test_closed_parent(void **state)
{
	struct trial trial = {.who = USER,
			      .prepare = "mkdir -p open/closed/open && chmod 700 open/closed &&"
					 "cp /bin/true open/closed/open",
			      .script = "exec $N -r ./open/closed/open/true",
			      .status = CANNOT_RUN,
			      .error = DENIED("./open/closed/open/true"),
			      .hints = {"'./open/closed' may not be entered by this user"}};

	(void)state;
	attempt(&trial);
	trial.script = "exec $N -r $PWD/open/closed/open/true";
	trial.error = DENIED("/tmp/nsrun-test-*/work/open/closed/open/true");
	trial.hints[0] = "/work/open/closed' may not be entered by this user";
	attempt(&trial);
	/* Not even the owner of all files, where it is not mapped. */
	trial.prepare = "mkdir -p closed && chmod 700 closed && cp /bin/true closed &&"
			"chown -R 1000:1000 closed";
	trial.who = ROOT;
	trial.script = "exec $N --map-users=0:100000:10 --map-groups=0:100000:10 -S 0 -G 0 "
		       "./closed/true";
	trial.error = DENIED("./closed/true");
	trial.hints[0] = "'./closed' may not be entered by this user";
	attempt(&trial);
	/* Whose it is may enter. */
	trial.who = USER;
	trial.script = "exec $N -r ./closed/true";
	trial.status = SUCCEEDED;
	trial.error = trial.hints[0] = NULL;
	attempt(&trial);
}

/* e_machine, the 16 bits at 18, of a machine that no tests run on (EM_S390_OLD). */
#define OTHER_MACHINE "printf '\\243\\220' | dd of=program bs=1 seek=18 conv=notrunc 2>/dev/null"

static void test_architecture(void **state)
{
	struct trial trial = {.prepare =
				  "cp /bin/true program && chmod 755 program &&" OTHER_MACHINE,
			      .script = "exec $N -m ./program",
			      .status = CANNOT_RUN,
			      .error = BAD_FORMAT("./program"),
			      .hints = {other_machine}};

	(void)state;
	attempt(&trial);
	trial.who = USER;
	trial.script = "exec $N -r ./program";
	attempt(&trial);
	trial.prepare = "mkdir bin && cp /bin/true program && chmod 755 program &&" OTHER_MACHINE
			"&& mv program bin";
	trial.script = "PATH=$PWD/bin exec $N -r program";
	trial.error = BAD_FORMAT("program");
	attempt(&trial);
}

/* What is no program of any machine is not one of another. */
static void test_other_formats(void **state)
{
	struct trial trial = {.prepare = "printf 'a\\0b' >program && chmod 755 program",
			      .script = "exec $N -m ./program",
			      .status = CANNOT_RUN,
			      .error = BAD_FORMAT("./program")};

	(void)state;
	attempt(&trial);
	/* Of this machine, but cut off. */
	trial.prepare = "head -c 64 /bin/true >program && chmod 755 program";
	attempt(&trial);
	/* Too short to say for which one it is. */
	trial.prepare = "printf '\\177ELF\\0' >program && chmod 755 program";
	attempt(&trial);
	trial.prepare = ": >program && chmod 755 program";
	trial.status = SUCCEEDED;
	trial.error = NULL;
	attempt(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_not_executable),
	    cmocka_unit_test(test_not_executable_in_path),
	    cmocka_unit_test(test_not_executable_for_this_user),
	    cmocka_unit_test(test_interpreter_not_executable),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_noexec),
	    cmocka_unit_test(test_closed_parent),
	    cmocka_unit_test(test_architecture),
	    cmocka_unit_test(test_other_formats),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
