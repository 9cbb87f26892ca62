/* ENOSPC: which limit is reached. EINVAL: which type the kernel lacks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trial.h"

static const struct type {
	const char *limit, *option, *flag;
} types[] = {
    {"max_mnt_namespaces", "-m", "CLONE_NEWNS"},
    {"max_uts_namespaces", "-u", "CLONE_NEWUTS"},
    {"max_ipc_namespaces", "-i", "CLONE_NEWIPC"},
    {"max_net_namespaces", "-n", "CLONE_NEWNET"},
    {"max_pid_namespaces", "-p", "CLONE_NEWPID"},
    {"max_user_namespaces", "-U", "CLONE_NEWUSER"},
    {"max_cgroup_namespaces", "-C", "CLONE_NEWCGROUP"},
    {"max_time_namespaces", "-T", "CLONE_NEWTIME"},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* In a user namespace of the test's own each of the limits may be set. */
#define LIMIT "exec $N -r sh -c 'echo \"$2\" >/proc/sys/user/\"$1\"; shift 2; exec \"$@\"' - "

static void test_each_limit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TYPES; i++) {
		char script[256], error[128], hint[128];

		snprintf(script, sizeof(script), LIMIT "%s 0 $N %s true", types[i].limit,
			 types[i].option);
		snprintf(error, sizeof(error), "cannot unshare(%s): No space left on device",
			 types[i].flag);
		snprintf(hint, sizeof(hint),
			 "user.%s is 0. As root: sysctl -w user.%s=", types[i].limit,
			 types[i].limit);
		attempt(&(struct trial){.who = USER,
					.script = script,
					.status = FAILED,
					.error = error,
					.hints = {hint}});
	}
}

/* A limit is the cause only of what was asked for. */
static void test_other_limits(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TYPES; i++) {
		char script[256];

		snprintf(script, sizeof(script), LIMIT "%s 0 $N %s true", types[i].limit,
			 types[(i + 1) % TYPES].option);
		attempt(&(struct trial){.who = USER, .script = script});
	}
}

static void test_limit_that_others_reach(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .script = LIMIT "max_uts_namespaces 1 $N -u $N -u true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWUTS): No space left on device",
	    .hints = {"user.max_uts_namespaces is 1"},
	});
}

/* One limit of several types: the hint is about that one alone. */
static void test_one_of_several(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .script = LIMIT "max_uts_namespaces 0 $N -m -u -i true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC): "
		     "No space left on device",
	    .hints = {"user.max_uts_namespaces is 0"},
	});
	attempt(&(struct trial){
	    .who = USER,
	    .script = LIMIT "max_user_namespaces 0 $N -r -m -p -f true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWUSER): "
		     "No space left on device",
	    .hints = {"user.max_user_namespaces is 0"},
	});
	attempt(&(struct trial){
	    .who = USER,
	    .script = LIMIT "max_uts_namespaces 1 $N -u $N -u -i true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWUTS|CLONE_NEWIPC): No space left on device",
	    .hints = {"user.max_uts_namespaces is 1"},
	});
}

/* The caller's programs may be among those that ignore SIGCHLD. */
static void test_limit_without_child_signal(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .script = "trap '' CHLD; " LIMIT "max_uts_namespaces 0 $N -m -u -i true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC): "
		     "No space left on device",
	    .hints = {"user.max_uts_namespaces is 0"},
	});
}

/* The tests may lie some levels deep themselves. */
#define NEST(options)                                                                              \
	"i=0; while [ $i -lt 40 ]; do set -- $N " options " \"$@\"; i=$((i + 1)); done;"           \
	"exec \"$@\" true"

static void test_nesting(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .script = NEST("-r"),
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWUSER): No space left on device",
	    .hints = {"user namespaces may be nested 32 levels deep"},
	});
	attempt(&(struct trial){
	    .script = NEST("-p -f"),
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWPID): No space left on device",
	    .hints = {"PID namespaces may be nested 32 levels deep"},
	});
}

static void test_processes(void **state)
{
	static const char *const options[] = {"-f", "--init -r", "--map-auto"};

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		char script[128];

		snprintf(script, sizeof(script), "exec prlimit --nproc=1 $N %s true", options[i]);
		attempt(&(struct trial){
		    .who = USER,
		    .script = script,
		    .status = FAILED,
		    .error = "cannot *: Resource temporarily unavailable",
		    .hints = {"processes and threads, and may have 1 here: end some, or raise the "
			      "limit (ulimit -u)"},
		});
	}
}

/* The limit is not what is in the way: of that nothing is known. */
static void test_processes_of_others(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .filter = {.call = SYS_vfork, .error = EAGAIN},
	    .script = "exec prlimit --nproc=5000 $N -f true",
	    .status = FAILED,
	    .error = "cannot vfork(): Resource temporarily unavailable",
	});
}

/* Where no user is mapped all are shown as one: those of others are not counted. */
static void test_processes_in_user_namespaces(void **state)
{
	static const char *const options[] = {"-r -f", "-U -f", "-rpf --mount-proc"};
	static const char others[] = "i=0; while [ $((i += 1)) -le 30 ]; do sleep 600 & done";

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		char script[128];

		snprintf(script, sizeof(script), "exec prlimit --nproc=1 $N %s true", options[i]);
		attempt(&(struct trial){
		    .who = USER,
		    .prepare = others,
		    .script = script,
		    .status = FAILED,
		    .error = "cannot vfork(): Resource temporarily unavailable",
		    .hints = {"user 1000 has 1 processes and threads, and may have 1 here"},
		});
		snprintf(script, sizeof(script), "exec prlimit --nproc=20 $N %s true", options[i]);
		attempt(&(struct trial){
		    .who = USER,
		    .prepare = others,
		    .filter = {.call = SYS_vfork, .error = EAGAIN},
		    .script = script,
		    .status = FAILED,
		    .error = "cannot vfork(): Resource temporarily unavailable",
		});
	}
}

