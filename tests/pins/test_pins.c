/* [=file]: a namespace that stays when its last process is gone, and failures that leave
 * nothing behind. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

static const struct {
	const char *option, *link;
} types[] = {
    {"mount", "mnt"}, {"uts", "uts"},   {"ipc", "ipc"},       {"net", "net"},
    {"pid", "pid"},   {"user", "user"}, {"cgroup", "cgroup"}, {"time", "time"},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

__attribute__((format(printf, 2, 3))) static void pin(int expected, const char *format, ...)
{
	char line[8192];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	run_freely(&outcome, &(struct launch){.who = ROOT}, "%s", line);
	assert_false(outcome.late);
	assert_int_equal(outcome.left, 0);
	if (outcome.mounts != expected)
		fail_msg("'%s' left %d mounts, not %d\n%s", outcome.command, outcome.mounts,
			 expected, outcome.errors);
}

static void get_status(const char *path, struct stat *status)
{
	assert_int_equal(stat(path_of(path), status), 0);
}

static void check_pinned(const char *path, const char *link)
{
	char key[64], expected[64];
	struct stat status;

	get_status(path, &status);
	snprintf(key, sizeof(key), "ns.%s", link);
	snprintf(expected, sizeof(expected), "%.*s:[%llu]", (int)strcspn(link, "_"), link,
		 (unsigned long long)status.st_ino);
	check(&outcome, key, "%s", expected);
}

static void take_off(const char *path)
{
	assert_int_equal(umount2(path_of(path), MNT_DETACH), 0);
}

/* Before Linux 6.3 an exec did not enter the new time namespace: the next child is the first
 * in it (time_namespaces(7)). */
static const char *link_of(const char *link, bool has_child)
{
	return strcmp(link, "time") == 0 && !has_child && !is_linux(6, 3) ? "time_for_children"
									  : link;
}

static void test_each_type(void **state)
{
	struct stat status;

	(void)state;
	for (unsigned i = 0; i < TYPES; i++) {
		for (unsigned fork = 0; fork < 2; fork++) {
			if (strcmp(types[i].option, "pid") == 0 && !fork)
				continue;
			pin(1, "nsrun --%s=pin %s probe", types[i].option, fork ? "--fork" : "");
			check_pinned("pin", link_of(types[i].link, fork));
			check_new(&outcome, link_of(types[i].link, fork), true);
			take_off("pin");
			get_status("pin", &status);
			assert_int_equal(status.st_mode, S_IFREG | 0444);
			assert_int_equal(status.st_size, 0);
			remove_path("pin");
		}
	}
}

static void test_all_types_together(void **state)
{
	(void)state;
	pin(8, "nsrun --mount=m --uts=u --ipc=i --net=n --pid=p --user=U --cgroup=C --time=T -f "
	       "probe");
	check_pinned("m", "mnt");
	check_pinned("p", "pid");
	check_pinned("U", "user");
	check_pinned("T", "time");
	for (const char *path = "muinpUCT"; *path; path++)
		remove_path((char[]){*path, '\0'});
}

static void test_with_maps(void **state)
{
	(void)state;
	pin(2, "nsrun --user=U --mount=m --map-auto -r -f probe");
	check_pinned("U", "user");
	check_pinned("m", "mnt");
	check(&outcome, "uid_map", "0 0 1;1 %d %d", ROOT_FIRST, ROOT_COUNT);
	run(&outcome, ROOT, "nsenter --user=U cat /proc/self/uid_map");
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "300000"));
	remove_path("U");
	remove_path("m");
}

/* Of two places the one that was there stays when the run fails, and the other goes. */
static void test_a_failure_between_places(void **state)
{
	(void)state;
	make_file("kept", "");
	pin(0, "nsrun --uts=made --ipc=kept ./missing");
	check_status(&outcome, NOT_FOUND);
	assert_true(is_there("kept"));
	assert_false(is_there("made"));
	pin(0, "nsrun --uts=kept --ipc=made --fork ./missing");
	check_status(&outcome, NOT_FOUND);
	assert_true(is_there("kept"));
	assert_false(is_there("made"));
	remove_path("kept");
}

static void test_an_existing_file(void **state)
{
	struct stat status;

	(void)state;
	need_root();
	make_file("pin", "content\n");
	pin(1, "nsrun --uts=pin probe");
	check_pinned("pin", "uts");
	take_off("pin");
	get_status("pin", &status);
	assert_int_equal(status.st_size, 8);
	assert_int_equal(status.st_mode & 07777, 0644);
	remove_path("pin");
}

static void test_entered_afterwards(void **state)
{
	(void)state;
	pin(1, "nsrun --uts=pin hostname x");
	run(&outcome, ROOT, "nsenter --uts=pin hostname");
	check_output(&outcome, "x\n");
	remove_path("pin");
	make_directory("place");
	pin(1, "nsrun --mount=pin mount -t tmpfs none place");
	run(&outcome, ROOT, "nsenter --mount=pin stat -f -c %%T %s/place", work_directory);
	check_output(&outcome, "tmpfs\n");
	remove_path("pin");
	remove_path("place");
	/* A time namespace's offsets stay, too. */
	pin(1, "nsrun --time=pin --monotonic=1000 true");
	run(&outcome, ROOT, "nsenter --time=pin probe");
	check(&outcome, "clocks", "monotonic 1000 0;boottime 0 0");
	remove_path("pin");
}

