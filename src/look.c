#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "database.h"
#include "text.h"

static bool read_start_noted(struct journal *journal, const char *path, char *buffer, size_t size)
{
	int file = open_noted(journal, path);
	ssize_t length = file < 0 ? -1 : read_noted(journal, file, buffer, size - 1);

	if (file >= 0)
		close(file);
	if (length < 0)
		return false;
	buffer[length] = '\0';
	return true;
}

bool read_start(const char *path, char *buffer, size_t size)
{
	return read_start_noted(NULL, path, buffer, size);
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
	return mount->point != NULL;
}

bool find_mount(struct journal *journal, struct mount_line *mount,
		bool (*matches)(const struct mount_line *mount, const char *wanted),
		const char *wanted)
{
	struct line_reader reader = {.descriptor = open_noted(journal, "/proc/self/mountinfo"),
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
static int open_place(struct journal *journal, const char *file)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(file, '/');
	size_t length = slash ? (size_t)(slash - file) + 1 : 0;
	int place = open(file, O_PATH | O_CLOEXEC);

	note_call(journal, place, "open(%q, O_PATH|O_CLOEXEC)", file);
	if (place >= 0 || errno != ENOENT || length >= sizeof(directory))
		return place;
	memcpy(directory, file, length);
	directory[length] = '\0';
	place = open(length > 0 ? directory : ".", O_PATH | O_CLOEXEC);
	note_call(journal, place, "open(%q, O_PATH|O_CLOEXEC)", length > 0 ? directory : ".");
	return place;
}

enum place find_place(struct journal *journal, const char *file)
{
	int place = open_place(journal, file);
	char path[40];
	char information[256];
	struct text text = {.start = path, .capacity = sizeof(path) - 1, .descriptor = -1};
	struct mount_line mount;
	const char *found = NULL;
	char identifier[16];
	size_t length;

	text_print(&text, "/proc/self/fdinfo/%d", place);
	path[text.length] = '\0';
	if (place >= 0 && read_start_noted(journal, path, information, sizeof(information)))
		found = find_in_line(information, "mnt_id:\t");
	if (place >= 0)
		close(place);
	length = found ? strcspn(found, "\n") : 0;
	if (length == 0 || length >= sizeof(identifier))
		return PLACE_UNKNOWN;
	memcpy(identifier, found, length);
	identifier[length] = '\0';
	if (!find_mount(journal, &mount, has_identifier, identifier))
		return PLACE_FOREIGN;
	return mount.shared ? PLACE_SHARED : PLACE_PRIVATE;
}