/* A cgroup of the test's own in which processes are counted, and one below it. All tests of
 * the machine see it. */
static char cgroup[64], below[80];

static int remove_cgroups(void **state)
{
	rmdir(below);
	rmdir(cgroup);
	return return_to_checker(state);
}

static void make_cgroups(void)
{
	static const char *const mounts[] = {"/sys/fs/cgroup/pids", "/sys/fs/cgroup"};
	char limit[96];

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		snprintf(cgroup, sizeof(cgroup), "%s/nsrun-test-XXXXXX", mounts[i]);
		if (!mkdtemp(cgroup))
			continue;
		snprintf(below, sizeof(below), "%s/below", cgroup);
		snprintf(limit, sizeof(limit), "%s/pids.max", cgroup);
		if (chmod(cgroup, 0755) == 0 && access(limit, W_OK) == 0 && mkdir(below, 0755) == 0)
			return;
		remove_cgroups(NULL);
	}
	leave_out("needs a cgroup in which processes can be limited");
}

static void test_full_cgroup(void **state)
{
	static const struct {
		const char *become, *options;
	} ways[] = {
	    {"setpriv --reuid 1000 --regid 1000 --clear-groups", "-r -f"},
	    {"setpriv --reuid 1000 --regid 1000 --clear-groups", "-U --init"},
	    {"setpriv --reuid 1000 --regid 1000 --init-groups", "--map-auto"},
	    {"", "-f"},
	    {"", "--uts=pin"},
	    {"", "--init"},
	};
	char script[512], hint[160];

	(void)state;
	need_root();
	make_cgroups();
	snprintf(hint, sizeof(hint),
		 "the cgroup %s has 1 processes and threads, and may have 1 (pids.max)", cgroup);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(script, sizeof(script),
			 "echo $$ >%s/cgroup.procs && echo 1 >%s/pids.max && exec %s $N %s true",
			 i % 2 ? cgroup : below, cgroup, ways[i].become, ways[i].options);
		attempt(&(struct trial){
		    .script = script,
		    .status = FAILED,
		    .error = "cannot *(*): Resource temporarily unavailable",
		    .hints = {hint},
		});
	}
	/* A limit that is not reached is no cause. */
	snprintf(script, sizeof(script),
		 "echo $$ >%s/cgroup.procs && echo 9 >%s/pids.max && exec $N -f true", below,
		 cgroup);
	attempt(&(struct trial){
	    .filter = {.call = SYS_vfork, .error = EAGAIN},
	    .script = script,
	    .status = FAILED,
	    .error = "cannot vfork(): Resource temporarily unavailable",
	});
}

/* Kernels before 4.9 have another word for it. */
static void test_old_word(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = TAMPER("unshare", "error=EUSERS") "-U true",
				.status = FAILED,
				.error = "cannot unshare(CLONE_NEWUSER): *",
				.hints = {"user namespaces may be nested 32 levels deep"}});
}

/* The launcher's list of types is covered by one that lacks time and UTS namespaces; the
 * filter refuses as a kernel without them does. $PPID is the process that executes nsrun. */
static void test_missing_types(void **state)
{
	static const struct filter no_type = {.call = SYS_unshare, .error = EINVAL};
	static const char list[] = "cd ..; mkdir -p ns; for i in mnt ipc net pid_for_children user "
				   "cgroup; do : >ns/$i; done; mount --bind ns /proc/$PPID/ns";

	(void)state;
	attempt(&(struct trial){
	    .prepare = list,
	    .filter = no_type,
	    .script = "exec $N -m -T true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWNS|CLONE_NEWTIME): Invalid "
		     "argument",
	    .hints = {"this kernel has no time namespaces: Linux 5.6 and later can"}});
	attempt(&(struct trial){.prepare = list,
				.filter = no_type,
				.script = "exec $N -u -i -T true",
				.status = FAILED,
				.error = "cannot unshare(CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWTIME): "
					 "Invalid argument",
				.hints = {"this kernel has no UTS namespaces"}});
	attempt(&(struct trial){
	    .prepare = "cd ..; mkdir -p only; : >only/user; mount --bind only /proc/$PPID/ns",
	    .filter = no_type,
	    .script = "exec $N -m -T true",
	    .status = FAILED,
	    .error = "cannot unshare(CLONE_NEWNS|CLONE_NEWTIME): Invalid argument",
	    .hints = {"this kernel has no mount namespaces"}});
	/* All that was asked for is there: something else is invalid. */
	attempt(&(struct trial){.prepare = list,
				.filter = no_type,
				.script = "exec $N -i -n true",
				.status = FAILED,
				.error = "cannot unshare(CLONE_NEWIPC|CLONE_NEWNET): Invalid "
					 "argument"});
	attempt(&(struct trial){.filter = no_type,
				.script = "exec $N -T true",
				.status = FAILED,
				.error = "cannot unshare(CLONE_NEWTIME): Invalid argument"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_limit),
	    cmocka_unit_test(test_other_limits),
	    cmocka_unit_test(test_limit_that_others_reach),
	    cmocka_unit_test(test_one_of_several),
	    cmocka_unit_test(test_limit_without_child_signal),
	    cmocka_unit_test(test_nesting),
	    cmocka_unit_test(test_processes),
	    /* valgrind makes a fork(2) of it. */
	    cmocka_unit_test_setup_teardown(test_processes_of_others, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_processes_in_user_namespaces, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_full_cgroup, leave_valgrind, remove_cgroups),
	    cmocka_unit_test(test_old_word),
	    cmocka_unit_test(test_missing_types),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
