#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "look.h"
#include "message.h"
#include "names.h"

/* Opens a regular file of sensible size: a FIFO in its place could keep nsrun waiting, and a huge
 * file busy. Returns -1 after a complaint, or without one if errno is `tolerated`. */
static int open_database(struct journal *journal, const char *path, int tolerated)
{
	enum { LARGEST = 64 << 20 };
	struct stat status;
	int file = stat(path, &status);

	journal_call(journal, file, "stat(%q, &status)", path);
	if (file == 0 && !S_ISREG(status.st_mode)) {
		errno = EINVAL;
		return complain("cannot read %s: it is not a regular file", path);
	}
	if (file == 0 && status.st_size > LARGEST) {
		errno = EFBIG;
		file = -1;
	}
	if (file == 0)
		file = journal_open(journal, path);
	if (file < 0 && errno != tolerated)
		complain("cannot read %s: %m", path);
	return file;
}

/* Of the record a copy is cut. */
static bool field_is(struct record record, unsigned field, const char *value)
{
	const char *found = cut_field(&record, field);

	return found && strcmp(found, value) == 0;
}

/* As next_record(): the first record whose field is value. */
static bool find_record(struct journal *journal, int descriptor, unsigned field, const char *value,
			struct record *record)
{
	/* Nobody asks for a password, a description or a home directory: the shell behind them is
	 * read however long they are. */
	struct line_reader reader = {
	    .descriptor = descriptor, .journal = journal, .left_out = 1 << 1 | 1 << 4 | 1 << 5};

	while (next_record(&reader, record)) {
		if (field_is(*record, field, value))
			return true;
	}
	return false;
}

enum { GETENT_FOUND_NONE = 2 };

/* Fixed path, empty environment: whoever calls a privileged nsrun must not choose either. */
static void become_getent(const char *database, const char *key, int output)
{
	char *const environment[] = {NULL};

	/* dup2(2) of a descriptor to itself would leave it close-on-exec. */
	if (output == STDOUT_FILENO ? fcntl(output, F_SETFD, 0) < 0
				    : dup2(output, STDOUT_FILENO) < 0)
		_exit(1);
	execle("/usr/bin/getent", "getent", database, "--", key, (char *)NULL, environment);
	_exit(errno == ENOENT ? GETENT_FOUND_NONE : 1);
}

/* Asks the name service, which may know users that no file lists. Returns as find_user(). */
static int ask_getent(struct journal *journal, const char *database, unsigned field,
		      const char *value, struct record *record)
{
	int ends[2];
	pid_t getent, ended;
	int status = 0;
	bool found;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return complain("cannot make a pipe to ask getent(1): %m");
	getent = vfork();
	if (getent == 0)
		become_getent(database, value, ends[1]);
	close(ends[1]);
	journal_call(journal, getent, "vfork()");
	if (getent > 0)
		journal_call(
		    journal, NOT_RETURNED,
		    "execve(\"/usr/bin/getent\", {\"getent\", %q, \"--\", %q, NULL}, {NULL})",
		    database, value);
	found = getent > 0 && find_record(journal, ends[0], field, value, record);
	close(ends[0]);
	/* Where the caller ignores SIGCHLD the kernel reaps it: ECHILD is as good. */
	if (getent < 0)
		return complain("cannot start getent(1): %m");
	do {
		ended = waitpid(getent, &status, 0);
		journal_call(journal, ended, "waitpid(GETENT, &status, 0)");
	} while (ended < 0 && errno == EINTR);
	if (found || status == 0 || WEXITSTATUS(status) == GETENT_FOUND_NONE)
		return found;
	return complain("cannot look for '%s' in %s: getent(1) has failed", value, database);
}

static int look_up(struct journal *journal, const char *database, unsigned field, const char *value,
		   struct record *record)
{
	char path[16];
	int file =
	    open_database(journal, print_into(path, sizeof(path), "/etc/%s", database), ENOENT);
	bool found;

	if (file < 0 && errno != ENOENT)
		return -1;
	found = file >= 0 && find_record(journal, file, field, value, record);
	close_keeping_errno(file);
	if (file >= 0 && !found && errno)
		return complain("cannot read %s: %m", path);
	return found ? 1 : ask_getent(journal, database, field, value, record);
}

enum { NAME_FIELD = 0, ID_FIELD = 2 };

int find_id(struct journal *journal, const char *database, const char *name, uint32_t *id)
{
	struct record record;
	uint64_t number;
	int found = look_up(journal, database, NAME_FIELD, name, &record);
	const char *digits = found > 0 ? cut_field(&record, ID_FIELD) : NULL;

	if (found < 0)
		return -1;
	if (!digits || !read_number(digits, HIGHEST_ID, &number)) {
		complain("unknown %s '%s'", *database == 'g' ? "group" : "user", name);
		(void)advise_equals(name);
		return -1;
	}
	*id = (uint32_t)number;
	return 0;
}

int find_user(struct journal *journal, uint32_t id, struct record *record)
{
	char digits[12];

	print_into(digits, sizeof(digits), "%u", id);
	return look_up(journal, "passwd", ID_FIELD, digits, record);
}

/* Whoever the owner is, the line must be name:first:count and nothing else. */
static bool read_subordinate_line(const struct record *record, struct id_range *range)
{
	const char *numbers = record->line + strcspn(record->line, ":");
	uint64_t outer, count;

	numbers += *numbers == ':';
	if (record->overlong || !read_number_until(&numbers, ":", UINT32_MAX, &outer) ||
	    !read_number(numbers, UINT32_MAX, &count))
		return false;
	*range = (struct id_range){.outer = (uint32_t)outer, .count = (uint32_t)count};
	return range_is_valid(range);
}

int find_subordinate_range(struct journal *journal, const char *path, const char *login,
			   uint32_t user, struct id_range *range)
{
	struct line_reader reader = {.descriptor = open_database(journal, path, 0),
				     .journal = journal};
	struct id_range spare = {.outer = 100000, .count = 65536};
	struct record line;
	char digits[12];

	if (reader.descriptor < 0)
		return -1;
	print_into(digits, sizeof(digits), "%u", user);
	while (next_record(&reader, &line)) {
		bool is_range = read_subordinate_line(&line, range);

		if ((login && field_is(line, NAME_FIELD, login)) ||
		    field_is(line, NAME_FIELD, digits)) {
			close(reader.descriptor);
			return is_range ? 1
					: complain("malformed line in %s: '%s%s'", path, line.line,
						   line.overlong ? "..." : "");
		}
		if (is_range && range->outer + range->count > spare.outer)
			spare.outer = range->outer + range->count;
	}
	close(reader.descriptor);
	*range = spare;
	return errno ? complain("cannot read %s: %m", path) : 0;
}
