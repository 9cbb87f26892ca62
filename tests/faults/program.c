/* The program that nsrun is to run: it tells that it ran, and which descriptors it has. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "faults.h"

int main(void)
{
	for (int descriptor = 0; descriptor < 256; descriptor++) {
		if (fcntl(descriptor, F_GETFD) >= 0)
			dprintf(PROGRAM_DESCRIPTOR, "%d ", descriptor);
	}
	return 0;
}
