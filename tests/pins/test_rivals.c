/*
 * Pins that meet: several runs at once with the same place, and a place that moves meanwhile. A
 * run that succeeds has its pin, and one that fails takes away nothing but its own.
 *
 * ROUNDS says how many there are of each kind; the rates are printed.
 */
#include "harness.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct outcome outcome;

enum { RIVALS = 3, MOST_WORDS = 16, LINK = 64, WELL = 60, UNWELL = 61 };

#define WORKS " readlink /proc/self/ns/"
#define FAILS " /no/such/program"

/* Runs of nsrun that start at the same moment. */
static const struct kind {
	const char *name;
	bool existing; /* the places, before they start */
	const char *type;
	const char *options[RIVALS]; /* '+' at the start: with a program that can be run */
} kinds[] = {
    {"no file, two succeed", false, "uts", {"+--uts=pin", "+--uts=pin"}},
    {"no file, one of two fails", false, "uts", {"+--uts=pin", "--uts=pin"}},
    {"no file, two fail", false, "uts", {"--uts=pin", "--uts=pin"}},
    {"a file, one of two fails", true, "uts", {"+--uts=pin", "--uts=pin"}},
    {"a file, two fail", true, "uts", {"--uts=pin", "--uts=pin"}},
    {"no file, one of three fails", false, "uts", {"+--uts=pin", "--uts=pin", "+--uts=pin"}},
    {"a file, two of three fail", true, "uts", {"--uts=pin", "+--uts=pin", "--uts=pin"}},
    {"a file, three fail", true, "uts", {"--uts=pin", "--uts=pin", "--uts=pin"}},
    {"-m, one of two fails", false, "uts", {"+-m --uts=pin", "-m --uts=pin"}},
    {"-m, a file, two fail", true, "uts", {"-m --uts=pin", "-m --uts=pin"}},
    {"--mount, one of two fails", false, "mnt", {"+--mount=pin", "--mount=pin"}},
    {"--mount, a file, one fails", true, "mnt", {"+--mount=pin", "--mount=pin"}},
    {"two files, one of two fails",
     true,
     "uts",
     {"+--uts=pin --ipc=other", "--uts=pin --ipc=other"}},
    {"two files, all fail", false, "uts", {"--uts=pin --ipc=other", "--uts=pin --ipc=other"}},
    {"children, one of three fails",
     false,
     "uts",
     {"+--uts=pin -f", "--uts=pin --init", "+--uts=pin --init"}},
};
static const struct kind *kind;

static unsigned rounds(unsigned by_default)
{
	const char *given = getenv("ROUNDS");

	return nsrun_is_under_valgrind() ? 3 : given ? (unsigned)atoi(given) : by_default;
}

static void execute(const char *options)
{
	char line[256], program[PATH_MAX];
	char *words[MOST_WORDS + 1] = {program, (char *)"-q"};
	size_t count = 2;

	snprintf(program, sizeof(program), "%s/nsrun", program_directory);
	snprintf(line, sizeof(line), "%s%s%s", options + (*options == '+'),
		 *options == '+' ? WORKS : FAILS, *options == '+' ? kind->type : "");
	for (char *word = strtok(line, " "); word && count < MOST_WORDS; word = strtok(NULL, " "))
		words[count++] = word;
	execv(program, words);
	_exit(99);
}

struct rival {
	pid_t process;
	int output;
};

/* It waits for the end of `start`. */
static struct rival set_out(const char *options, const int start[2])
{
	struct rival rival;
	int ends[2];
	char byte;

	if (pipe2(ends, O_CLOEXEC) < 0)
		_exit(99);
	rival.process = fork();
	rival.output = ends[0];
	if (rival.process == 0) {
		close(start[1]);
		if (dup2(ends[1], STDOUT_FILENO) < 0 || read(start[0], &byte, 1) != 0)
			_exit(99);
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		execute(options);
	}
	close(ends[1]);
	return rival;
}

static bool is_mounted(const char *link, const char *path)
{
	static char mounts[1 << 18];
	char part[PATH_MAX + LINK];

	read_mounts(mounts, sizeof(mounts));
	snprintf(part, sizeof(part), " %.*s %s ", (int)strcspn(link, "\n"), link, path_of(path));
	return strstr(mounts, part);
}

/* Whether it succeeded; *well becomes false if it then has no pin. */
static bool bring_home(const struct rival *rival, bool *well)
{
	char link[LINK] = "";
	int status;

	waitpid(rival->process, &status, 0);
	if (read(rival->output, link, sizeof(link) - 1) < 0 || status == 99 << 8)
		_exit(99);
	close(rival->output);
	if (status == 0 && !is_mounted(link, "pin"))
		*well = false;
	return status == 0;
}

static bool has_inode(const char *path, ino_t inode)
{
	struct stat status;

	return inode ? lstat(path, &status) == 0 && status.st_ino == inode : !is_there(path);
}

static ino_t prepare(const char *path)
{
	struct stat status;

	if (!kind->existing)
		return 0;
	make_file(path, "content");
	if (stat(path, &status) < 0)
		_exit(99);
	return status.st_ino;
}

