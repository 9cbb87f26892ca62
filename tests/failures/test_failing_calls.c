/* System calls that fail, as strace(1) makes them: nsrun says so, and leaves nothing. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct outcome outcome;

/* What fails, as strace takes it; on which file (or NULL: any); what is run; and a part of
 * the complaint, or NULL where nsrun does its work nevertheless. */
struct fault {
	const char *injected;
	const char *path;
	const char *command;
	const char *complaint;
};

static void inject(const struct fault *fault)
{
	char set[128];
	size_t length = strcspn(fault->injected, ":");

	snprintf(set, sizeof(set), "%.*s", (int)length, fault->injected);
	run(&outcome, ROOT,
	    "strace -f --quiet=all -o /dev/null %s%s -e trace=%s -e inject=%s nsrun %s",
	    fault->path ? "-P " : "", fault->path ? fault->path : "", set, fault->injected,
	    fault->command);
	if (fault->complaint)
		check_refused(&outcome, fault->complaint);
	else
		check_output(&outcome, "done\n");
}

static void inject_all(const struct fault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++)
		inject(&faults[i]);
}

static void test_no_processes(void **state)
{
	static const struct fault faults[] = {
	    {"?vfork,?fork,clone:error=EAGAIN", NULL, "-f true", "vfork()"},
	    {"?fork,clone:error=EAGAIN", NULL, "--init true", "fork()"},
	    {"pipe2:error=EMFILE", NULL, "--init true", "pipe"},
	    {"clone:error=EAGAIN", NULL, "--map-users 0:0:5 true", "clone("},
	    {"socketpair:error=EMFILE", NULL, "--map-users 0:0:5 true", "socketpair("},
	    {"pipe2:error=EMFILE", NULL, "--kill-child true", "pipe"},
	    {"prctl:error=EINVAL", NULL, "--kill-child true", "prctl("},
	    {"?poll,?ppoll:error=ENOMEM", NULL, "--kill-child true", "poll("},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
}

/* One cause, one line: the launcher adds nothing to what is known of its helper. */
static void test_helper_dies(void **state)
{
	static const struct fault faults[] = {
	    {"rt_sigprocmask:error=EPERM", NULL, "--map-users 0:0:5 true", "sigprocmask("},
	    {"rt_sigprocmask:signal=KILL", NULL, "--map-users 0:0:5 true", "helper was killed"},
	    {"recvfrom:signal=KILL", NULL, "--map-users 0:0:5 --map-groups 0:0:5 true",
	     "helper was killed"},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
}

/* A pin that was not guarded could be left behind. */
static void test_no_guards(void **state)
{
	static const struct fault faults[] = {
	    {"pipe2:error=EMFILE:when=1", NULL, "--uts=pin true", "pipe"},
	    {"socketpair:error=EMFILE:when=2", NULL, "--uts=pin true", "watch"},
	    {"pipe2:error=EMFILE:when=1", NULL, "--uts=pin --init true", "pipe"},
	    {"?fork,clone:error=EAGAIN:when=1", NULL, "--uts=pin true", "fork()"},
	    {"?fork,clone:error=EAGAIN:when=2", NULL, "--uts=pin true", "fork()"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		inject(&faults[i]);
		assert_false(is_there("pin"));
	}
}

static void test_interrupted_calls(void **state)
{
	static const struct fault faults[] = {
	    {"wait4:error=EINTR:when=1", NULL, "-f echo done", NULL},
	    {"wait4:error=EINTR:when=1", NULL, "--map-users 0:0:5 -f echo done", NULL},
	    {"?recvfrom:error=EINTR:when=1", NULL, "--map-users 0:0:5 echo done", NULL},
	    {"?read:error=EINTR:when=1", "/etc/passwd", "--map-user nsrun-test echo done", NULL},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
	run(&outcome, ROOT,
	    "strace --quiet=all -o /dev/null -e inject=write:error=EINTR:when=1 nsrun %s",
	    "--version");
	check_status(&outcome, 0);
	assert_memory_equal(outcome.output, "nsrun ", 6);
}

/* How the child ended is not known then, and must not be taken for success. */
static void test_failed_wait(void **state)
{
	static const struct fault faults[] = {
	    {"wait4:error=ECHILD:when=1", NULL, "-f true", "waitpid(CHILD"},
	    {"wait4:error=EINVAL:when=2", NULL, "--map-users 0:0:5 -f true", "waitpid(CHILD"},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
}

/* A kernel before 6.3, which lets no memory be shared between time namespaces. */
static void test_no_vfork(void **state)
{
	static const struct fault faults[] = {
	    {"?vfork:error=EINVAL", NULL, "-f echo done", NULL},
	    {"?vfork:error=EINVAL", NULL, "-T -f --kill-child echo done", NULL},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
	run(&outcome, ROOT,
	    "strace -f --quiet=all -o /dev/null -e inject=?vfork:error=EINVAL nsrun -f %s",
	    "./missing");
	check_status(&outcome, NOT_FOUND);
	run(&outcome, ROOT,
	    "strace -f --quiet=all -o /dev/null -e inject=?vfork:error=EINVAL -e "
	    "inject=clone:error=ENOMEM nsrun -f %s",
	    "echo done");
	check_status(&outcome, FAILED);
	assert_non_null(strstr(outcome.errors, "cannot vfork(): "));
	assert_string_equal(outcome.output, "");
	/* The child's stack does not lie on the launcher's. */
	run(&outcome, ROOT,
	    "sh -c 'ulimit -s 120; exec strace -f --quiet=all -o /dev/null -e "
	    "inject=?vfork:error=EINVAL nsrun -f %s'",
	    "echo done");
	check_output(&outcome, "done\n");
}

/* As execvp(3) does, it goes on where a directory of PATH cannot be reached now. */
static void test_directories_out_of_reach(void **state)
{
	static const char *const errors[] = {"ESTALE", "ENODEV", "ETIMEDOUT"};
	char path[512], injected[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/echo", program_directory);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		snprintf(injected, sizeof(injected), "execve:error=%s", errors[i]);
		inject(&(struct fault){injected, path, "-u echo done", NULL});
	}
}

/* nsrun ends, whatever children it has that it did not start. */
static void test_children_of_the_caller(void **state)
{
	(void)state;
	run_freely(&outcome, &(struct launch){.who = ROOT},
		   "sh -c 'role stay & exec nsrun --wd missing true'");
	assert_false(outcome.late);
	assert_int_equal(outcome.left, 1);
	check_status(&outcome, FAILED);
}

/* Whether a file that the kernel cannot execute is a script has to be seen. */
static void test_unreadable_script(void **state)
{
	static const char *const options[] = {"", "-f", "--init"};
	static const char *const errors[] = {"EMFILE", "EACCES"};

	(void)state;
	make_file("script", "echo done\n");
	assert_int_equal(chmod(path_of("script"), 0755), 0);
	for (size_t i = 0; i < 2 * sizeof(options) / sizeof(options[0]); i++) {
		run(&outcome, ROOT,
		    "strace -f --quiet=all -o /dev/null -P %s -e trace=?open,openat "
		    "-e inject=?open,openat:error=%s nsrun %s %s",
		    path_of("script"), errors[i % 2], options[i / 2], path_of("script"));
		check_status(&outcome, CANNOT_RUN);
		if (strstr(outcome.errors, "Exec format"))
			fail_msg("'%s': %s", outcome.command, outcome.errors);
	}
	remove_path("script");
}

static void test_unreadable_files(void **state)
{
	static const struct fault faults[] = {
	    {"?open,openat:error=EMFILE", "/proc/self/uid_map", "--map-users all true",
	     "/proc/self/uid_map"},
	    {"?open,openat:error=EACCES", "/etc/subuid", "--map-auto true", "/etc/subuid"},
	    {"read:error=EIO", "/etc/subgid", "--map-auto true", "/etc/subgid"},
	    {"?open,openat:error=EACCES", "/proc/self/ns", "-a true", "/proc/self/ns"},
	    {"getdents64:error=EIO", NULL, "-a true", "/proc/self/ns"},
	    {"readlinkat:error=EACCES", NULL, "--report true", "readlinkat("},
	    {"?open,openat:error=EACCES", "/proc", "--report true", "/proc"},
	    {"openat:error=EACCES", "self/uid_map", "--report true", "self/uid_map"},
	    {"openat:error=EACCES", "self/gid_map", "--report -f true", "self/gid_map"},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
}

static void test_unwritable_output(void **state)
{
	(void)state;
	run(&outcome, USER, "sh -c 'exec nsrun --help >/dev/full'");
	check_refused(&outcome, "standard output");
	run(&outcome, USER, "sh -c 'exec nsrun --version >&-'");
	check_refused(&outcome, "standard output");
	run(&outcome, USER, "sh -c 'exec nsrun --explain -r true >/dev/full'");
	check_refused(&outcome, "standard output");
	run(&outcome, USER, "sh -c 'exec nsrun --explain=json -r true >/dev/full'");
	check_refused(&outcome, "standard output");
	run(&outcome, USER, "sh -c 'exec nsrun --report --report-fd 3 true 3>/dev/full'");
	check_refused(&outcome, "write(3, report");
}

/* What cannot be looked at is there for all that, and so not nsrun's to remove. */
static void test_unknown_place(void **state)
{
	(void)state;
	make_file("kept", "");
	run(&outcome, ROOT,
	    "strace --quiet=all -o /dev/null -P kept -e trace=?lstat,?newfstatat "
	    "-e inject=?lstat,?newfstatat:error=EIO:when=1 nsrun --uts=kept ./missing");
	check_status(&outcome, NOT_FOUND);
	assert_true(is_there("kept"));
}

static void test_capabilities(void **state)
{
	static const struct fault faults[] = {
	    {"capget:error=EPERM", NULL, "-r --keep-caps true", "capget("},
	    {"capset:error=EPERM", NULL, "-r --keep-caps true", "capset("},
	    {"prctl:error=EPERM", NULL, "-r --keep-caps true", "prctl("},
	    {"setgroups:error=EPERM", NULL, "-G 5 true", "setgroups("},
	    {"setgid:error=EPERM", NULL, "-G 5 true", "setgid("},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
}

/* What cannot be looked up is not what there is not. */
static void test_no_look(void **state)
{
	static const struct fault faults[] = {
	    {"?open,openat:error=EMFILE", "/etc/passwd", "--map-user daemon true",
	     "cannot read /etc/passwd"},
	    {"?open,openat:error=EIO", "/etc/group", "--map-group daemon true",
	     "cannot read /etc/group"},
	    {"read:error=EIO", "/etc/passwd", "--map-user daemon true", "cannot read /etc/passwd"},
	    {"?open,openat:error=EMFILE", "/etc/passwd", "--map-auto true",
	     "cannot read /etc/passwd"},
	    {"pipe2:error=EMFILE", NULL, "--map-user no-such-user true", "getent"},
	    {"?vfork,?fork,clone:error=EAGAIN", NULL, "--map-user no-such-user true", "getent"},
	    {"execve:error=EACCES", "/usr/bin/getent", "--map-user no-such-user true", "getent"},
	    {"?open,openat:error=ENOENT", "/etc/passwd", "--map-user no-such-user true",
	     "unknown user"},
	    {"execve:error=ENOENT", "/usr/bin/getent", "--map-user no-such-user true",
	     "unknown user"},
	};

	(void)state;
	inject_all(faults, sizeof(faults) / sizeof(faults[0]));
}

/* The user's shell is looked up in the same way. */
static void test_no_look_at_the_shell(void **state)
{
	char *const environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};

	(void)state;
	run_freely(&outcome, &(struct launch){.who = ROOT, .environment = environment},
		   "strace -f --quiet=all -o /dev/null -P /etc/passwd -e trace=?open,openat "
		   "-e inject=?open,openat:error=EMFILE %s/nsrun",
		   program_directory);
	check_refused(&outcome, "cannot read /etc/passwd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_processes),
	    cmocka_unit_test(test_helper_dies),
	    cmocka_unit_test(test_unreadable_script),
	    cmocka_unit_test(test_no_guards),
	    cmocka_unit_test(test_interrupted_calls),
	    cmocka_unit_test(test_no_vfork),
	    cmocka_unit_test(test_unreadable_files),
	    cmocka_unit_test(test_unwritable_output),
	    cmocka_unit_test(test_failed_wait),
	    cmocka_unit_test(test_directories_out_of_reach),
	    cmocka_unit_test(test_children_of_the_caller),
	    cmocka_unit_test(test_unknown_place),
	    cmocka_unit_test(test_capabilities),
	    cmocka_unit_test(test_no_look),
	    cmocka_unit_test(test_no_look_at_the_shell),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
