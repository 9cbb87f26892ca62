/* What a build with sanitizers has in addition: settings that no environment can take
 * away (--clear-env, sudo), and helpers that the sanitizers can follow. */
#include <stdarg.h>
#include <unistd.h>

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
int __wrap_clone(int (*start)(void *), void *stack, int flags, void *argument, ...);

/*
 * No program of the tests ends with this status, so that a finding is told from a failure.
 *
 * nsrun has no heap, so there is nothing to leak. LeakSanitizer looks for leaks with a
 * process that attaches to the one that ends (ptrace(2)), which it cannot from a new PID or
 * user namespace. The unit tests, whose main() this is not linked with, do look for leaks.
 */
const char *__asan_default_options(void)
{
	return "exitcode=66:detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1";
}

const char *__ubsan_default_options(void)
{
	return "exitcode=66:print_stacktrace=1";
}

/* AddressSanitizer knows the stack of each thread, and takes the one that clone(2) was
 * given for a stray pointer. A copy of the memory serves the helper as well. */
int __wrap_clone(int (*start)(void *), void *stack, int flags, void *argument, ...)
{
	pid_t process = fork();

	(void)stack, (void)flags;
	if (process == 0)
		_exit(start(argument));
	return process;
}
