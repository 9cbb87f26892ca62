/* Calls that fail for no cause that this machine shows: nothing is made up. */
#include <stdio.h>

#include "trial.h"

static const struct set {
	enum who who;
	const char *options;
} sets[] = {
    {ROOT, "-m -u -i -n -C"},
    {ROOT, "-p -f --mount-proc"},
    {ROOT, "-a --init"},
    {ROOT, "-T --boottime 5 --propagation slave"},
    {ROOT, "-m --pivot-root=/ --wd=/tmp"},
    {ROOT, "-m --root=/ -S 5 -G 5"},
    {ROOT, "--map-users 0:100000:9 --map-groups 0:100000:9 --setgroups allow"},
    {ROOT, "--owner 1000:1000 -r -m --propagation unchanged --mount-proc"},
    {USER, "-u"},
    {USER, "-r -p -f --mount-proc --propagation unchanged"},
    {USER, "-c -n --loopback --hostname inside --keep-caps"},
    {USER, "--map-users=auto -r --init --mount-binfmt"},
};

/* What -u lacks for an ordinary user, whatever unshare(2) says; and what a machine may have that
 * denies such calls in earnest. */
#define TRUE_HINTS                                                                                 \
	"only root may do this in the present user namespace|takes this process for|"              \
	"apparmor_restrict_unprivileged_userns is 1|a seccomp filter is in force"

/* The call fails as often as strace(1) is told by when; a run that does not make it succeeds. What
 * newuidmap says is left out, which has no power where it is traced. The program is static, and so
 * needs no open(2). Without it a dynamic
 * nsrun says nothing itself. */
static void test_call(const char *call, const char *when)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		char script[1024];

		snprintf(script, sizeof(script),
			 "case $N in *-q) exit; esac\n"
			 "strace -qq -o /dev/null -e trace=%s -e inject=%s:error=EPERM "
			 "$N --version >/dev/null 2>&1 || exit 0\n"
			 "for error in EACCES EPERM EINVAL ENOSYS; do\n"
			 "	strace -f -qq -o /dev/null -e trace=%s -e inject=%s:error=$error:when=%s "
			 "$N %s $B/probe --quiet 2>said >&2 && continue\n"
			 "	grep -v '^newuidmap: ' said >lines\n"
			 "	[ \"$(grep -c '^nsrun: ' lines)\" = 1 ] &&"
			 "	[ $(grep -cv '^nsrun: ' lines) = $(grep -cE '^hint: .*(%s)' lines) ] &&"
			 "	[ $(grep -c '^hint: ' lines) -le 1 ] ||"
			 "	{ echo $error; cat lines; status=1; } >&2\n"
			 "done; exit $status",
			 call, call, call, call, when, sets[i].options, TRUE_HINTS);
		attempt(&(struct trial){.who = sets[i].who, .script = script});
	}
}

static void test_unshare(void **state)
{
	(void)state;
	test_call("unshare", "1+");
}

static void test_mount(void **state)
{
	(void)state;
	test_call("mount", "1+");
}

/* As one of two names, according to the libc. Whether a hint's own look at the file fails, too,
 * makes no difference. */
static void test_open(void **state)
{
	(void)state;
	test_call("open,openat", "1+");
	test_call("open,openat", "1");
}

static void test_change_of_ids(void **state)
{
	(void)state;
	test_call("setuid,setgid,setgroups", "1+");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_unshare, leave_all_checkers, return_to_checker),
	    cmocka_unit_test_setup_teardown(test_mount, leave_all_checkers, return_to_checker),
	    cmocka_unit_test_setup_teardown(test_open, leave_all_checkers, return_to_checker),
	    cmocka_unit_test_setup_teardown(test_change_of_ids, leave_all_checkers,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
