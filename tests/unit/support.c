#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* SplitMix64: short, and good enough to pick cases. */
uint64_t next_number(struct generator *generator)
{
	uint64_t number = generator->state += 0x9e3779b97f4a7c15U;

	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9U;
	number = (number ^ (number >> 27)) * 0x94d049bb133111ebU;
	return number ^ (number >> 31);
}

unsigned number_below(struct generator *generator, unsigned limit)
{
	return (unsigned)(next_number(generator) % limit);
}

bool under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}

unsigned long case_count(unsigned long usual)
{
	return under_valgrind() ? usual / 50 : usual;
}

void start_capture(struct capture *capture)
{
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

void make_file(struct temporary_file *file, const char *content, size_t length)
{
	int descriptor;

	strcpy(file->path, "/tmp/nsrun-unit-XXXXXX");
	descriptor = mkstemp(file->path);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, content, length), length);
	close(descriptor);
}

void remove_file(const struct temporary_file *file)
{
	assert_int_equal(unlink(file->path), 0);
}

void split_words(struct words *words, const char *line)
{
	char *rest = words->buffer;
	char *word;

	assert_true(strlen(line) < sizeof(words->buffer));
	strcpy(words->buffer, line);
	words->count = 0;
	while ((word = strsep(&rest, " "))) {
		assert_true(words->count < MOST_WORDS);
		words->list[words->count++] = word;
	}
	words->list[words->count] = NULL;
}
