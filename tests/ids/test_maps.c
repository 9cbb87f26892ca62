/* Which ids the program has, and which ids of the outside it can see. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct outcome outcome;

static void test_map_root(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -r id -u");
	check_output(&outcome, "0\n");
	run(&outcome, USER, "nsrun -r probe");
	check(&outcome, "uid_map", "0 %u 1", test_user.user);
	check(&outcome, "gid_map", "0 %u 1", test_user.group);
	check(&outcome, "setgroups", "deny");
	check(&outcome, "uid.saved", "0");
	check(&outcome, "gid.saved", "0");
	check_new(&outcome, "user", true);
}

static void test_map_root_has_all_capabilities(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -r probe");
	check(&outcome, "capabilities.effective", "%s", value(&outcome, "capabilities.bounding"));
	check(&outcome, "capabilities.permitted", "%s", value(&outcome, "capabilities.bounding"));
	check(&outcome, "capabilities.inheritable", "%016x", 0);
	check(&outcome, "capabilities.ambient", "%016x", 0);
}

static void test_files_belong_to_the_user(void **state)
{
	char path[4096];
	struct stat status;

	(void)state;
	run(&outcome, USER, "nsrun -r touch theirs");
	check_output(&outcome, "");
	snprintf(path, sizeof(path), "%s/theirs", work_directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, test_user.user);
	assert_int_equal(status.st_gid, test_user.group);
	remove_path("theirs");
}

static void test_map_current(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -c probe");
	check(&outcome, "uid_map", "%u %u 1", test_user.user, test_user.user);
	check(&outcome, "gid_map", "%u %u 1", test_user.group, test_user.group);
	check(&outcome, "uid", "%u", test_user.user);
	check(&outcome, "capabilities.effective", "%016x", 0);
	run(&outcome, ROOT, "nsrun --map-current-user probe");
	check(&outcome, "uid_map", "0 0 1");
}

static void test_map_user_and_group(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --map-user=7 probe");
	check(&outcome, "uid_map", "7 %u 1", test_user.user);
	check(&outcome, "gid_map", "%s", "");
	check(&outcome, "setgroups", "allow");
	check(&outcome, "uid", "7");
	check(&outcome, "gid", "65534");
	run(&outcome, USER, "nsrun --map-group 8 probe");
	check(&outcome, "gid_map", "8 %u 1", test_user.group);
	check(&outcome, "uid_map", "%s", "");
	check(&outcome, "setgroups", "deny");
	run(&outcome, USER, "nsrun --map-user=4294967294 --map-group=4294967294 probe");
	check(&outcome, "uid", "4294967294");
	check(&outcome, "gid", "4294967294");
}

static void test_names(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun --map-user=daemon --map-group=daemon probe");
	check(&outcome, "uid", "1");
	check(&outcome, "gid", "1");
	run(&outcome, USER, "nsrun --map-user=root --map-group=root probe");
	check(&outcome, "uid", "0");
	check(&outcome, "gid", "0");
}

static void test_last_one_counts(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -r --map-user=5 probe");
	check(&outcome, "uid", "5");
	check(&outcome, "gid", "0");
	run(&outcome, USER, "nsrun --map-user=5 --map-group=6 -r probe");
	check(&outcome, "uid", "0");
	check(&outcome, "gid", "0");
	run(&outcome, USER, "nsrun -r -c probe");
	check(&outcome, "uid", "%u", test_user.user);
	run(&outcome, USER, "nsrun --map-user=5 --map-user=daemon probe");
	check(&outcome, "uid", "1");
	run(&outcome, USER, "nsrun --map-user=nobody-here --map-user=5 probe");
	check(&outcome, "uid", "5");
}

/* All subordinate ids are mapped, from 0 up around the single id. */
static void test_auto_with_root(void **state)
{
	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-auto -r cat /proc/self/uid_map");
	check_status(&outcome, 0);
	run(&outcome, USER, "nsrun --map-auto -r probe");
	check(&outcome, "uid_map", "0 %u 1;1 %u %u", test_user.user, test_user.first,
	      test_user.count);
	check(&outcome, "gid_map", "0 %u 1;1 %u %u", test_user.group, test_user.first,
	      test_user.count);
	check(&outcome, "setgroups", "allow");
	check(&outcome, "uid", "0");
	check(&outcome, "gid", "0");
}

static void test_auto_with_current(void **state)
{
	unsigned user = test_user.user, first = test_user.first, count = test_user.count;

	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-auto -c probe");
	check(&outcome, "uid_map", "%u %u 1;0 %u %u;%u %u %u", user, user, first, user, user + 1,
	      first + user, count - user);
	check(&outcome, "uid", "%u", user);
}

static void check_maps(const char *options, const char *map)
{
	run(&outcome, USER, "nsrun %s probe", options);
	check(&outcome, "uid_map", "%s", map);
	check(&outcome, "gid_map", "%s", map);
}

