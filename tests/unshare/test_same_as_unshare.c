/*
 * The program's state is the same as under the installed unshare(1): for every option
 * that version 2.38 has, and for random combinations of them.
 *
 * Left out, because 2.38 lacks it: --all, --mount-binfmt, --load-interp, --owner,
 * --forward-signals, --clear-env, --whitelist-env, and of --map-users and --map-groups the
 * words subids and all, ranges with colons and more than one range.
 */
#include "harness.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

enum { COMBINATIONS = 200 };

static struct outcome theirs, ours;
static char their_state[1 << 17], our_state[1 << 17];

static const char *const options[] = {
    "-m",
    "-u",
    "-i",
    "-n",
    "-p",
    "-U",
    "-C",
    "-T",
    "-f",
    "--mount-proc",
    "--mount-proc=proc",
    "--propagation=private",
    "--propagation=shared",
    "--propagation=slave",
    "--propagation=unchanged",
    "-r",
    "-c",
    "--map-user=0",
    "--map-user=7",
    "--map-user=4294967294",
    "--map-user=daemon",
    "--map-group=0",
    "--map-group=8",
    "--map-group=daemon",
    "--map-auto",
    "--map-users=auto",
    "--map-groups=auto",
    "--map-users=RANGE",
    "--map-groups=RANGE",
    "--setgroups=allow",
    "--setgroups=deny",
    "--keep-caps",
    "--kill-child",
    "--kill-child=TERM",
    "-S0",
    "-S7",
    "--setuid=1234",
    "-G0",
    "-G8",
    "--setgid=1234",
    "-R tree",
    "-w /",
    "-w /proc",
    "--wd=..",
    "--monotonic=100",
    "--monotonic=-1",
    "--boottime=86400",
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static const char *user_ranges(enum who who)
{
	static char range[64];

	snprintf(range, sizeof(range), "%u,10,20", who == ROOT ? ROOT_FIRST : test_user.first);
	return range;
}

static void add_option(char *line, const char *option, enum who who)
{
	const char *range = strstr(option, "RANGE");

	if (range)
		sprintf(line + strlen(line), " %.*s%s", (int)(range - option), option,
			user_ranges(who));
	else
		sprintf(line + strlen(line), " %s", option);
}

/* Numbers that differ between any two runs become what matters about them. */
static void add_state(char *state, const struct outcome *outcome, const char *line)
{
	char type[64];
	int length = (int)strcspn(line, "\n");

	/* Before Linux 6.3 an exec enters no time namespace, and only nsrun does so before. */
	if (strncmp(line, "ns.time=", 8) == 0 && !is_linux(6, 3))
		return;
	if (sscanf(line, "ns.%63[^=]=", type) == 1)
		sprintf(state, "ns.%s is %s\n", type, is_new(outcome, type) ? "new" : "old");
	else if (strncmp(line, "pid=", 4) == 0)
		sprintf(state, "pid is %s\n", atoi(line + 4) == 1 ? "1" : "another");
	else
		sprintf(state, "%.*s\n", length, line);
}

static void describe(char *state, const struct outcome *outcome)
{
	const char *line = outcome->output;

	*state = '\0';
	while (*line) {
		const char *end = strchr(line, '\n');

		add_state(state, outcome, line);
		state += strlen(state);
		line = end ? end + 1 : line + strlen(line);
	}
}

/* The first line in which the two differ, for the message. */
static void fail_with_difference(void)
{
	const char *their_line = their_state, *our_line = our_state;

	while (*their_line && strcspn(their_line, "\n") == strcspn(our_line, "\n") &&
	       strncmp(their_line, our_line, strcspn(our_line, "\n") + 1) == 0) {
		their_line += strcspn(their_line, "\n") + 1;
		our_line += strcspn(our_line, "\n") + 1;
	}
	fail_msg("'%s' gives\n%.*s\nand unshare\n%.*s", ours.command, (int)strcspn(our_line, "\n"),
		 our_line, (int)strcspn(their_line, "\n"), their_line);
}

/* Takes out the lines about maps. */
static void forget_maps(char *state)
{
	char *map;

	while ((map = strstr(state, "id_map="))) {
		const char *rest = strchr(map, '\n') + 1;

		map--;
		memmove(map, rest, strlen(rest) + 1);
	}
}

static void compare_states(bool with_maps)
{
	describe(their_state, &theirs);
	describe(our_state, &ours);
	if (!with_maps) {
		forget_maps(their_state);
		forget_maps(our_state);
	}
	if (strcmp(their_state, our_state) != 0)
		fail_with_difference();
}

static void compare(enum who who, const char *line)
{
	const char *program = strstr(line, "-R tree") ? "/probe" : "probe";

	run_freely(&theirs, &(struct launch){.who = who}, "unshare%s %s", line, program);
	run(&ours, who, "nsrun%s %s", line, program);
	if (theirs.status != 0) {
		if (ours.status != FAILED)
			fail_msg("'%s' ends with %d (signal %d), but unshare fails with\n%s",
				 ours.command, ours.status, ours.signal, theirs.errors);
		return;
	}
	if (ours.status != 0)
		fail_msg("'%s' fails, but unshare does not:\n%s", ours.command, ours.errors);
	compare_states(true);
}

static void make_tree(void)
{
	make_directory("proc");
	make_root("tree");
}

static bool has(const char *line, const char *word)
{
	return strstr(line, word) != NULL;
}

static int count(const char *line, const char *word)
{
	int found = 0;

	while ((line = strstr(line, word))) {
		line += strlen(word);
		found++;
	}
	return found;
}

/* One id at the end of an auto range. */
static bool loses_an_id(const char *line)
{
	static const char *const singles[] = {" -r", " -c", "--map-user=", "--map-group="};

	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		if (has(line, "auto") && has(line, singles[i]))
			return true;
	}
	return false;
}

