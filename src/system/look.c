#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "lines.h"
#include "message.h"
#include "namespace.h"
#include "text.h"

static bool read_start_journaled(struct journal *journal, const char *path, char *buffer,
				 size_t size)
{
	int file = journal_open(journal, path);
	ssize_t length = file < 0 ? -1 : journal_read(journal, file, buffer, size - 1);

	close_keeping_errno(file);
	if (length < 0)
		return false;
	buffer[length] = '\0';
	return true;
}

bool read_start(const char *path, char *buffer, size_t size)
{
	return read_start_journaled(NULL, path, buffer, size);
}

const char *find_in_line(const char *text, const char *start)
{
	size_t length = strlen(start);

	for (; text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		if (strncmp(text, start, length) == 0)
			return text + length;
	}
	return NULL;
}

bool file_says(const char *path, const char *line)
{
	char found[32];

	if (!read_start(path, found, sizeof(found)))
		return false;
	found[strcspn(found, "\n")] = '\0';
	return strcmp(found, line) == 0;
}

/* identifier parent device root point options tags… - type source options */
static bool split_mount(struct mount_line *mount)
{
	char *rest = mount->line;
	char *word = strsep(&rest, " ");
	const char *tag;

	mount->identifier = word;
	for (int i = 0; i < 4 && word; i++)
		word = strsep(&rest, " ");
	mount->point = word;
	mount->shared = false;
	while ((tag = strsep(&rest, " ")) && strcmp(tag, "-") != 0)
		mount->shared = mount->shared || strncmp(tag, "shared:", 7) == 0;
	mount->type = rest ? strsep(&rest, " ") : "";
	return mount->point != NULL;
}

bool find_mount(struct journal *journal, struct mount_line *mount,
		bool (*matches)(const struct mount_line *mount, const char *wanted),
		const char *wanted)
{
	struct line_reader reader = {.descriptor = journal_open(journal, "/proc/self/mountinfo"),
				     .journal = journal};
	struct record record;
	bool found = false;

	if (reader.descriptor < 0)
		return false;
	while (!found && next_record(&reader, &record)) {
		/* The reader cuts at colons; here they are part of the line. */
		memcpy(mount->line, whole_line(&record), sizeof(mount->line));
		found = split_mount(mount) && matches(mount, wanted);
	}
	close(reader.descriptor);
	return found;
}

static bool has_identifier(const struct mount_line *mount, const char *wanted)
{
	return strcmp(mount->identifier, wanted) == 0;
}

/* The file itself, or where it is missing the directory that it would be made in. */
static int open_nearest(struct journal *journal, const char *file)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(file, '/');
	size_t length = slash ? (size_t)(slash - file) + 1 : 0;
	int place = open(file, O_PATH | O_CLOEXEC);

	journal_call(journal, place, "open(%q, O_PATH|O_CLOEXEC)", file);
	if (place >= 0 || errno != ENOENT || length >= sizeof(directory))
		return place;
	memcpy(directory, file, length);
	directory[length] = '\0';
	place = open(length > 0 ? directory : ".", O_PATH | O_CLOEXEC);
	journal_call(journal, place, "open(%q, O_PATH|O_CLOEXEC)", length > 0 ? directory : ".");
	return place;
}

enum propagation find_propagation(struct journal *journal, const char *file)
{
	int place = open_nearest(journal, file);
	char path[40];
	char information[256];
	struct mount_line mount;
	const char *found = NULL;
	char identifier[16];
	size_t length;

	print_into(path, sizeof(path), "/proc/self/fdinfo/%d", place);
	if (place >= 0 && read_start_journaled(journal, path, information, sizeof(information)))
		found = find_in_line(information, "mnt_id:\t");
	close_keeping_errno(place);
	length = found ? strcspn(found, "\n") : 0;
	if (length == 0 || length >= sizeof(identifier))
		return PROPAGATION_UNKNOWN;
	memcpy(identifier, found, length);
	identifier[length] = '\0';
	if (!find_mount(journal, &mount, has_identifier, identifier))
		return MOUNT_IS_FOREIGN;
	return mount.shared ? MOUNT_IS_SHARED : MOUNT_IS_PRIVATE;
}

/* What getdents64(2) fills. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

const char *next_name(struct directory_reader *reader, struct journal *journal)
{
	const struct entry *entry;

	if (reader->next == reader->length) {
		reader->length = syscall(SYS_getdents64, reader->descriptor, reader->entries,
					 sizeof(reader->entries));
		journal_call(journal, reader->length, "getdents64(directory, list, %l)",
			     (long long)sizeof(reader->entries));
		reader->next = 0;
		if (reader->length <= 0)
			return NULL;
	}
	entry = (const void *)(reader->entries + reader->next);
	reader->next += entry->length;
	return entry->name;
}

static unsigned long bit_of(const char *link)
{
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (strcmp(link, namespace_types[i].link) == 0)
			return namespace_types[i].bit;
	}
	return 0;
}

unsigned long offered_namespaces(struct journal *journal)
{
	struct directory_reader links = {
	    .descriptor = open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	unsigned long offered = 0;
	const char *link;

	journal_call(journal, links.descriptor,
		     "open(\"/proc/self/ns\", O_RDONLY|O_DIRECTORY|O_CLOEXEC)");
	if (links.descriptor < 0)
		return 0;
	while ((link = next_name(&links, journal))) {
		offered |= bit_of(link);
		/* There are so few that one read gives them all. */
		if (links.next == links.length)
			break;
	}
	close(links.descriptor);
	if (links.length >= 0 && !offered)
		errno = ENOENT;
	return offered;
}

int advise_proc(int error)
{
	if (error == ENOENT && access("/proc/self", F_OK) < 0)
		hint("no proc is mounted there. As root: mount -t proc proc /proc");
	return -1;
}
