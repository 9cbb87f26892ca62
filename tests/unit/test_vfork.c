/* What a child that shares the launcher's memory must not write to, it does not. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "play.h"
#include "scene.h"

/*
 * The child that --fork makes shares the launcher's memory until its exec. What it must
 * not write to is read-only here while it plays, so that a write kills it; and what is
 * static must be the same afterwards as it was before.
 */

/* The linker's names for the start and the end of static memory. */
extern char __data_start[], _end[];

enum { STATIC_MEMORY_CHANGED = 99, CANNOT_SET_UP = 98 };

static void *new_pages(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* The launcher notes down what it finds before it forks; that, and no more, it may write. */
static void make_room_for_launcher(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].operation == LIST_NAMESPACES)
			plan->steps[i].report.before = new_pages(REPORTED_LINKS * LINK_SIZE);
	}
}

static struct scene *set_scene(const char *line, bool traced)
{
	struct scene *scene = new_pages(sizeof(*scene));

	if (scene == MAP_FAILED)
		return NULL;
	if (read_scene(scene, line) < 0)
		return NULL;
	scene->facts.journal = traced ? start_journal(&scene->room.journal, true) : NULL;
	plan_scene(scene, geteuid(), getegid());
	make_room_for_launcher(&scene->plan);
	return mprotect(scene, sizeof(*scene), PROT_READ) < 0 ? NULL : scene;
}

/* Messages are not looked at here. */
static int silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int result = null < 0 ? -1 : dup2(null, STDERR_FILENO);

	close(null);
	return result;
}

/* Byte by byte and unseen by AddressSanitizer, which has gaps between the variables. */
__attribute__((no_sanitize("address"))) static void copy_static_memory(char *copy)
{
	for (const volatile char *byte = __data_start; byte < _end; byte++)
		*copy++ = *byte;
}

__attribute__((no_sanitize("address"))) static bool static_memory_is(const char *copy)
{
	for (const volatile char *byte = __data_start; byte < _end; byte++) {
		if (*copy++ != *byte)
			return false;
	}
	return true;
}

/* In a process of its own, since playing leaves signals blocked. Its exit status tells
 * how it went; a child that faults makes it die of the same signal. */
static int play_line(const char *line, bool traced)
{
	size_t size = (uintptr_t)_end - (uintptr_t)__data_start;
	struct scene *scene = silence() < 0 ? NULL : set_scene(line, traced);
	char *before = new_pages(size);
	int status;

	if (!scene || before == MAP_FAILED)
		return CANNOT_SET_UP;
	copy_static_memory(before);
	status = play(&scene->plan, scene->facts.journal);
	if (!static_memory_is(before))
		status = STATIC_MEMORY_CHANGED;
	for (int descriptor = STDERR_FILENO + 1; descriptor < 32; descriptor++)
		close(descriptor);
	return status;
}

static void check_line(const char *line, int expected)
{
	for (int traced = 0; traced < 2; traced++) {
		pid_t process = fork();
		int status;

		assert_true(process >= 0);
		if (process == 0)
			_exit(play_line(line, traced));
		assert_int_equal(waitpid(process, &status, 0), process);
		if (!WIFEXITED(status))
			fail_msg("%s: killed by signal %d", line, WTERMSIG(status));
		if (WEXITSTATUS(status) == STATIC_MEMORY_CHANGED)
			fail_msg("%s: static memory has changed", line);
		if (WEXITSTATUS(status) != expected)
			fail_msg("%s: status %d", line, WEXITSTATUS(status));
	}
}

static void programs_that_run(void **state)
{
	(void)state;
	check_line("nsrun -f true", 0);
	check_line("nsrun -f false", 1);
	check_line("nsrun -f -w / /bin/true", 0);
	check_line("nsrun -f --forward-signals --report true", 0);
}

static void programs_that_do_not(void **state)
{
	(void)state;
	check_line("nsrun -f ./no-such-program", 127);
	check_line("nsrun -f --report no-such-program", 127);
	check_line("nsrun -f /dev/null/program", 126);
	check_line("nsrun -f /etc/passwd", 126);
	check_line("nsrun -f /", 126);
}

static void steps_that_fail(void **state)
{
	(void)state;
	check_line("nsrun -f -w /no/such/directory true", 125);
	check_line("nsrun -f -R /no/such/directory true", 125);
}

static void children_that_die_with_the_launcher(void **state)
{
	(void)state;
	check_line("nsrun -f --kill-child true", 0);
	check_line("nsrun -f --kill-child=TERM --forward-signals --report true", 0);
	check_line("nsrun -f --kill-child ./no-such-program", 127);
	check_line("nsrun -f --kill-child -w /no/such/directory true", 125);
}

static bool has_user_namespaces(void)
{
	pid_t process = fork();
	int status = 1;

	if (process == 0)
		_exit(unshare(CLONE_NEWUSER) < 0);
	return process > 0 && waitpid(process, &status, 0) == process && status == 0;
}

static void user_namespaces(void **state)
{
	(void)state;
	if (!has_user_namespaces())
		leave_out("needs user namespaces");
	check_line("nsrun -rf true", 0);
	check_line("nsrun -rpf --init true", 0);
	check_line("nsrun -rf --hostname box --keep-caps true", 0);
	check_line("nsrun -cuf ./no-such-program", 127);
	check_line("nsrun -rf -S 1234 true", 125);
}

/* valgrind takes the missing type of mount(2) for a fault. */
static void mounts(void **state)
{
	(void)state;
	if (test_is_under_valgrind())
		skip();
	if (!has_user_namespaces())
		leave_out("needs user namespaces");
	check_line("nsrun -rmf --propagation slave -w / true", 0);
	check_line("nsrun -rpf --mount-proc true", 0);
	check_line("nsrun -rmf ./no-such-program", 127);
	check_line("nsrun -rf --mount-proc=/no/such/directory true", 125);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(programs_that_run),
	    cmocka_unit_test(programs_that_do_not),
	    cmocka_unit_test(steps_that_fail),
	    cmocka_unit_test(children_that_die_with_the_launcher),
	    cmocka_unit_test(user_namespaces),
	    cmocka_unit_test(mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
