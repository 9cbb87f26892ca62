/* Where what everybody takes for granted is missing or odd: standard descriptors that are
 * closed, a standard error that takes nothing, and a /proc that is not as usual. */
#include "harness.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static struct outcome outcome;

static const struct way {
	enum who who;
	const char *options;
	int pins;
} ways[] = {
    {ROOT, "-p -f", 0},
    {USER, "-r", 0},
    {USER, "-r -p -f", 0},
    {USER, "-r --init --kill-child --time", 0},
    {USER, "-r --loopback", 0},
    {USER, "--map-auto -r", 0},
    {USER, "--map-auto -r -f", 0},
    {ROOT, "--uts=pin --mount --fork", 1},
    {ROOT, "--uts=pin --map-users 0:0:9 --map-groups 0:0:9 --init", 1},
    {USER, "-a -r -f", 0},
    {ROOT, "--map-user nsrun-test --map-users all", 0},
    {USER, "--map-auto -r --pivot-root / --loopback", 0},
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]), COPY = 9 };

/* The standard descriptors that are closed, a bit each. Standard output stays as COPY. */
static unsigned closed;

static void close_some(void)
{
	dup2(STDOUT_FILENO, COPY);
	for (int i = 0; i <= STDERR_FILENO; i++) {
		if (closed >> i & 1)
			close(i);
	}
}

static void name_open(char text[16])
{
	size_t length = 0;

	for (unsigned i = 0; i <= STDERR_FILENO; i++) {
		if (!(closed >> i & 1))
			length += (size_t)sprintf(text + length, "%u ", i);
	}
	sprintf(text + length, "%d", COPY);
}

static void run_way(const struct way *way, void (*prepare)(void), const char *rest)
{
	struct launch launch = {.who = way->who, .prepare = prepare};

	run_freely(&outcome, &launch, "nsrun %s %s", way->options, rest);
	if (outcome.late || outcome.left > 0)
		fail_msg("'%s' with %x closed: late %d, %d processes left", outcome.command, closed,
			 outcome.late, outcome.left);
	assert_int_equal(outcome.mounts, outcome.status == 0 ? way->pins : 0);
	if (outcome.status != 0)
		assert_false(is_there("pin"));
	remove_path("pin");
}

static void test_closed_stays_closed(void **state)
{
	char expected[16];

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		for (closed = 0; closed < 8; closed++) {
			name_open(expected);
			run_way(&ways[i], close_some, "probe --output 9");
			check(&outcome, "descriptors", "%s", expected);
			/* What --trace and complaints say gets into no file of nsrun's. */
			run_way(&ways[i], close_some, "--trace probe --output 9");
			check(&outcome, "descriptors", "%s", expected);
			run_way(&ways[i], close_some, "--trace missing-program");
			check_status(&outcome, NOT_FOUND);
			assert_string_equal(outcome.output, "");
		}
	}
}

/* A descriptor that is not open must not be one that nsrun has opened for itself. */
static void test_report_to_a_closed_descriptor(void **state)
{
	char rest[64];

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		closed = 7;
		for (int descriptor = 0; descriptor <= 20; descriptor++) {
			snprintf(rest, sizeof(rest), "--report --report-fd %d probe --output 9",
				 descriptor);
			run_way(&ways[i], close_some, rest);
			if (descriptor == COPY)
				assert_non_null(strstr(outcome.output, "NAMESPACE"));
			else
				assert_string_equal(outcome.output, "");
			check_status(&outcome, descriptor == COPY ? 0 : FAILED);
		}
	}
}

static void report_to_full_device(void)
{
	dup2(open("/dev/full", O_WRONLY), COPY);
}

static void test_report_that_gets_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		run_way(&ways[i], report_to_full_device, "--report --report-fd 9 getpid");
		check_refused(&outcome, "report");
		assert_non_null(strstr(outcome.errors, "No space left"));
	}
}

static void break_errors(void)
{
	int ends[2];

	if (pipe(ends) < 0)
		_exit(96);
	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

static void break_errors_and_do_not_care(void)
{
	signal(SIGPIPE, SIG_IGN);
	break_errors();
}

/* Both ends stay open, so that the pipe is full for ever. */
static void fill_errors(void)
{
	char block[4096] = {0};
	int ends[2];

	if (pipe2(ends, O_NONBLOCK) < 0)
		_exit(96);
	while (write(ends[1], block, sizeof(block)) > 0)
		continue;
	dup2(ends[1], STDERR_FILENO);
}

static void test_messages_that_get_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		run_way(&ways[i], break_errors_and_do_not_care, "missing-program");
		check_status(&outcome, NOT_FOUND);
		run_way(&ways[i], break_errors_and_do_not_care, "--wd missing getpid");
		check_status(&outcome, FAILED);
		run_way(&ways[i], break_errors_and_do_not_care, "--trace getpid");
		check_status(&outcome, 0);
		run_way(&ways[i], fill_errors, "missing-program");
		check_status(&outcome, NOT_FOUND);
		/* As any program, nsrun may be killed for it. */
		run_way(&ways[i], break_errors, "missing-program");
		assert_true(outcome.signal == SIGPIPE || outcome.status == 128 + SIGPIPE ||
			    outcome.status == NOT_FOUND);
	}
}

