/* What unit tests share. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool test_is_under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}

unsigned long case_count(unsigned long usual)
{
	return test_is_under_valgrind() ? usual / 50 : usual;
}

int lowest_free_descriptor(void)
{
	int free = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(free);
	return free;
}

void start_capture(struct capture *capture)
{
	program_invocation_short_name = (char *)"nsrun"; /* which messages begin with */
	capture->file = memfd_create("capture", MFD_CLOEXEC);
	assert_true(capture->file >= 0);
	capture->standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_true(capture->standard_error >= 0);
	assert_int_equal(dup2(capture->file, STDERR_FILENO), STDERR_FILENO);
}

void end_capture(struct capture *capture)
{
	ssize_t length;

	dup2(capture->standard_error, STDERR_FILENO);
	close(capture->standard_error);
	length = pread(capture->file, capture->text, sizeof(capture->text) - 1, 0);
	close(capture->file);
	assert_true(length >= 0);
	capture->text[length] = '\0';
}

void make_temporary_file(struct temporary_file *file, const char *content, size_t length)
{
	int descriptor;

	strcpy(file->path, "/tmp/nsrun-unit-XXXXXX");
	descriptor = mkstemp(file->path);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, content, length), length);
	close(descriptor);
}

void remove_temporary_file(const struct temporary_file *file)
{
	assert_int_equal(unlink(file->path), 0);
}
