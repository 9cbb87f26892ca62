/* Namespaces that nsrun has pinned to files, entered by nsenter(1). */
#include "lastmile.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A mount namespace can be pinned on a private mount only (mount_namespaces(7)). */
static char keep[PATH_MAX];

/* The kernel lets a mount namespace be bound only in an older one, to rule out circles.
 * Linux 6.18 tells their age by numbers of which each processor has its own supply: out of
 * order, unless both come from the same. */
static int set_up_pins(void **state)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	if (set_up_with_mounts(state) < 0)
		return -1;
	snprintf(keep, sizeof(keep), "%s/keep", work_directory);
	assert_int_equal(mkdir(keep, 0755), 0);
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

static bool is_there(const char *name)
{
	return access(pin_path(name), F_OK) == 0;
}

static void take_off(const char *name)
{
	assert_int_equal(umount2(pin_path(name), MNT_DETACH), 0);
	assert_int_equal(unlink(pin_path(name)), 0);
}

static void check_run(const char *expected, const char *command)
{
	static const struct caller caller = {.directory = keep};
	struct process process;
	int status = run(&process, &caller, "%s", command);

	if (status != 0 || (expected && strcmp(process.text, expected) != 0))
		fail_msg("%s: status %#x, '%s'", command, (unsigned)status, process.text);
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
	static const struct caller caller = {.directory = keep};
	struct process process;
	char command[512];

	start(&process, &caller,
	      "nsrun --net=net --uts=uts --mount=mnt --pid=pid --fork --mount-proc --hostname kept "
	      "%s role stay",
	      options);
	await_text(&process, "ready");
	check_run("kept\n", "nsenter --uts=uts --pid=pid role show /proc/sys/kernel/hostname");
	/* One of its own number there, and it sees those that were there before. */
	snprintf(command, sizeof(command),
		 "nsenter --net=net --uts=uts --mount=mnt --pid=pid sh -c 'cd /proc; set -- "
		 "$(grep -ls role */comm); echo $# here'");
	check_run(processes, command);
	clear_up();
	close_process(&process);
	assert_int_not_equal(run(&process, &caller, "nsenter --pid=pid role exit 0"), 0);
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
	static const struct caller caller = {.directory = keep};
	struct process process;

	(void)state;
	start(&process, &caller,
	      "nsrun --net=net --uts=uts --mount=mnt --pid=pid --init role stay");
	await_text(&process, "ready");
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
	clear_up();
	close_process(&process);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		take_off(links[i][0]);
}

/* The numbers of all mounts. */
static void list_mounts(char *list, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");

	assert_non_null(file);
	list[fread(list, 1, size - 1, file)] = '\0';
	fclose(file);
}

/* Lines that begin with it, and hold the other text. */
static unsigned count_lines(const struct process *process, const char *start, const char *text)
{
	char copy[sizeof(process->text)];
	unsigned count = 0;

	memcpy(copy, process->text, sizeof(copy));
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
		count += strncmp(line, start, strlen(start)) == 0 && strstr(line, text);
	return count;
}

static void check_refused(const char *options)
{
	static char before[1 << 15], after[1 << 15];
	struct process process;

	list_mounts(before, sizeof(before));
	assert_int_equal(run(&process, NULL, "nsrun --mount=%s %s sh -c 'echo ran >%s/ran'",
			     pin_path("mnt"), options, keep),
			 FAILED << 8);
	list_mounts(after, sizeof(after));
	assert_string_equal(after, before);
	assert_false(is_there("mnt"));
	assert_false(is_there("other"));
	assert_false(is_there("ran"));
	if (count_lines(&process, "nsrun: ", "") != 1)
		fail_msg("not one message: '%s'", process.text);
	/* The commands that prepare the place, as they are to be typed. */
	if (count_lines(&process, "hint: ", "mount --bind") != 1 ||
	    count_lines(&process, "hint: ", "mount --make-private") != 1)
		fail_msg("not both commands are in hints: '%s'", process.text);
}

static void test_refused_on_a_shared_mount(void **state)
{
	char other[2 * PATH_MAX];

	(void)state;
	assert_int_equal(mount(NULL, keep, NULL, MS_SHARED, NULL), 0);
	check_refused("");
	check_refused("--fork");
	check_refused("--init --mount-proc");
	check_refused("--map-users=0:0:9 --map-groups=0:0:9");
	snprintf(other, sizeof(other), "--uts=%s/other --net --fork", keep);
	check_refused(other);
	assert_int_equal(mount(NULL, keep, NULL, MS_PRIVATE, NULL), 0);
}

/* What hint lines advise does help: on the same place, prepared so, it is pinned. */
static void test_prepared_as_the_hints_say(void **state)
{
	(void)state;
	assert_int_equal(mount(NULL, "/", NULL, MS_SHARED, NULL), 0);
	check_run("", "sh -c 'cd .. && mkdir shared && mount --bind shared shared && "
		      "mount --make-private shared && nsrun --mount=shared/mnt true && "
		      "nsenter --mount=shared/mnt true'");
	assert_int_equal(mount(NULL, "/", NULL, MS_PRIVATE, NULL), 0);
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_entered_after_the_end),
	    cmocka_unit_test(test_entered_while_it_runs),
	    cmocka_unit_test(test_pins_are_the_programs_namespaces),
	    cmocka_unit_test(test_refused_on_a_shared_mount),
	    cmocka_unit_test(test_prepared_as_the_hints_say),
	};

	play_role(count, arguments);
	return cmocka_run_group_tests(tests, set_up_pins, tear_down);
}
