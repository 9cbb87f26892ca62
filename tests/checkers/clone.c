/* For builds that are checked as they run. AddressSanitizer knows the stack of each thread, and
 * takes the one that clone(2) is given for a stray pointer; valgrind knows no process with a
 * stack of its own in its parent's memory. A copy of the memory serves the helper as well. */
#include <unistd.h>

int __wrap_clone(int (*start)(void *), void *stack, int flags, void *argument, ...);

int __wrap_clone(int (*start)(void *), void *stack, int flags, void *argument, ...)
{
	pid_t process = fork();

	(void)stack, (void)flags;
	if (process == 0)
		_exit(start(argument));
	return process;
}