/* What 2.38 does otherwise, by mistake or because it was added later. */
static bool is_left_out(const char *line)
{
	/* It forgets all ranges but the last. */
	if (loses_an_id(line) ||
	    count(line, "--map-auto") + count(line, "--map-users") > 1 ||
	    count(line, "--map-auto") + count(line, "--map-groups") > 1)
		return true;
	/* It denies setgroups(2) after it has mapped groups, when the kernel refuses that. */
	if (has(line, "--setgroups=deny") && (has(line, "-r") || has(line, "-c") ||
					      has(line, "--map-auto") || has(line, "--map-group")))
		return true;
	/* It stays outside the new root with a relative directory. */
	if (has(line, "--wd=..") && has(line, "-R"))
		return true;
	/* It sets the parent-death signal before the ids, which clear it again. */
	return has(line, "--kill-child") &&
	       (has(line, "-S") || has(line, "-G") || has(line, "--set"));
}

static void compare_each_option(enum who who)
{
	char line[4096];

	make_tree();
	for (int i = 0; i < OPTIONS; i++) {
		/* Some options do something only together with these. */
		static const char *const others[] = {"",    " -m",  " -U",  " -T",
						     " -r", " -pf", " -rmf"};

		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
			strcpy(line, others[j]);
			add_option(line, options[i], who);
			if (!is_left_out(line))
				compare(who, line);
		}
	}
}

static void test_each_option_as_root(void **state)
{
	(void)state;
	need_root();
	compare_each_option(ROOT);
}

static void test_each_option_as_user(void **state)
{
	(void)state;
	need_subordinate_ids();
	compare_each_option(USER);
}

static void pin(struct outcome *outcome, const char *program, const char *type)
{
	/* 2.38 wants the file to be there, and may bind it only after the program has
	 * counted the mounts. */
	make_file("pin", "");
	run_freely(outcome, &(struct launch){.who = ROOT}, "%s --%s=pin --fork probe --only ns",
		   program, type);
	check_status(outcome, 0);
	assert_int_equal(outcome->mounts, 1);
	remove_path("pin");
}

static void test_pins_as_root(void **state)
{
	/* Not user: 2.38 binds it from within the namespace, where it may not. */
	static const char *const types[] = {"mount", "uts", "ipc", "net", "pid", "cgroup", "time"};

	(void)state;
	need_root();
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		pin(&theirs, "unshare", types[i]);
		pin(&ours, "nsrun", types[i]);
		compare_states(true);
	}
}

static void make_combination(char *line, struct generator *generator, enum who who)
{
	do {
		uint64_t count = 2 + next_number(generator) % 6;

		/* Without namespaces most options do nothing, or nobody may use them. */
		strcpy(line, next_number(generator) % 4 > 0 ? " -mUpf" : "");
		while (count-- > 0)
			add_option(line, options[next_number(generator) % OPTIONS], who);
	} while (is_left_out(line));
}

static void compare_combinations(enum who who)
{
	struct generator generator = seeded_generator(1);
	char line[4096];

	make_tree();
	for (int i = 0; i < COMBINATIONS; i++) {
		make_combination(line, &generator, who);
		compare(who, line);
	}
}

static void test_combinations_as_root(void **state)
{
	(void)state;
	need_root();
	compare_combinations(ROOT);
}

static void test_combinations_as_user(void **state)
{
	(void)state;
	need_subordinate_ids();
	compare_combinations(USER);
}

/* How scripts call unshare: building packages and images, testing file systems, saving and
 * restoring processes, starting containers. */