static void test_ip_netns(void **state)
{
	bool made = !is_there("/run/netns");

	(void)state;
	need_root();
	make_directory("/run/netns");
	pin(1, "nsrun --net=/run/netns/nsrun-test true");
	run(&outcome, ROOT, "ip netns list");
	check_status(&outcome, 0);
	assert_non_null(strstr(outcome.output, "nsrun-test"));
	run(&outcome, ROOT, "ip netns exec nsrun-test ls /sys/class/net");
	check_output(&outcome, "lo\n");
	run(&outcome, ROOT, "ip netns delete nsrun-test");
	check_output(&outcome, "");
	assert_false(is_there("/run/netns/nsrun-test"));
	if (made)
		rmdir("/run/netns");
}

static void test_pins_stay_however_the_program_ends(void **state)
{
	(void)state;
	pin(1, "nsrun --uts=pin probe --exit 3");
	check_status(&outcome, 3);
	remove_path("pin");
	pin(1, "nsrun --uts=pin -f probe --raise 15");
	assert_int_equal(outcome.signal, 15);
	remove_path("pin");
}

/* Each fails after at least one namespace could have been pinned. */
static const struct {
	const char *command;
	int status;
} failures[] = {
    {"nsrun --uts=one %s missing-program", NOT_FOUND},
    {"nsrun --uts=one --ipc=two %s /", CANNOT_RUN},
    {"nsrun --uts=one --ipc=two --net=missing/three %s probe", FAILED},
    {"nsrun --uts=one --mount=missing/two %s probe", FAILED},
    {"nsrun --mount=one --mount-proc=missing %s probe", FAILED},
    {"nsrun --mount=one --user=two %s missing-program", NOT_FOUND},
    {"nsrun --mount=one --user=two -R missing %s probe", FAILED},
    {"nsrun --user=one -r -G 5 %s probe", FAILED},
    {"nsrun --user=one --map-auto -S 4000000 %s probe", FAILED},
    {"nsrun --uts=one -w missing %s probe", FAILED},
    {"nsrun --time=one --monotonic=-9000000000 %s probe", FAILED},
    {"nsrun --net=one --uts=two --kill-child %s missing-program", NOT_FOUND},
};

static void test_failures_leave_nothing(void **state)
{
	static const char *const ways[] = {"", "-f", "-f --forward-signals"};

	(void)state;
	for (unsigned i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		for (unsigned j = 0; j < sizeof(ways) / sizeof(ways[0]); j++) {
			char line[512];
			const char *place = strstr(failures[i].command, "%s");

			snprintf(line, sizeof(line), "%.*s%s%s", (int)(place - failures[i].command),
				 failures[i].command, ways[j], place + 2);
			pin(0, "%s", line);
			check_status(&outcome, failures[i].status);
			assert_string_equal(outcome.output, "");
			if (is_there("one") || is_there("two"))
				fail_msg("'%s' left a file behind", line);
		}
	}
}

static void test_failures_leave_existing_files(void **state)
{
	struct stat before, after;

	(void)state;
	need_root();
	make_file("one", "content\n");
	get_status("one", &before);
	pin(0, "nsrun --uts=one --ipc=two -f missing-program");
	check_status(&outcome, NOT_FOUND);
	get_status("one", &after);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_size, 8);
	assert_false(is_there("two"));
	/* What was pinned there before stays, too. */
	pin(1, "nsrun --uts=one true");
	get_status("one", &before);
	pin(0, "nsrun --uts=one -f missing-program");
	get_status("one", &after);
	assert_int_equal(before.st_ino, after.st_ino);
	remove_path("one");
}

static void test_not_for_users(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --user=pin -r probe");
	check_refused(&outcome, "pin");
	assert_false(is_there("pin"));
}

static void test_refused(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --pid=pin probe");
	check_refused(&outcome, "--pid=pin");
	run(&outcome, ROOT, "nsrun --uts=pin --ipc=pin probe");
	check_refused(&outcome, "pin");
	run(&outcome, ROOT, "nsrun --uts= probe");
	check_refused(&outcome, "--uts");
	assert_false(is_there("pin"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_type),
	    cmocka_unit_test(test_all_types_together),
	    cmocka_unit_test(test_with_maps),
	    cmocka_unit_test(test_a_failure_between_places),
	    cmocka_unit_test(test_an_existing_file),
	    cmocka_unit_test(test_entered_afterwards),
	    cmocka_unit_test(test_ip_netns),
	    cmocka_unit_test(test_pins_stay_however_the_program_ends),
	    cmocka_unit_test(test_failures_leave_nothing),
	    cmocka_unit_test(test_failures_leave_existing_files),
	    cmocka_unit_test(test_not_for_users),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, set_up_on_one_processor, tear_down);
}
