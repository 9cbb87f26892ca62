/* --map-users=all: the ids that the present user namespace has, from its uid_map. */
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "facts.h"

/* What /proc/self/uid_map is found to hold. */
static const char *uid_map;
/* What it was opened as. */
static int uid_map_file;

/* Instead of libc's, for this program. */
int open(const char *path, int flags, ...)
{
	int file = memfd_create("uid_map", MFD_CLOEXEC);
	ssize_t length = uid_map ? (ssize_t)strlen(uid_map) : 0;

	/* Before the tests something that is linked in may open a file for itself. */
	if (!uid_map)
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0666);
	if (write(file, uid_map, (size_t)length) != length || lseek(file, 0, SEEK_SET) != 0)
		return -1;
	return uid_map_file = file;
}

/* Reads the map of --map-users=all in to text. False after a complaint, in errors. */
static bool read_all(const char *content, char text[MAP_TEXT_SIZE], struct capture *errors)
{
	struct map_source all = {.kind = ALL_RANGES};
	static struct room room;
	struct facts facts = {.room = &room, .user.by_helper = true};
	struct request request = {.map_users = {.count = 1, .list = &all}};
	int result;

	uid_map = content;
	start_capture(errors);
	result = read_maps(&facts, &request);
	end_capture(errors);
	assert_int_equal(fcntl(uid_map_file, F_GETFD), -1);
	strcpy(text, room.user_map);
	return result == 0;
}

static void whole_maps(void **state)
{
	static const struct {
		const char *content;
		const char *expected;
	} maps[] = {
	    {"", ""},
	    {"         0          0 4294967295\n", "0 0 4294967295\n"},
	    {"         0       1000          1\n", "0 0 1\n"},
	    {"0 1000 1\n1 100000 65536", "0 0 1\n1 1 65536\n"},
	};
	char text[MAP_TEXT_SIZE];
	struct capture errors;

	(void)state;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		assert_true(read_all(maps[i].content, text, &errors));
		assert_string_equal(text, maps[i].expected);
		assert_string_equal(errors.text, "");
	}
}

static void broken_maps(void **state)
{
	static const char *const maps[] = {
	    "\n",
	    "0\n",
	    "0 0\n",
	    "0 0 x\n",
	    "0 x 1\n",
	    "x 0 1\n",
	    "0 0 1 2\n",
	    "0 0 1 \n",
	    "0 0 1:2\n",
	    "0 0 0\n",
	    "4294967295 0 1\n",
	    "1 0 4294967295\n",
	    "0 0 4294967296\n",
	    "-1 0 1\n",
	    "0 0 1\n0 0 1 2\n",
	};
	char text[MAP_TEXT_SIZE];
	struct capture errors;

	(void)state;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		if (read_all(maps[i], text, &errors))
			fail_msg("accepted: %s", maps[i]);
		assert_string_equal(errors.text, "nsrun: malformed line in /proc/self/uid_map\n");
	}
}

static void overlapping_maps(void **state)
{
	char text[MAP_TEXT_SIZE];
	struct capture errors;

	(void)state;
	assert_false(read_all("0 5 10\n9 50 1\n", text, &errors));
	assert_string_equal(errors.text,
			    "nsrun: --map-users: ranges '0:0:10' and '9:9:1' overlap\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_maps),
	    cmocka_unit_test(broken_maps),
	    cmocka_unit_test(overlapping_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
