/* System calls without a libc, for the programs that are measured against (x86-64). */
#ifndef BENCH_KERNEL_H
#define BENCH_KERNEL_H

#include <sys/syscall.h>

#ifndef __x86_64__
#error "the bench programs without a libc are written for x86-64"
#endif

/* Inlined, so that nothing returns through a stack that a vfork'd child has used. */
__attribute__((always_inline)) static inline long system_call(long number, long first, long second,
							      long third, long fourth, long fifth)
{
	register long r10 __asm__("r10") = fourth;
	register long r8 __asm__("r8") = fifth;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

__attribute__((noreturn, always_inline)) static inline void leave(int status)
{
	system_call(SYS_exit_group, status, 0, 0, 0, 0);
	__builtin_unreachable();
}

#endif
