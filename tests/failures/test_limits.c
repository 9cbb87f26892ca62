/* Where something is short: processes, descriptors, memory, space. Each run works, or says
 * what it lacks and leaves nothing behind. */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

/* The ways in which nsrun starts a program, with all that it needs for them. */
static const struct way {
	enum who who;
	const char *options;
	int pins;
} ways[] = {
    {ROOT, "-p -f", 0},
    {USER, "-r", 0},
    {USER, "-r -p -f", 0},
    {USER, "-r --kill-child", 0},
    {USER, "-r --init", 0},
    {USER, "-r --init --kill-child --time", 0},
    {USER, "-r -f --report", 0},
    {USER, "--map-auto -r", 0},
    {USER, "--map-auto -r -f --report", 0},
    {ROOT, "--uts=pin", 1},
    {ROOT, "--uts=pin --mount --fork", 1},
    {ROOT, "--uts=pin --ipc=other --map-users 0:0:9 --init", 2},
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* What the next command's limit is, for set_limit(). */
static int limited;
static rlim_t limit;

static void set_limit(void)
{
	setrlimit((__rlimit_resource_t)limited, &(struct rlimit){limit, limit});
}

static void run_limited(enum who who, const char *command)
{
	run_freely(&outcome, &(struct launch){.who = who, .prepare = set_limit}, "%s", command);
}

static void check_failure(void)
{
	check_status(&outcome, FAILED);
	if (!strstr(outcome.errors, "nsrun: ") || *outcome.output || is_there("pin"))
		fail_msg("'%s' at %lu: output '%s', errors '%s', pin %d", outcome.command,
			 (unsigned long)limit, outcome.output, outcome.errors, is_there("pin"));
	assert_int_equal(outcome.mounts, 0);
}

/* True if it has worked. */
static bool works_or_fails(const struct way *way)
{
	char command[256];

	snprintf(command, sizeof(command), "nsrun %s getpid", way->options);
	run_limited(way->who, command);
	if (outcome.late || outcome.left > 0)
		fail_msg("'%s' at %lu: late %d, %d processes left\n%s", command,
			 (unsigned long)limit, outcome.late, outcome.left, outcome.errors);
	if (outcome.status == 0) {
		assert_non_null(strstr(outcome.output, "pid:"));
		assert_int_equal(outcome.mounts, way->pins);
	} else {
		check_failure();
	}
	remove_path("pin");
	remove_path("other");
	return outcome.status == 0;
}

static bool needs_process(const struct way *way)
{
	return way->who == USER && strcmp(way->options, "-r") != 0;
}

static void test_processes(void **state)
{
	(void)state;
	limited = RLIMIT_NPROC;
	limit = 0;
	for (size_t i = 0; i < WAYS; i++) {
		assert_int_equal(works_or_fails(&ways[i]), !needs_process(&ways[i]));
		/* vfork(), fork() or clone() */
		if (needs_process(&ways[i]))
			assert_true(strstr(outcome.errors, "fork()") ||
				    strstr(outcome.errors, "clone("));
	}
}

/* A build whose start alone needs more than that has nothing to show. */
static bool starts_at_all(void)
{
	run_limited(ROOT, "nsrun --version");
	if (outcome.status != 0)
		return false;
	run_limited(ROOT, "getpid");
	return outcome.status == 0;
}

static void test_descriptors(void **state)
{
	bool works = false;

	(void)state;
	limited = RLIMIT_NOFILE;
	for (size_t i = 0; i < WAYS; i++) {
		for (limit = 0; limit <= 16; limit++) {
			if (!starts_at_all())
				continue;
			works = works_or_fails(&ways[i]);
			/* No descriptor of its own is needed to fork. */
			assert_true(works || i > 0);
			assert_false(works && limit <= 3 && i > 0);
			if (!works)
				assert_null(strstr(outcome.errors, "fork()"));
		}
		assert_true(works);
	}
}

static void test_memory(void **state)
{
	static const int kinds[] = {RLIMIT_AS, RLIMIT_DATA};

	(void)state;
	for (size_t i = 0; i < 2 * WAYS; i++) {
		limited = kinds[i % 2];
		for (limit = 1 << 16; limit < 1 << 26; limit += limit / 4) {
			if (starts_at_all())
				works_or_fails(&ways[i / 2]);
		}
	}
}

static void test_stack(void **state)
{
	(void)state;
	limited = RLIMIT_STACK;
	limit = 1 << 18;
	for (size_t i = 0; i < WAYS; i++)
		assert_true(works_or_fails(&ways[i]));
}

static void allow_no_file_to_grow(void)
{
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
}

/* Maps and the like are files too. Messages go into one here, and so get lost. */
static void test_file_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct launch launch = {.who = ways[i].who, .prepare = allow_no_file_to_grow};

		if (strstr(ways[i].options, "--report"))
			continue;
		run_freely(&outcome, &launch, "nsrun %s probe --quiet --exit 7", ways[i].options);
		check_status(&outcome, 7);
		assert_int_equal(outcome.mounts, ways[i].pins);
		remove_path("pin");
		remove_path("other");
		run_freely(&outcome, &launch, "nsrun %s missing-program", ways[i].options);
		check_clean(&outcome);
		check_status(&outcome, NOT_FOUND);
		assert_false(is_there("pin"));
	}
}

