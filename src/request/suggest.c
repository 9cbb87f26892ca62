#include "options.h"

#include <string.h>
#include <strings.h>

#include "message.h"

/* bwrap(1), nsenter(1), chroot(1), setpriv(1), podman-run(1), systemd-nspawn(1),
 * firejail(1), and what many tools have. */
const char foreign_options[] =
    "unshare-user|unshare-user-try\0--user\0"
    "unshare-ipc\0--ipc\0"
    "unshare-pid\0--pid, which goes with --fork\0"
    "unshare-net|private-network|network\0--net\0"
    "unshare-uts\0--uts\0"
    "unshare-cgroup|unshare-cgroup-try\0--cgroup\0"
    "unshare-all\0--all\0"
    "proc\0--mount-proc\0"
    "chdir|cwd|workdir\0--wd\0"
    "die-with-parent|pdeathsig\0--kill-child\0"
    "uid\0inside, --map-user maps you to a user, --setuid runs the program as one\0"
    "gid\0inside, --map-group maps you to a group, --setgid runs the program as one\0"
    "reuid\0--setuid\0"
    "regid\0--setgid\0"
    "userspec\0--setuid and --setgid\0"
    "uidmap\0--map-users\0"
    "gidmap\0--map-groups\0"
    "private-users\0--map-auto\0"
    "chroot\0--root\0"
    "dry-run\0--explain\0"
    "verbose\0--trace\0"
    "rm\0there is no need for it: nsrun leaves nothing behind\0"
    "setenv|env\0let env(1) set it: nsrun ... env NAME=value program\0"
    "target\0nsrun only makes namespaces: nsenter(1) enters those of a process\0"
    "bind|ro-bind|dev-bind|dev|tmpfs|volume\0"
    "nsrun mounts nothing but proc and binfmt_misc: bwrap(1) does this\0"
    "symlink\0nsrun makes no files inside: bwrap(1) does this\0"
    "seccomp\0nsrun filters no system calls: bwrap(1) does this\0"
    "cap-add|cap-drop\0nsrun only has --keep-caps: setpriv(1) chooses capabilities\0";

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	/* Row i tells how far the first i letters of a are from each start of b. */
	size_t rows[LONGEST_COMPARED + 1][LONGEST_COMPARED + 1];

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		rows[i][0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			rows[i][j] = lesser(lesser(rows[i - 1][j], rows[i][j - 1]) + 1,
					    rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				rows[i][j] = lesser(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	}
	return rows[a_length][b_length];
}

const char *nearest_name(const struct option_row *rows, size_t count, const char *word,
			 size_t length)
{
	const char *nearest = NULL;
	size_t least = length / 3 + 1;

	for (size_t i = 0; length <= LONGEST_COMPARED && i < count; i++) {
		const char *name = rows[i].name;
		size_t distance = edit_distance(word, length, name, strlen(name));

		if (distance < least) {
			least = distance;
			nearest = name;
		}
	}
	return nearest;
}

bool hint_name(const char *word, size_t length)
{
	const char *nearest = nearest_name(options, option_count, word, length);
	char buffer[256];
	struct text candidates = text_in(buffer, sizeof(buffer));

	for (size_t i = 0; i < option_count; i++) {
		if (strncmp(options[i].name, word, length) == 0)
			text_print(&candidates, " --%s", options[i].name);
	}
	if (candidates.length > 0)
		return hint("it could stand for%s", text_end(&candidates));
	for (const char *names = foreign_options, *advice; *names;
	     names = advice + strlen(advice) + 1) {
		advice = names + strlen(names) + 1;
		if (find_word(names, word, length))
			return hint(*advice == '-' ? "nsrun calls it %s" : "%s", advice);
	}
	return nearest && hint("did you mean --%s?", nearest);
}

void hint_letter(const char *letter)
{
	for (size_t i = 0; i < option_count; i++) {
		char known[] = {options[i].letter, '\0'};

		if (strcasecmp(letter, known) == 0)
			hint("did you mean -%s (--%s)?", known, options[i].name);
	}
}