static void test_auto_with_few_ids(void **state)
{
	(void)state;
	need_root();
	cover("/etc/subuid", "nsrun-test:200000:1\n");
	cover("/etc/subgid", "nsrun-test:200000:1\n");
	check_maps("--map-auto -r", "0 1000 1;1 200000 1");
	check_maps("--map-auto -c", "1000 1000 1;0 200000 1");
	check_maps("--map-users=auto --map-groups auto --map-user=0 --map-group=0",
		   "0 1000 1;1 200000 1");
	check_maps("--map-auto --map-user=1 --map-group=1", "1 1000 1;0 200000 1");
	/* Given ranges stay where they are. */
	check_maps("--map-users=0:200000:1 --map-groups=0:200000:1 -r", "0 1000 1");
	uncover("/etc/subgid");
	uncover("/etc/subuid");
}

static void test_auto_alone(void **state)
{
	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-auto probe");
	check(&outcome, "uid_map", "0 %u %u", test_user.first, test_user.count);
	check(&outcome, "gid_map", "0 %u %u", test_user.first, test_user.count);
	check(&outcome, "uid", "65534");
	run(&outcome, USER, "nsrun --map-users=auto probe");
	check(&outcome, "uid_map", "0 %u %u", test_user.first, test_user.count);
	check(&outcome, "gid_map", "%s", "");
	run(&outcome, USER, "nsrun --map-groups=auto -S0 -G0 probe");
	check_refused(&outcome, "0");
	run(&outcome, USER, "nsrun --map-auto -S5 -G6 probe");
	check(&outcome, "uid", "5");
	check(&outcome, "gid", "6");
	check(&outcome, "groups", "%s", "");
}

static void test_subids(void **state)
{
	unsigned first = test_user.first, count = test_user.count;

	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-subids probe");
	check(&outcome, "uid_map", "%u %u %u", first, first, count);
	check(&outcome, "gid_map", "%u %u %u", first, first, count);
	run(&outcome, USER, "nsrun --map-users=subids -r probe");
	check(&outcome, "uid_map", "0 %u 1;%u %u %u", test_user.user, first, first, count);
	check(&outcome, "gid_map", "0 %u 1", test_user.group);
}

static void test_ranges(void **state)
{
	unsigned first = test_user.first;

	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-users=0:%u:10 --map-groups=%u,5,7 probe", first, first);
	check(&outcome, "uid_map", "0 %u 10", first);
	check(&outcome, "gid_map", "5 %u 7", first);
	run(&outcome, USER, "nsrun --map-users=0:%u:10 --map-users=20:%u:5 probe", first,
	    first + 50);
	check(&outcome, "uid_map", "0 %u 10;20 %u 5", first, first + 50);
	run(&outcome, USER, "nsrun --map-users=0:%u:1 probe", first - 1);
	/* After what newuidmap itself has to say. */
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "nsrun: 'newuidmap' failed"));
	assert_string_equal(outcome.output, "");
}

static void test_a_single_id_splits_ranges(void **state)
{
	unsigned first = test_user.first, user = test_user.user;

	(void)state;
	need_subordinate_ids();
	run(&outcome, USER, "nsrun --map-users=0:%u:10 --map-user=4 probe", first);
	check(&outcome, "uid_map", "4 %u 1;0 %u 4;5 %u 5", user, first, first + 4);
	/* One that only adjoins takes nothing. */
	run(&outcome, USER, "nsrun --map-users=1:%u:10 -r probe", first);
	check(&outcome, "uid_map", "0 %u 1;1 %u 10", user, first);
	run(&outcome, USER, "nsrun --map-users=0:%u:10 --map-user=10 probe", first);
	check(&outcome, "uid_map", "10 %u 1;0 %u 10", user, first);
}

static void test_root_writes_maps_directly(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun --map-users=0:0:100 --map-users=100:500000:5 probe");
	check(&outcome, "uid_map", "0 0 100;100 500000 5");
	check(&outcome, "uid", "0");
	run(&outcome, ROOT, "nsrun --map-groups=0:0:1 probe");
	check(&outcome, "setgroups", "allow");
	run(&outcome, ROOT, "nsrun --map-auto probe");
	check(&outcome, "uid_map", "0 %d %d", ROOT_FIRST, ROOT_COUNT);
	run(&outcome, ROOT, "nsrun --map-auto -r probe");
	check(&outcome, "uid_map", "0 0 1;1 %d %d", ROOT_FIRST, ROOT_COUNT);
	check(&outcome, "capabilities.effective", "%s", value(&outcome, "capabilities.bounding"));
}

static void test_all_ranges(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun --map-users=all --map-groups=all probe");
	check(&outcome, "uid_map", "0 0 4294967295");
	check(&outcome, "gid_map", "0 0 4294967295");
	/* Inside another namespace: its inner ids are this one's outer ids. */
	run(&outcome, ROOT,
	    "nsrun --map-users=3:500000:5 --map-users=0:0:3 --map-groups=0:7000:9 -S0 -G0 "
	    "nsrun --map-users=all --map-groups=all probe");
	check(&outcome, "uid_map", "3 3 5;0 0 3");
	check(&outcome, "gid_map", "0 0 9");
}