/* A file system that has room for so many files beside its root directory. */
static void make_small_disk(int files)
{
	char path[512], options[64];

	make_directory("disk");
	snprintf(path, sizeof(path), "%s/disk", work_directory);
	snprintf(options, sizeof(options), "size=4k,nr_inodes=%d", files + 1);
	assert_int_equal(mount("none", path, "tmpfs", 0, options), 0);
}

static void test_full_disk(void **state)
{
	(void)state;
	need_root();
	make_small_disk(1);
	for (unsigned fork = 0; fork < 2; fork++) {
		run(&outcome, ROOT, "nsrun --uts=disk/one --ipc=disk/two %s getpid",
		    fork ? "-f" : "");
		check_refused(&outcome, "disk/two");
		assert_non_null(strstr(outcome.errors, "No space left"));
		assert_false(is_there("disk/one"));
	}
	/* A file that is there needs no room. */
	make_file("disk/one", "");
	run_freely(&outcome, &(struct launch){.who = ROOT}, "nsrun --uts=disk/one getpid");
	check_status(&outcome, 0);
	assert_int_equal(outcome.mounts, 1);
	remove_path("disk/one");
	remove_path("disk");
}

/* As many arguments as the kernel takes, or variables, fill a half of such a stack. */
static void test_little_stack(void **state)
{
	static const char *const commands[] = {
	    "head -c 13000 /dev/zero | xargs -0 -n 13000 nsrun ./count",
	    "head -c 13000 /dev/zero | xargs -0 -n 13000 nsrun -f ./count",
	    "head -c 13000 /dev/zero | xargs -0 -n 13000 nsrun -p --init ./count",
	    "env $(seq -f V%.0f= 7000 13500) nsrun --whitelist-env PATH,V7001 sh -c 'echo 13000'",
	};

	(void)state;
	need_root();
	make_file("count", "echo $#\n");
	assert_int_equal(chmod(path_of("count"), 0755), 0);
	limited = RLIMIT_STACK;
	limit = 256 << 10;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char *words[] = {(char *)"sh", (char *)"-c", (char *)commands[i], NULL};
		struct process process;

		snprintf(outcome.command, sizeof(outcome.command), "%s", commands[i]);
		start_words(&process, &outcome, &(struct launch){.prepare = set_limit}, words);
		finish(&process);
		check_clean(&outcome);
		check_output(&outcome, "13000\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_processes),
	    /* valgrind needs descriptors of its own. */
	    cmocka_unit_test_setup_teardown(test_descriptors, leave_valgrind, return_to_checker),
	    /* They need memory of their own. */
	    cmocka_unit_test_setup_teardown(test_memory, leave_all_checkers, return_to_checker),
	    /* valgrind needs a stack of its own. */
	    cmocka_unit_test_setup_teardown(test_stack, leave_valgrind, return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_little_stack, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test(test_file_size),
	    cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
