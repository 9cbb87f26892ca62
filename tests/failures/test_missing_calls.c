/*
 * Every option on kernels that lack a system call. What is younger than Linux 4.18 has a number
 * above all that there was (x86-64: 424 and more, from 5.1 on), and fails with ENOSYS by a
 * filter: each that nsrun or a libc could make by itself, and then all of them.
 */
#include "harness.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct outcome outcome;

/* Calls by their numbers, which on all architectures are the same for what is as young. */
struct missing {
	uint32_t first, last;
	const char *name;
};

/* The 32-bit architectures have calls of 64-bit times, of the same age, from 403 on. */
static const struct missing missing_calls[] = {
    {424, 424, "pidfd_send_signal"},
    {428, 428, "open_tree"},
    {429, 429, "move_mount"},
    {434, 434, "pidfd_open"},
    {435, 435, "clone3"},
    {436, 436, "close_range"},
    {437, 437, "openat2"},
    {439, 439, "faccessat2"},
    {441, 441, "epoll_pwait2"},
    {442, 442, "mount_setattr"},
    {452, 452, "fchmodat2"},
    {403, 0xffff, "all of them"},
};

/* For prepare(). */
static const struct missing *missing;
static enum who caller;

/* Root needs no PR_SET_NO_NEW_PRIVS for a filter, and so newuidmap(1) keeps its power. */
static void prepare(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, missing->first, 0, 2),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, missing->last, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		_exit(97);
	if (caller == USER)
		become_user();
}

static void check_without(const struct missing *calls, enum who who, const char *script)
{
	char shell[] = "sh", options[] = "-ec";
	char *words[] = {shell, options, (char *)(uintptr_t)script, NULL};
	struct launch launch = {.prepare = prepare};
	struct process process;

	missing = calls;
	caller = who;
	start_words(&process, &outcome, &launch, words);
	finish(&process);
	check_clean(&outcome);
	if (outcome.status != SUCCEEDED || strcmp(outcome.output, "done\n") != 0)
		fail_msg("without %s: %s\n%d, '%s'\n%s", calls->name, script, outcome.status,
			 outcome.output, outcome.errors);
}

static void check_all(enum who who, const char *const *scripts)
{
	need_root();
	for (; *scripts; scripts++) {
		for (size_t i = 0; i < sizeof(missing_calls) / sizeof(missing_calls[0]); i++)
			check_without(&missing_calls[i], who, *scripts);
	}
}

/* Each option is in one of these at least. */
static void test_options_of_root(void **state)
{
	static const char *const scripts[] = {
	    "nsrun -m -u -i -n -C -T -q echo done",
	    "nsrun -a -f --mount-proc --forward-signals echo done",
	    "nsrun -T -p -f --monotonic 5 --boottime 5 echo done",
	    "nsrun -p -f --kill-child --propagation slave echo done",
	    "nsrun --init --kill-child=TERM --mount-proc -w / echo done",
	    "nsrun --pivot-root / --propagation shared -p -f --mount-proc echo done",
	    "nsrun --root / --hostname other --loopback echo done",
	    "nsrun --owner 1000:1000 --map-users 0:300000:5 --map-groups 0:300000:5 -f echo done",
	    "nsrun -S 1000 -G 1000 echo done",
	    "nsrun --clear-env --report --report-fd 3 /bin/echo done 3>/dev/null",
	    "nsrun --uts=pin1 --ipc=pin2 echo done; umount pin1 pin2; rm pin1 pin2",
	    "nsrun --uts=pin1 --init echo done; umount pin1; rm pin1",
	    "nsrun --pid=pin1 --mount=pin2 --net=pin3 --cgroup=pin4 --time=pin5 --user=pin6 -f "
	    "echo done; umount pin?; rm pin?",
	    "if nsrun -q --uts=pin ./nothing 2>/dev/null; then exit 1; fi; "
	    "if test -e pin; then exit 1; fi; echo done",
	    NULL,
	};

	(void)state;
	check_all(ROOT, scripts);
}

static void test_options_of_a_user(void **state)
{
	static const char *const scripts[] = {
	    "nsrun -a -r --init --kill-child --mount-proc --boottime 5 echo done",
	    "nsrun -c --keep-caps --whitelist-env PATH echo done",
	    "nsrun --map-user 0 --map-group 0 --setgroups deny echo done",
	    "nsrun --map-auto -r -S 33 -G 33 echo done",
	    "nsrun --map-subids --setuid 100000 --setgid 100000 echo done",
	    "nsrun -r --pivot-root / --mount-proc --init -l :x:E::x::/bin/cat: --explain echo | "
	    "grep -q execve; echo done",
	    "nsrun -r --pivot-root / --mount-proc --init echo done",
	    "nsrun --trace -r echo done 2>/dev/null",
	    "nsrun --help --version >/dev/null; nsrun --completion bash >/dev/null; echo done",
	    NULL,
	};

	(void)state;
	check_all(USER, scripts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    /* The checkers make such calls too. */
	    cmocka_unit_test_setup_teardown(test_options_of_root, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_options_of_a_user, leave_all_checkers,
					    return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up_on_one_processor, tear_down);
}
