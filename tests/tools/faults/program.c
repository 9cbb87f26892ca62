/* The program that nsrun is to run: it tells that it ran, and which descriptors it has. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "faults.h"

int main(void)
{
	char text[1024];
	int length = 0;

	for (int descriptor = 0; descriptor < 256; descriptor++) {
		if (fcntl(descriptor, F_GETFD) >= 0)
			length += sprintf(text + length, "%d ", descriptor);
	}
	/* At once: it may be killed at any moment. */
	return write(PROGRAM_DESCRIPTOR, text, (size_t)length) != length;
}
