#include "look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "descriptors.h"
#include "message.h"
#include "names.h"

ssize_t read_start(const char *path, char *buffer, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, buffer, size - 1);

	close_keeping_errno(file);
	if (length >= 0)
		buffer[length] = '\0';
	return length;
}

const char *find_line(struct journal *journal, const char *path, const char *start,
		      struct record *line)
{
	struct line_reader reader = {.descriptor = journal_open(journal, path), .journal = journal};
	const char *found = NULL;

	while (reader.descriptor >= 0 && !found && next_record(&reader, line)) {
		if (strncmp(line->line, start, strlen(start)) == 0)
			found = line->line + strlen(start);
	}
	close_keeping_errno(reader.descriptor);
	return found;
}

bool file_says(const char *path, const char *line)
{
	struct record found;
	const char *rest = find_line(NULL, path, line, &found);

	return rest && !*rest;
}

char *find_directory(const char *file, char directory[PATH_MAX])
{
	const char *slash = strrchr(file, '/');

	if (!slash)
		return strcpy(directory, ".");
	return print_into(directory, PATH_MAX, "%r", file,
			  (size_t)(slash - file + (slash == file)));
}

const char *find_mount(struct record *line, bool (*fits)(const char *point))
{
	struct line_reader mounts = {.descriptor =
					 open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
	const char *found = NULL;

	while (!found && next_record(&mounts, line)) {
		char *rest = line->line, *point = NULL;

		for (int i = 0; i < 5; i++)
			point = strsep(&rest, " ");
		if (rest && fits(point))
			found = point;
	}
	close_keeping_errno(mounts.descriptor);
	return found;
}

enum propagation find_propagation(struct journal *journal, const char *file)
{
	int place = open(file, O_PATH | O_CLOEXEC);
	char path[PATH_MAX], start[24];
	struct record line;
	const char *identifier = NULL, *mount, *tag;

	journal_call(journal, place, "open(%q, O_PATH|O_CLOEXEC)", file);
	if (place < 0 && errno == ENOENT) {
		place = open(find_directory(file, path), O_PATH | O_CLOEXEC);
		journal_call(journal, place, "open(%q, O_PATH|O_CLOEXEC)", path);
	}
	print_into(path, sizeof(path), "/proc/self/fdinfo/%d", place);
	if (place >= 0)
		identifier = find_line(journal, path, "mnt_id:\t", &line);
	close_keeping_errno(place);
	if (!identifier)
		return MOUNT_IS_PRIVATE;
	print_into(start, sizeof(start), "%s ", identifier);
	mount = find_line(journal, "/proc/self/mountinfo", start, &line);
	if (!mount)
		return MOUNT_IS_FOREIGN;
	tag = strstr(mount, " shared:");
	return tag && strstr(tag, " - ") ? MOUNT_IS_SHARED : MOUNT_IS_PRIVATE;
}

unsigned long offered_namespaces(struct journal *journal)
{
	int links = open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent) char entries[1024];
	const struct dirent *entry;
	unsigned long offered = 0;
	long length;

	journal_call(journal, links, "open(\"/proc/self/ns\", O_RDONLY|O_DIRECTORY|O_CLOEXEC)");
	if (links < 0)
		return 0;
	/* There are so few that one read gives them all. */
	length = syscall(SYS_getdents64, links, entries, sizeof(entries));
	journal_call(journal, length, "getdents64(directory, list, %l)",
		     (long long)sizeof(entries));
	close_keeping_errno(links);
	for (long next = 0; next < length; next += entry->d_reclen) {
		entry = (const void *)(entries + next);
		for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
			if (strcmp(entry->d_name, namespace_types[i].link) == 0)
				offered |= namespace_types[i].bit;
		}
	}
	if (length >= 0 && !offered)
		errno = ENOENT;
	return offered;
}

bool advise_proc(int error)
{
	struct stat link;

	return error == ENOENT && access("/proc/self", F_OK) < 0 &&
	       hint("%s. As root: mount -t proc proc /proc",
		    lstat("/proc/self", &link) == 0
			? "this process is not in the PID namespace that /proc shows"
			: "no proc is mounted there");
}

bool advise_equals(const char *argument)
{
	return argument && *argument == '=' &&
	       hint("the argument is '%s', with the '=': leave it out after a letter, or use the "
		    "option's long name",
		    argument);
}

/* capget(2). */
bool has_capability(enum capability number)
{
	uint32_t version_3[] = {0x20080522, 0}, sets[6];

	return syscall(SYS_capget, version_3, sets) == 0 &&
	       sets[(size_t)number / 32 * 3] >> number % 32 & 1;
}

bool is_before(const char *version)
{
	struct utsname kernel = {0};

	(void)uname(&kernel);
	return strverscmp(kernel.release, version) < 0;
}

bool find_range(const char *path, uint32_t id, struct id_range *range)
{
	struct line_reader lines = {.descriptor = open(path, O_RDONLY | O_CLOEXEC)};
	bool found = lines.descriptor < 0;
	struct record line;
	const char *text = line.line;

	*range = (struct id_range){0, 0, UINT32_MAX};
	for (; !found && next_record(&lines, &line) && read_map_line(&text, range);
	     text = line.line)
		found = id - range->inner < range->count;
	close_keeping_errno(lines.descriptor);
	return found;
}

const char *find_path(void)
{
	const char *path = getenv("PATH");

	return path ? path : "/bin:/usr/bin";
}

bool next_candidate(const char **directories, const char *name, char candidate[PATH_MAX])
{
	while (*directories) {
		const char *start = *directories;
		size_t length = strcspn(start, ":");
		size_t slash = length > 0;

		*directories = start[length] ? start + length + 1 : NULL;
		if (length + slash + strlen(name) >= PATH_MAX)
			continue;
		memcpy(candidate, start, length);
		candidate[length] = '/';
		strcpy(candidate + length + slash, name);
		return true;
	}
	return false;
}
