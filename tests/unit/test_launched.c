/* What has become of a process that was launched: whether its program ran. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launched.h"

enum end { LIVES, ENDS, IS_KILLED };

/* A child with the name, as it is watched, when it has come to that end. */
static struct launched watch_child(const char *name, enum end end, pid_t *child)
{
	struct launched process;
	char path[32];
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	*child = fork();
	assert_true(*child >= 0);
	if (*child == 0) {
		prctl(PR_SET_NAME, name, 0, 0, 0);
		close(ready[1]);
		pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d", (int)*child);
	process.directory = open_process(path);
	process.pidfd = (int)syscall(SYS_pidfd_open, *child, 0);
	assert_true(process.directory >= 0);
	if (end != LIVES)
		kill(*child, end == ENDS ? SIGALRM : SIGKILL);
	return process;
}

static void wait_until_dead(pid_t child, int options)
{
	siginfo_t end;

	assert_int_equal(waitid(P_PID, (id_t)child, &end, WEXITED | options), 0);
}

static void forget(const struct launched *process)
{
	close(process->directory);
	if (process->pidfd >= 0)
		close(process->pidfd);
}

static void another_name_is_the_programs(void **state)
{
	pid_t child;
	struct launched process = watch_child("program", LIVES, &child);

	(void)state;
	assert_true(runs_program(&process));
	kill(child, SIGKILL);
	wait_until_dead(child, WNOWAIT);
	assert_true(runs_program(&process));
	wait_until_dead(child, 0);
	forget(&process);
}

static void the_dead_with_that_name_ran_nothing(void **state)
{
	pid_t child;
	struct launched process = watch_child(launching, ENDS, &child);

	(void)state;
	wait_until_dead(child, WNOWAIT);
	assert_false(runs_program(&process));
	wait_until_dead(child, 0);
	forget(&process);
}

/* Linux 6.15 and later (PIDFD_GET_INFO, PIDFD_INFO_EXIT). */
static bool kernel_tells_ends(int pidfd)
{
	uint64_t information[8] = {1 << 3};

	return pidfd >= 0 &&
	       syscall(SYS_ioctl, pidfd, _IOWR(0xff, 11, uint64_t[8]), information) == 0 &&
	       information[0] & 1 << 3;
}

static void of_the_reaped_only_the_killed_ran_nothing(void **state)
{
	pid_t child;
	struct launched process = watch_child(launching, IS_KILLED, &child);

	(void)state;
	wait_until_dead(child, 0);
	assert_int_equal(runs_program(&process), !kernel_tells_ends(process.pidfd));
	close(process.pidfd);
	process.pidfd = -1;
	assert_true(runs_program(&process));
	forget(&process);
	process = watch_child(launching, ENDS, &child);
	wait_until_dead(child, 0);
	assert_true(runs_program(&process));
	forget(&process);
}

/* In place of /proc/PID: both can be opened, but not read. */
static void what_cannot_be_looked_at_runs(void **state)
{
	char directory[] = "/tmp/nsrun-test-XXXXXX";
	struct launched process = {.pidfd = -1};

	(void)state;
	assert_non_null(mkdtemp(directory));
	process.directory = open_process(directory);
	assert_int_equal(mkdirat(process.directory, "comm", 0700), 0);
	assert_int_equal(mkdirat(process.directory, "stat", 0700), 0);
	assert_true(runs_program(&process));
	unlinkat(process.directory, "comm", AT_REMOVEDIR);
	unlinkat(process.directory, "stat", AT_REMOVEDIR);
	rmdir(directory);
	forget(&process);
	process.directory = -1;
	assert_true(runs_program(&process));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(another_name_is_the_programs),
	    cmocka_unit_test(the_dead_with_that_name_ran_nothing),
	    cmocka_unit_test(of_the_reaped_only_the_killed_ran_nothing),
	    cmocka_unit_test(what_cannot_be_looked_at_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
