/* Prints the pid that this process sees for itself. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	printf("pid:%ld\n", (long)getpid());
	return fflush(stdout) == 0 ? 0 : 1;
}
