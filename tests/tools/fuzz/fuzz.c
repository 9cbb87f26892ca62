#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The linker sends the calls of these names here (--wrap). */
int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
int __wrap_stat(const char *path, struct stat *status);
int __real_stat(const char *path, struct stat *status);
unsigned long __wrap_getauxval(unsigned long type);
unsigned long __real_getauxval(unsigned long type);
int __wrap_vfork(void);

struct content {
	const void *start;
	size_t length;
};
static struct content served, served_ids;
static uint32_t user;
static bool proc_is_hidden;

void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

void serve_file(const void *content, size_t length)
{
	served = served_ids = (struct content){content, length};
}

void serve_ids(const void *content, size_t length)
{
	served_ids = (struct content){content, length};
}

static const struct content *content_of(const char *path)
{
	return strncmp(path, "/etc/sub", 8) == 0 ? &served_ids : &served;
}

void hide_proc(void)
{
	proc_is_hidden = true;
}

void be_user(uint32_t id)
{
	user = id;
}

/* The files of users are those that are served. */
int __wrap_stat(const char *path, struct stat *status)
{
	if (strncmp(path, "/etc/", 5) != 0)
		return __real_stat(path, status);
	errno = ENOENT;
	*status = (struct stat){.st_mode = S_IFREG, .st_size = (off_t)content_of(path)->length};
	return content_of(path)->start ? 0 : -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	const struct content *content = content_of(path);
	int file;

	if (flags & O_DIRECTORY)
		return __real_open(path, flags);
	check((flags & O_ACCMODE) == O_RDONLY, "files are only read");
	errno = ENOENT;
	if (!content->start || (proc_is_hidden && strncmp(path, "/proc/", 6) == 0))
		return -1;
	file = memfd_create("served", MFD_CLOEXEC);
	check(file >= 0 &&
		  write(file, content->start, content->length) == (ssize_t)content->length &&
		  lseek(file, 0, SEEK_SET) == 0,
	      "a file can be served");
	return file;
}

unsigned long __wrap_getauxval(unsigned long type)
{
	return type == AT_EUID || type == AT_EGID ? user : __real_getauxval(type);
}

/* Who is not in the file is asked for through another program, which shall not run. This is
 * no process, so nsrun reads no answer, and finds none to wait for: nobody is known. */
int __wrap_vfork(void)
{
	return INT_MAX;
}

/* Nothing that is fuzzed may do anything to the system. */
#define FORBIDDEN(call)                                                                            \
	_Noreturn void __wrap_##call(void);                                                        \
	_Noreturn void __wrap_##call(void)                                                         \
	{                                                                                          \
		abort();                                                                           \
	}
FORBIDDEN(fork)
FORBIDDEN(clone)
FORBIDDEN(execve)
FORBIDDEN(unshare)
FORBIDDEN(mount)
FORBIDDEN(umount2)
FORBIDDEN(unlink)
FORBIDDEN(kill)

void split_lines(struct words *words, const uint8_t *data, size_t size)
{
	static char name[] = "nsrun";
	char *rest;

	words->text = malloc(size + 1);
	check(words->text, "there is memory");
	memcpy(words->text, data, size);
	words->text[size] = '\0';
	words->list[0] = name;
	words->count = 1;
	rest = size > 0 ? words->text : NULL;
	while (rest && words->count <= MOST_WORDS)
		words->list[words->count++] = strsep(&rest, "\n");
	words->list[words->count] = NULL;
}

void free_words(struct words *words)
{
	free(words->text);
}

void start_request(struct asked *asked)
{
	/* Room for ranges is not initialised, as in main(). */
	memset(&asked->request, 0, sizeof(asked->request));
	asked->request.map_users.list = asked->map_users;
	asked->request.map_groups.list = asked->map_groups;
}
