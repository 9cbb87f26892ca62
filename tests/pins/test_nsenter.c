/* Namespaces that nsrun has pinned to files, entered by nsenter(1). */
#include "harness.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A mount namespace can be pinned on a private mount only (mount_namespaces(7)). */
static char keep[PATH_MAX];

static struct outcome outcome;

static int set_up_pins(void **state)
{
	if (set_up_on_one_processor(state) < 0)
		return -1;
	make_directory("keep");
	snprintf(keep, sizeof(keep), "%s", path_of("keep"));
	if (geteuid() != 0)
		return 0;
	assert_int_equal(mount(keep, keep, NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, keep, NULL, MS_PRIVATE, NULL), 0);
	return 0;
}

static const char *pin_path(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", keep, name);
	return path;
}

static void take_off(const char *name)
{
	assert_int_equal(umount2(pin_path(name), MNT_DETACH), 0);
	assert_int_equal(unlink(pin_path(name)), 0);
}

static void check_run(const char *expected, const char *command)
{
	static struct outcome ran;

	run_freely(&ran, &(struct launch){.who = ROOT, .directory = keep}, "%s", command);
	check_output(&ran, expected);
}

static void test_entered_after_the_end(void **state)
{
	(void)state;
	check_run("", "nsrun --net=net --uts=uts --mount=mnt --fork --hostname kept --loopback "
		      "mount -t tmpfs kept-here /mnt");
	check_run("kept\n", "nsenter --uts=uts role show /proc/sys/kernel/hostname");
	check_run("echo ?\n", "nsenter --net=net role echo");
	check_run("kept-here\n", "nsenter --mount=mnt findmnt -n -o SOURCE /mnt");
	check_run("kept\necho ?\nkept-here\n",
		  "nsenter --net=net --uts=uts --mount=mnt sh -c 'role show "
		  "/proc/sys/kernel/hostname; role echo; findmnt -n -o SOURCE /mnt'");
	take_off("net");
	take_off("uts");
	take_off("mnt");
}

/* pid_namespaces(7): it can be entered as long as its PID 1 lives. */
static void enter_while_it_runs(const char *options, const char *processes)
{
	static const struct launch launch = {.directory = keep};
	struct process process;
	char command[512];

	start(&process, &outcome, &launch,
	      "nsrun --net=net --uts=uts --mount=mnt --pid=pid --fork --mount-proc --hostname kept "
	      "%s role stay",
	      options);
	await_output(&process, "ready");
	check_run("kept\n", "nsenter --uts=uts --pid=pid role show /proc/sys/kernel/hostname");
	/* One of its own number there, and it sees those that were there before. */
	snprintf(command, sizeof(command),
		 "nsenter --net=net --uts=uts --mount=mnt --pid=pid sh -c 'cd /proc; set -- "
		 "$(grep -ls role */comm); echo $# here'");
	check_run(processes, command);
	break_off(&process);
	run_freely(&outcome, &launch, "nsenter --pid=pid role exit 0");
	assert_int_not_equal(outcome.status, 0);
	/* The others are there all the same. */
	check_run("kept\n", "nsenter --uts=uts --mount=mnt role show /proc/sys/kernel/hostname");
	take_off("net");
	take_off("uts");
	take_off("mnt");
	take_off("pid");
}

static void test_entered_while_it_runs(void **state)
{
	(void)state;
	enter_while_it_runs("", "1 here\n");
	enter_while_it_runs("--init", "1 here\n");
	enter_while_it_runs("--init --kill-child", "1 here\n");
	enter_while_it_runs("--forward-signals", "1 here\n");
}

/* It must be the program's namespace, not just a new one. */
static void test_pins_are_the_programs_namespaces(void **state)
{
	static const char *const links[][2] = {
	    {"net", "net"}, {"uts", "uts"}, {"mnt", "mnt"}, {"pid", "pid"}};
	static const struct launch launch = {.directory = keep};
	struct process process;

	(void)state;
	start(&process, &outcome, &launch,
	      "nsrun --net=net --uts=uts --mount=mnt --pid=pid --init role stay");
	await_output(&process, "ready");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct stat pinned, used;
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)program_of(process.id, "role"),
			 links[i][1]);
		assert_int_equal(stat(path, &used), 0);
		assert_int_equal(stat(pin_path(links[i][0]), &pinned), 0);
		assert_int_equal(pinned.st_ino, used.st_ino);
		assert_int_equal(pinned.st_dev, used.st_dev);
	}
	break_off(&process);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		take_off(links[i][0]);
}

/* Lines that begin with it, and hold the other text. */
static unsigned count_lines(const char *start, const char *text)
{
	static char copy[sizeof(outcome.errors)];
	unsigned count = 0;

	memcpy(copy, outcome.errors, sizeof(copy));
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
		count += strncmp(line, start, strlen(start)) == 0 && strstr(line, text);
	return count;
}

static void check_refused_pin(const char *options)
{
	static char before[1 << 16], after[1 << 16];

	read_mounts(before, sizeof(before));
	run(&outcome, ROOT, "nsrun --mount=%s %s sh -c 'echo ran >%s/ran'", pin_path("mnt"),
	    options, keep);
	check_refused(&outcome, pin_path("mnt"));
	read_mounts(after, sizeof(after));
	assert_string_equal(after, before);
	assert_false(is_there("keep/mnt"));
	assert_false(is_there("keep/other"));
	assert_false(is_there("keep/ran"));
	assert_int_equal(count_lines("nsrun: ", ""), 1);
	/* The commands that prepare the place, as they are to be typed. */
	if (count_lines("hint: ", "mount --bind") != 1 ||
	    count_lines("hint: ", "mount --make-private") != 1)
		fail_msg("not both commands are in hints: '%s'", outcome.errors);
}

static void test_refused_on_a_shared_mount(void **state)
{
	char other[2 * PATH_MAX];

	(void)state;
	need_root();
	assert_int_equal(mount(NULL, keep, NULL, MS_SHARED, NULL), 0);
	check_refused_pin("");
	check_refused_pin("--fork");
	check_refused_pin("--init --mount-proc");
	check_refused_pin("--map-users=0:0:9 --map-groups=0:0:9");
	snprintf(other, sizeof(other), "--uts=%s/other --net --fork", keep);
	check_refused_pin(other);
	assert_int_equal(mount(NULL, keep, NULL, MS_PRIVATE, NULL), 0);
}

/* What hint lines advise does help: on the same place, prepared so, it is pinned. */
static void test_prepared_as_the_hints_say(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(mount(NULL, "/", NULL, MS_SHARED, NULL), 0);
	check_run("", "sh -c 'cd .. && mkdir shared && mount --bind shared shared && "
		      "mount --make-private shared && nsrun --mount=shared/mnt true && "
		      "nsenter --mount=shared/mnt true'");
	assert_int_equal(mount(NULL, "/", NULL, MS_PRIVATE, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_entered_after_the_end),
	    cmocka_unit_test(test_entered_while_it_runs),
	    cmocka_unit_test(test_pins_are_the_programs_namespaces),
	    cmocka_unit_test(test_refused_on_a_shared_mount),
	    cmocka_unit_test(test_prepared_as_the_hints_say),
	};

	return cmocka_run_group_tests(tests, set_up_pins, tear_down);
}