static void get_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(96);
}

static void take_proc_off(void)
{
	get_own_mounts();
	while (umount2("/proc", MNT_DETACH) == 0)
		continue;
}

static void make_proc_read_only(void)
{
	get_own_mounts();
	if (mount("none", "/proc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		_exit(96);
}

static void hide_processes(void)
{
	take_proc_off();
	if (mount("none", "/proc", "proc", 0, "hidepid=2") < 0)
		_exit(96);
}

static void take_proc_off_for_user(void)
{
	take_proc_off();
	become_user();
}

static void make_proc_read_only_for_user(void)
{
	make_proc_read_only();
	become_user();
}

static void hide_processes_for_user(void)
{
	hide_processes();
	become_user();
}

/* The command does not work there, and says so, with quoted in it. */
static void check_refused_with(void (*prepare)(void), const char *quoted, const char *options)
{
	run_freely(&outcome, &(struct launch){.who = ROOT, .prepare = prepare}, "nsrun %s getpid",
		   options);
	check_clean(&outcome);
	check_refused(&outcome, quoted);
	assert_false(is_there("pin"));
}

static void check_works_with(void (*prepare)(void), const char *options)
{
	run_freely(&outcome, &(struct launch){.who = ROOT, .prepare = prepare}, "nsrun %s getpid",
		   options);
	check_clean(&outcome);
	check_status(&outcome, 0);
	remove_path("pin");
}

static void test_no_proc(void **state)
{
	(void)state;
	check_works_with(take_proc_off, "-p -f");
	check_works_with(take_proc_off, "-m -u -i -n --init --kill-child");
	check_works_with(take_proc_off_for_user, "-U -p -f");
	check_works_with(take_proc_off, "-T");
	check_works_with(take_proc_off_for_user, "-U -T --trace");
	check_refused_with(take_proc_off, "/proc/self/ns", "--all");
	check_refused_with(take_proc_off, "/proc", "--report");
	check_refused_with(take_proc_off, "/proc/self", "--uts=pin");
	check_refused_with(take_proc_off, "/proc/self", "--uts=pin --mount --fork");
	check_refused_with(take_proc_off, "/proc/self", "--map-users 0:0:9");
	check_refused_with(take_proc_off, "timens_offsets", "--time --monotonic 5");
	check_refused_with(take_proc_off, "/proc/self", "--owner 1:1 --map-users all");
	check_refused_with(take_proc_off_for_user, "/proc/self/uid_map", "-r");
	check_refused_with(take_proc_off_for_user, "/proc/self/uid_map", "-r --init");
}

static void test_read_only_proc(void **state)
{
	(void)state;
	check_works_with(make_proc_read_only, "-p -f");
	check_works_with(make_proc_read_only, "--uts=pin --mount");
	check_works_with(make_proc_read_only_for_user, "-U --report --report-fd 1");
	check_refused_with(make_proc_read_only_for_user, "/proc/self/uid_map", "-r");
	check_refused_with(make_proc_read_only_for_user, "/proc/self/uid_map", "-r -p -f");
	check_refused_with(make_proc_read_only, "uid_map", "--map-users 0:0:9");
}

static void test_proc_that_hides_processes(void **state)
{
	(void)state;
	check_works_with(hide_processes, "-p -f --report --report-fd 1");
	check_works_with(hide_processes, "--uts=pin --mount");
	check_works_with(hide_processes, "--uts=pin --map-users 0:0:9 --fork");
	check_works_with(hide_processes_for_user, "-r -p -f --report --report-fd 1");
	check_works_with(hide_processes_for_user, "-r --init --kill-child --time");
	check_works_with(hide_processes_for_user, "--map-auto -r --init");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_closed_stays_closed),
	    cmocka_unit_test(test_report_to_a_closed_descriptor),
	    cmocka_unit_test(test_report_that_gets_lost),
	    /* A signal does not kill a first process: valgrind cannot end itself there. */
	    cmocka_unit_test_setup_teardown(test_messages_that_get_lost, leave_valgrind,
					    return_to_checker),
	    /* They read /proc/self/maps. */
	    cmocka_unit_test_setup_teardown(test_no_proc, leave_all_checkers, return_to_checker),
	    cmocka_unit_test(test_read_only_proc),
	    cmocka_unit_test(test_proc_that_hides_processes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