static const struct {
	enum who who;
	const char *line;
} invocations[] = {
    /* arch-chroot(8), as root and with -N */
    {ROOT, "--fork --pid probe"},
    {ROOT, "--fork --pid chroot tree /probe"},
    {USER, "--fork --pid --mount --map-auto --setuid 0 --setgid 0 probe"},
    /* autopkgtest-virt-unshare(1): the caller is a user beyond the range */
    {USER, "--map-auto --map-user=65536 --map-group=65536 --keep-caps -- probe"},
    {USER, "--map-auto --map-user 70000 --map-group 70000 -m -u -i -p -f --kill-child probe"},
    {USER, "--user --map-auto -S 0 -G 0 --mount --uts --ipc --net -- sh -c probe"},
    /* criu(8): something to save, with a tree of processes of its own */
    {ROOT, "-p -f --mount-proc setsid probe"},
    {ROOT, "--mount --uts --ipc --pid --net --fork --mount-proc -- sh -c 'probe; exit 0'"},
    {ROOT, "-mUCpuin -f -r --mount-proc=/proc probe"},
    {USER, "-Urpfm --mount-proc -- probe"},
    /* mkosi(1): root of an image */
    {USER, "--map-user=0 --map-group=0 --mount --propagation=slave probe"},
    {USER, "-U --map-users=RANGE --map-groups=RANGE probe"},
    {USER, "--map-current-user --keep-caps --mount -- sh -c 'mount -t tmpfs none /mnt; probe'"},
    {ROOT, "--mount --propagation=private --ipc --uts -- sh -c 'hostname image && probe'"},
    {ROOT, "-R tree -w /proc /probe"},
    /* pbuilder(8): no network, and no process that stays */
    {ROOT, "--net --ipc --uts probe"},
    {ROOT, "-n -i -u -f -p --kill-child -- probe"},
    {ROOT, "--fork --pid --mount-proc --kill-child=TERM --root tree /probe"},
    {ROOT, "--net -- sh -c 'ip link set lo up && probe'"},
    /* podman-unshare(1), rootlesskit, buildah */
    {USER, "-r probe"},
    {USER, "--user --map-root-user --mount -- probe"},
    {USER, "-rm --propagation=slave sh -c 'mount --bind / /mnt && probe'"},
    {USER, "-U --map-auto -- probe"},
    {USER, "--map-root-user --net --mount --pid --fork --cgroup probe"},
    /* systemd's tests: what a service may have of its own */
    {ROOT, "--mount --propagation unchanged probe"},
    {ROOT, "--mount --propagation=shared sh -c 'mount -t tmpfs none /mnt; umount /mnt; probe'"},
    {ROOT, "--cgroup --mount -- probe"},
    {ROOT, "--time --fork --boottime=86400 --monotonic 100 probe"},
    {ROOT, "--user --map-user=0 --setgroups=deny probe"},
    {ROOT, "--setuid=1234 --setgid=1234 probe"},
    {ROOT, "-S 65534 -G 65534 -n probe"},
    /* xfstests: file systems that are seen as by a container */
    {ROOT, "-f -r -m -p -U probe"},
    {ROOT, "--mount -- sh -c 'mount -t tmpfs tmpfs /mnt && cd /mnt && probe'"},
    {ROOT, "-U --map-users=RANGE --map-groups=RANGE --setuid 10 --setgid 10 probe"},
    {ROOT, "-m -p -f --mount-proc sh -c 'test $$ = 1 && exec probe'"},
    {ROOT, "--user --map-user daemon --map-group daemon probe"},
    /* By hand, for fake roots and reproducible builds */
    {USER, "-c probe"},
    {USER, "-rn -- env LC_ALL=C TZ=UTC probe"},
    {USER, "-ru sh -c 'hostname builder; exec probe'"},
    {USER, "-r --kill-child=KILL --wd=/ probe"},
    {USER, "-r -f -p sh -c 'sleep 0 & wait; exec probe --exit 7'"},
    {ROOT, "-f sh -c 'kill -TERM $$'"},
};

/* The line with the range of ids that this one has. */
static void write_line(char *line, const char *from, enum who who)
{
	const char *range;

	strcpy(line, " ");
	for (; (range = strstr(from, "RANGE")); from = range + strlen("RANGE"))
		sprintf(line + strlen(line), "%.*s%s", (int)(range - from), from, user_ranges(who));
	strcat(line, from);
}

static void test_invocations_of_scripts(void **state)
{
	char target[512];

	(void)state;
	need_root();
	make_tree();
	make_directory("bin");
	snprintf(target, sizeof(target), "%s/nsrun", program_directory);
	make_link(target, "bin/unshare");
	for (size_t i = 0; i < sizeof(invocations) / sizeof(invocations[0]); i++) {
		enum who who = invocations[i].who;
		char line[512];

		write_line(line, invocations[i].line, who);
		run_freely(&theirs, &(struct launch){.who = who}, "unshare%s", line);
		run_freely(&ours, &(struct launch){.who = who}, "bin/unshare%s", line);
		if (theirs.status == 1)
			fail_msg("'%s' fails:\n%s", theirs.command, theirs.errors);
		if (ours.status != theirs.status || ours.signal != theirs.signal)
			fail_msg("'%s' ends with %d (signal %d), but unshare with %d (%d)",
				 ours.command, ours.status, ours.signal, theirs.status,
				 theirs.signal);
		check_clean(&ours);
		compare_states(!loses_an_id(line));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_option_as_root),
	    cmocka_unit_test(test_each_option_as_user),
	    cmocka_unit_test(test_pins_as_root),
	    cmocka_unit_test(test_combinations_as_root),
	    cmocka_unit_test(test_combinations_as_user),
	    cmocka_unit_test(test_invocations_of_scripts),
	};

	return cmocka_run_group_tests(tests, set_up_on_one_processor, tear_down);
}
