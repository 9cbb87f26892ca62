/* Kernels from 4.18 on lack calls that newer ones have: every option works without them. */
#include <stdio.h>

#include "trial.h"

/* All that came later and that this or a libc could want. strace passes over those with a "?"
 * that it does not know. */
static const char *const calls[] = {
    "?pidfd_send_signal", "?pidfd_open",  "?open_tree",    "?move_mount",
    "?close_range",       "?clone3",      "?openat2",      "?faccessat2",
    "?fchmodat2",         "?mount_setattr", "?epoll_pwait2",
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* Each option but those that pin namespaces; the mappers have no power where they are traced. */
static const struct run {
	enum who who;
	const char *options;
} runs[] = {
    {ROOT, "-m -u -i -n -C -T --boottime 5 --monotonic 5 --report --loopback --hostname inside"},
    {ROOT, "-a -f --kill-child --forward-signals --mount-proc --propagation slave --report=json"},
    {ROOT, "--init --kill-child=TERM --mount-proc --pivot-root=/ --wd=/tmp --trace"},
    {ROOT, "-m --root=/ -S 5 -G 5 --clear-env --whitelist-env PATH"},
    {ROOT, "--map-users 0:0:9 --map-groups all --setgroups allow --keep-caps"},
    {ROOT, "--owner 1000:1000 --map-auto"},
    {USER, "-r -p -f --mount-proc --propagation unchanged"},
    {USER, "-c -n --map-group 7 -q"},
    {USER, "--map-user 5 --init --explain"},
};

static void check_without(const char *missing)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char script[512];

		snprintf(script, sizeof(script),
			 "exec strace -f -qq -o /dev/null -e trace=%s -e inject=%s:error=ENOSYS "
			 "$N %s true >log 2>&1",
			 missing, missing, runs[i].options);
		attempt(&(struct trial){.who = runs[i].who, .script = script});
	}
}

static void test_without_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLS; i++)
		check_without(calls[i]);
}

static void test_without_all(void **state)
{
	char all[256] = "";
	size_t length = 0;

	(void)state;
	for (size_t i = 0; i < CALLS; i++)
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
					   i > 0 ? "," : "", calls[i]);
	check_without(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_without_each, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_without_all, leave_all_checkers,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