static void test_most_ranges(void **state)
{
	static char options[1 << 16];
	size_t length = 0;

	(void)state;
	need_root();
	for (int i = 0; i < 340; i++)
		length += (size_t)sprintf(options + length, "--map-users=%d:%d:1 ", 2 * i, 2 * i);
	run(&outcome, ROOT, "nsrun %sprobe", options);
	check_status(&outcome, 0);
	assert_non_null(strstr(value(&outcome, "uid_map"), ";678 678 1"));
}

static void test_owner(void **state)
{
	(void)state;
	need_root();
	run(&outcome, ROOT, "nsrun --owner=1234:1235 probe");
	check(&outcome, "uid", "65534");
	run(&outcome, ROOT, "nsrun --owner=1234:1235 -r probe");
	check(&outcome, "uid_map", "0 0 1");
	run(&outcome, ROOT,
	    "nsrun --owner=1000:1001 --map-users=0:1000:1 --map-groups=0:1001:1 probe");
	check(&outcome, "uid", "0");
	check(&outcome, "gid", "0");
	check(&outcome, "groups", "%s", "");
	check(&outcome, "uid_map", "0 1000 1");
}

static void test_setgroups(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -U --setgroups=deny probe");
	check(&outcome, "setgroups", "deny");
	run(&outcome, USER, "nsrun -U --setgroups allow probe");
	check(&outcome, "setgroups", "allow");
	run(&outcome, USER, "nsrun --map-user=0 --setgroups=allow probe");
	check(&outcome, "setgroups", "allow");
}

static void test_setuid_and_setgid(void **state)
{
	(void)state;
	run(&outcome, ROOT, "nsrun --setuid=1234 --setgid=1235 probe");
	check(&outcome, "uid", "1234");
	check(&outcome, "uid.effective", "1234");
	check(&outcome, "uid.saved", "1234");
	check(&outcome, "gid", "1235");
	check(&outcome, "gid.saved", "1235");
	check(&outcome, "groups", "%s", "");
	check(&outcome, "capabilities.effective", "%016x", 0);
	run(&outcome, ROOT, "nsrun -S 77 probe");
	check(&outcome, "uid", "77");
	check(&outcome, "gid", "0");
	/* Names are those of the caller's /etc, in any namespaces and below any root. */
	run(&outcome, ROOT, "nsrun -S nsrun-test -G nsrun-test probe");
	check(&outcome, "uid", "%u", test_user.user);
	check(&outcome, "gid", "%u", test_user.group);
	make_root("bare");
	run(&outcome, ROOT, "nsrun --map-auto -r -S daemon -G daemon --root bare /probe");
	check(&outcome, "uid", "1");
	check(&outcome, "gid", "1");
	run(&outcome, USER, "nsrun --map-auto -r --setuid daemon --setgid=daemon probe");
	check(&outcome, "uid", "1");
	check(&outcome, "gid", "1");
	run(&outcome, ROOT, "nsrun -S nobody-of-that-name probe");
	check_refused(&outcome, "unknown user 'nobody-of-that-name'");
	run(&outcome, ROOT, "nsrun -G nobody-of-that-name probe");
	check_refused(&outcome, "unknown group 'nobody-of-that-name'");
}

static void test_keep_caps(void **state)
{
	(void)state;
	run(&outcome, USER, "nsrun -c --keep-caps probe");
	check(&outcome, "uid", "%u", test_user.user);
	check(&outcome, "capabilities.ambient", "%s", value(&outcome, "capabilities.bounding"));
	check(&outcome, "capabilities.effective", "%s", value(&outcome, "capabilities.bounding"));
	check(&outcome, "capabilities.inheritable", "%s", value(&outcome, "capabilities.bounding"));
	/* Nothing without a user namespace. */
	run(&outcome, USER, "nsrun --keep-caps probe");
	check(&outcome, "capabilities.ambient", "%016x", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_map_root),
	    cmocka_unit_test(test_map_root_has_all_capabilities),
	    cmocka_unit_test(test_files_belong_to_the_user),
	    cmocka_unit_test(test_map_current),
	    cmocka_unit_test(test_map_user_and_group),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_last_one_counts),
	    cmocka_unit_test(test_auto_with_root),
	    cmocka_unit_test(test_auto_with_current),
	    cmocka_unit_test(test_auto_with_few_ids),
	    cmocka_unit_test(test_auto_alone),
	    cmocka_unit_test(test_subids),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_a_single_id_splits_ranges),
	    cmocka_unit_test(test_root_writes_maps_directly),
	    cmocka_unit_test(test_all_ranges),
	    cmocka_unit_test(test_most_ranges),
	    cmocka_unit_test(test_owner),
	    cmocka_unit_test(test_setgroups),
	    cmocka_unit_test(test_setuid_and_setgid),
	    cmocka_unit_test(test_keep_caps),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