static void take_all_off(const char *path)
{
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		continue;
}

/* True if all is as it must be afterwards. */
static bool meet(void)
{
	struct rival rivals[RIVALS];
	int start[2], expected = 0;
	ino_t pin = prepare("pin"), other = prepare("other");
	bool well = true, two = strstr(kind->options[0], "other");

	if (pipe2(start, O_CLOEXEC) < 0)
		_exit(99);
	for (int i = 0; i < RIVALS && kind->options[i]; i++)
		rivals[i] = set_out(kind->options[i], start);
	close(start[1]);
	for (int i = 0; i < RIVALS && kind->options[i]; i++) {
		bool succeeded = bring_home(&rivals[i], &well);

		expected += succeeded;
		well = well && succeeded == (*kind->options[i] == '+');
	}
	close(start[0]);
	well = well && count_mounts("pin") == expected &&
	       count_mounts("other") == (two ? expected : 0);
	take_all_off("pin");
	take_all_off("other");
	if (expected > 0 && !kind->existing)
		unlink("pin"), unlink("other");
	well = well && has_inode("pin", pin) && has_inode("other", other);
	unlink("pin");
	unlink("other");
	return well;
}

/* A mount namespace can be pinned only in an older one, which Linux 6.18 tells by numbers of
 * which each processor has its own supply. */
static void stay_on_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0 || unshare(CLONE_NEWNS) < 0)
		_exit(99);
}

/* Runs instead of a command, as all that follows. */
static void meet_often(void)
{
	unsigned all = rounds(30), well = 0;

	if (strcmp(kind->type, "mnt") == 0)
		stay_on_one_processor();
	for (unsigned i = 0; i < all; i++)
		well += meet();
	printf("%-30s %u of %u well\n", kind->name, well, all);
	fflush(stdout);
	_exit(well == all ? WELL : UNWELL);
}

static void check_race(void (*race)(void))
{
	run_freely(&outcome, &(struct launch){.who = ROOT, .prepare = race}, "race");
	print_message("%s", outcome.output);
	check_clean(&outcome);
	assert_int_equal(outcome.status, WELL);
}

static void test_runs_at_once(void **state)
{
	(void)state;
	need_root();
	for (kind = kinds; kind < kinds + sizeof(kinds) / sizeof(kinds[0]); kind++)
		check_race(meet_often);
}

static pid_t exchange_for_ever(void)
{
	enum { EXCHANGE = 2 };
	pid_t process = fork();

	if (process != 0)
		return process;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, "way/place", AT_FDCWD, "way/link", EXCHANGE);
}

static bool run_while_exchanged(const char *options)
{
	pid_t exchanging = exchange_for_ever();
	int start[2], status;
	struct rival rival;

	if (exchanging < 0 || pipe2(start, O_CLOEXEC) < 0)
		_exit(99);
	rival = set_out(options, start);
	close(start[1]);
	close(start[0]);
	waitpid(rival.process, &status, 0);
	close(rival.output);
	kill(exchanging, SIGKILL);
	waitpid(exchanging, NULL, 0);
	return status == 0;
}

/* The directory itself, wherever it is now. */
static const char *place(void)
{
	struct stat status;

	return lstat("way/place", &status) == 0 && S_ISDIR(status.st_mode) ? "way/place/pin"
									   : "way/link/pin";
}

/* Whoever may write to a directory on the way has it be another by turns: one where root has a
 * file of that name, on which something is mounted. */
static void exchange_the_way(void)
{
	static const struct kind uts = {.type = "uts"};
	unsigned all = rounds(40), well = 0, elsewhere = 0;
	struct stat before;

	kind = &uts;
	if (mount("/proc/self/ns/net", "victim/pin", NULL, MS_BIND, NULL) < 0 ||
	    stat("victim/pin", &before) < 0)
		_exit(99);
	for (unsigned i = 0; i < all; i++) {
		bool fails = i % 2;
		bool succeeded =
		    run_while_exchanged(fails ? "--uts=way/place/pin" : "+--uts=way/place/pin");
		int there = count_mounts("victim/pin") - 1, here = count_mounts(place());

		if (there > 0)
			umount2("victim/pin", MNT_DETACH);
		elsewhere += there > 0;
		well += succeeded != fails && here + there == succeeded &&
			is_there(place()) == here && has_inode("victim/pin", before.st_ino);
		take_all_off(place());
		unlink(place());
	}
	take_all_off("victim/pin");
	printf("%-30s %u of %u well, %u at the other place\n", "exchanged directories", well, all,
	       elsewhere);
	fflush(stdout);
	_exit(well == all && is_there("victim/pin") ? WELL : UNWELL);
}

static void test_a_way_that_is_exchanged(void **state)
{
	(void)state;
	need_root();
	make_directory("victim");
	make_file("victim/pin", "root's\n");
	make_directory("way");
	make_directory("way/place");
	make_link("../victim", "way/link");
	check_race(exchange_the_way);
	remove_path("way");
	remove_path("victim");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_runs_at_once),
	    cmocka_unit_test(test_a_way_that_is_exchanged),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
