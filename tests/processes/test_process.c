/* How the program is started, what it inherits, and how nsrun ends. */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

/* The ways in which nsrun can be asked to start a program, with all its helpers. */
static const char *const ways[] = {"",
				   "-f",
				   "-r",
				   "-rf",
				   "-Upf",
				   "-rmpf --kill-child",
				   "-rf --forward-signals",
				   "--map-auto -r",
				   "--map-auto -rf"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void no_core(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

static void test_exit_status_of_the_program(void **state)
{
	static const int statuses[] = {0, 1, 42, 125, 255};

	(void)state;
	need_subordinate_ids();
	for (unsigned i = 0; i < WAYS; i++) {
		for (unsigned j = 0; j < sizeof(statuses) / sizeof(statuses[0]); j++) {
			run(&outcome, USER, "nsrun %s probe --quiet --exit %d", ways[i],
			    statuses[j]);
			check_status(&outcome, statuses[j]);
			assert_string_equal(outcome.errors, "");
		}
	}
}

static void test_death_of_the_program(void **state)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGSEGV, SIGKILL, SIGTERM, SIGUSR1, 40};

	(void)state;
	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		for (unsigned fork = 0; fork < 2; fork++) {
			run_freely(&outcome, &(struct launch){.who = USER, .prepare = no_core},
				   "nsrun %s -U probe --quiet --raise %d", fork ? "-f" : "",
				   signals[i]);
			check_clean(&outcome);
			assert_int_equal(outcome.signal, signals[i]);
		}
	}
}

static void test_program_that_cannot_run(void **state)
{
	(void)state;
	need_subordinate_ids();
	make_file("plain", "no program\n");
	for (unsigned i = 0; i < WAYS; i++) {
		run(&outcome, USER, "nsrun %s missing-program", ways[i]);
		check_status(&outcome, NOT_FOUND);
		assert_non_null(strstr(outcome.errors, "missing-program"));
		run(&outcome, USER, "nsrun %s ./missing/program", ways[i]);
		check_status(&outcome, NOT_FOUND);
		run(&outcome, USER, "nsrun %s ./plain", ways[i]);
		check_status(&outcome, CANNOT_RUN);
		assert_non_null(strstr(outcome.errors, "nsrun: "));
		assert_non_null(strstr(outcome.errors, "./plain"));
		run(&outcome, USER, "nsrun %s /", ways[i]);
		check_status(&outcome, CANNOT_RUN);
		run(&outcome, USER, "nsrun %s ''", ways[i]);
		check_status(&outcome, NOT_FOUND);
	}
	remove_path("plain");
}

static void test_script_without_interpreter(void **state)
{
	(void)state;
	make_file("script", "echo $1\nexit 3\n");
	run(&outcome, ROOT, "chmod 755 script");
	run(&outcome, ROOT, "nsrun -f ./script word");
	check_status(&outcome, 3);
	assert_string_equal(outcome.output, "word\n");
	remove_path("script");
}

static void change_signals(void)
{
	sigset_t blocked;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGRTMIN + 3, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGRTMAX);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void change_files(void)
{
	int file = open("/dev/null", O_RDWR);

	dup2(file, 5);
	dup2(file, 700);
	close(file);
	umask(077);
}

static void close_files(void)
{
	close(0);
	close(2);
}

static void run_each_way(void (*prepare)(void), void (*check_it)(bool forks))
{
	need_subordinate_ids();
	for (unsigned i = 0; i < WAYS; i++) {
		run_freely(&outcome, &(struct launch){.who = USER, .prepare = prepare},
			   "nsrun %s probe", ways[i]);
		check_clean(&outcome);
		check_it(strchr(ways[i], 'f') != NULL);
	}
}

static void check_usual_signals(bool forks)
{
	(void)forks;
	check(&outcome, "signals.blocked", "%s", "");
	check(&outcome, "signals.ignored", "%s", "");
	check(&outcome, "signals.pending", "%s", "");
	check(&outcome, "descriptors", "0 1 2");
	check(&outcome, "children", "none");
}

static void check_changed_signals(bool forks)
{
	(void)forks;
	check(&outcome, "signals.blocked", "%d %d %d", SIGHUP, SIGTERM, SIGRTMAX);
	check(&outcome, "signals.ignored", "%d %d %d %d %d", SIGINT, SIGUSR1, SIGPIPE, SIGCHLD,
	      SIGRTMIN + 3);
	check(&outcome, "signals.child", "ignored");
}

static void check_changed_files(bool forks)
{
	(void)forks;
	check(&outcome, "descriptors", "0 1 2 5 700");
	check(&outcome, "umask", "077");
}

static void check_closed_files(bool forks)
{
	(void)forks;
	check(&outcome, "descriptors", "1");
}

static void check_session(bool forks)
{
	bool outside = strcmp(value(&outcome, "parent"), "outside") == 0;

	/* The command leads a session of its own; a child of it does not. */
	check(&outcome, "session", "%s", !forks ? "own" : outside ? "outside" : "another");
	check(&outcome, "group", "%s", !forks ? "own" : outside ? "outside" : "another");
	check(&outcome, "children", "none");
}

static void test_signals_are_inherited(void **state)
{
	(void)state;
	run_each_way(NULL, check_usual_signals);
	run_each_way(change_signals, check_changed_signals);
}

static void test_files_are_inherited(void **state)
{
	(void)state;
	run_each_way(change_files, check_changed_files);
	run_each_way(close_files, check_closed_files);
}

static void test_session_is_inherited(void **state)
{
	(void)state;
	run_each_way(NULL, check_session);
}

static void test_ignored_child_signal_and_status(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WAYS; i++) {
		run_freely(&outcome, &(struct launch){.who = USER, .prepare = change_signals},
			   "nsrun %s probe --quiet --exit 7", ways[i]);
		check_clean(&outcome);
		check_status(&outcome, 7);
	}
}

static void test_death_signal(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -rf probe");
	check(&outcome, "signals.death", "0");
	run(&outcome, USER, "nsrun -r --kill-child probe");
	check(&outcome, "signals.death", "%d", SIGKILL);
	check(&outcome, "group", "another");
	run(&outcome, USER, "nsrun --kill-child=TERM probe");
	check(&outcome, "signals.death", "%d", SIGTERM);
	run(&outcome, USER, "nsrun --kill-child=SIGHUP probe");
	check(&outcome, "signals.death", "%d", SIGHUP);
	run(&outcome, USER, "nsrun --kill-child=10 probe");
	check(&outcome, "signals.death", "10");
	run(&outcome, ROOT, "nsrun --kill-child=usr2 --setuid=1234 --setgid=1235 probe");
	check(&outcome, "signals.death", "%d", SIGUSR2);
	check(&outcome, "uid", "1234");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exit_status_of_the_program),
	    cmocka_unit_test(test_death_of_the_program),
	    cmocka_unit_test(test_program_that_cannot_run),
	    cmocka_unit_test(test_script_without_interpreter),
	    cmocka_unit_test(test_signals_are_inherited),
	    cmocka_unit_test(test_files_are_inherited),
	    cmocka_unit_test(test_session_is_inherited),
	    cmocka_unit_test(test_ignored_child_signal_and_status),
	    cmocka_unit_test(test_death_signal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
