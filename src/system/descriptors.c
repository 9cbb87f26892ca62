#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "message.h"

void close_keeping_errno(int descriptor)
{
	int error = errno;

	if (descriptor >= 0)
		close(descriptor);
	errno = error;
}

void close_for_good(int *descriptor)
{
	close_keeping_errno(*descriptor);
	*descriptor = -1;
}

int keep_off_standard(int descriptor)
{
	int moved;

	if (descriptor < 0 || descriptor > STDERR_FILENO)
		return descriptor;
	moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	/* EINVAL: not even the lowest of these is within the limit (fcntl(2)). */
	if (moved < 0 && errno == EINVAL)
		errno = EMFILE;
	close_keeping_errno(descriptor);
	return moved;
}

int make_pipe(int ends[2])
{
	bool made = pipe2(ends, O_CLOEXEC) == 0;

	for (int i = 0; i < 2; i++)
		ends[i] = made ? keep_off_standard(ends[i]) : -1;
	if (ends[0] >= 0 && ends[1] >= 0)
		return 0;
	close_for_good(&ends[0]);
	close_for_good(&ends[1]);
	return complain("cannot make a pipe: %m");
}

/* Since Linux 5.9 one call does it (close_range(2)). */
static void close_range_of(unsigned first, unsigned last)
{
	enum { CLOSE_RANGE = 436, USUAL_LIMIT = 1024 };

	if (first > last || syscall(CLOSE_RANGE, first, last, 0) == 0)
		return;
	for (; first <= last && first < USUAL_LIMIT; first++)
		close((int)first);
}

void close_all_but(const int *kept, size_t count)
{
	const unsigned none = ~0U;

	for (unsigned first = STDERR_FILENO + 1, next = 0; next != none; first = next + 1) {
		next = none;
		for (size_t i = 0; i < count; i++) {
			if (kept[i] >= (int)first && (unsigned)kept[i] < next)
				next = (unsigned)kept[i];
		}
		close_range_of(first, next - 1);
	}
}
