#include "suggest.h"

#include <ctype.h>
#include <string.h>

#include "message.h"
#include "option.h"

/* bwrap(1), nsenter(1), chroot(1), setpriv(1), podman-run(1), systemd-nspawn(1),
 * firejail(1), and what many tools have. */
const struct foreign_option foreign_options[] = {
    {"unshare-user unshare-user-try", "--user"},
    {"unshare-ipc", "--ipc"},
    {"unshare-pid", "--pid, which goes with --fork"},
    {"unshare-net private-network network", "--net"},
    {"unshare-uts", "--uts"},
    {"unshare-cgroup unshare-cgroup-try", "--cgroup"},
    {"unshare-all", "--all"},
    {"proc", "--mount-proc"},
    {"chdir cwd workdir", "--wd"},
    {"die-with-parent pdeathsig", "--kill-child"},
    {"uid", "inside, --map-user maps you to a user, --setuid runs the program as one"},
    {"gid", "inside, --map-group maps you to a group, --setgid runs the program as one"},
    {"reuid", "--setuid"},
    {"regid", "--setgid"},
    {"userspec", "--setuid and --setgid"},
    {"uidmap", "--map-users"},
    {"gidmap", "--map-groups"},
    {"private-users", "--map-auto"},
    {"chroot", "--root"},
    {"dry-run", "--explain"},
    {"verbose", "--trace"},
    {"rm", "there is no need for it: nsrun leaves nothing behind"},
    {"setenv env", "let env(1) set it: nsrun ... env NAME=value program"},
    {"target", "nsrun only makes namespaces: nsenter(1) enters those of a process"},
    {"bind ro-bind dev-bind dev tmpfs volume",
     "nsrun mounts nothing but proc and binfmt_misc: bwrap(1) does this"},
    {"symlink", "nsrun makes no files inside: bwrap(1) does this"},
    {"seccomp", "nsrun filters no system calls: bwrap(1) does this"},
    {"cap-add cap-drop", "nsrun only has --keep-caps: setpriv(1) chooses capabilities"},
};
const size_t foreign_option_count = sizeof(foreign_options) / sizeof(foreign_options[0]);

bool is_among(const char *names, const char *word, size_t length)
{
	for (;; names++) {
		if (strncmp(names, word, length) == 0 && (names[length] == ' ' || !names[length]))
			return true;
		names = strchr(names, ' ');
		if (!names)
			return false;
	}
}

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	/* Row i tells how far the first i letters of a are from each start of b. */
	size_t rows[LONGEST_COMPARED + 1][LONGEST_COMPARED + 1];

	for (size_t i = 0; i <= a_length; i++) {
		rows[i][0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			if (i == 0) {
				rows[0][j] = j;
				continue;
			}
			rows[i][j] = lesser(rows[i - 1][j], rows[i][j - 1]) + 1;
			rows[i][j] =
			    lesser(rows[i][j], rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
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

void hint_name(const struct option_row *rows, size_t count, const char *word, size_t length)
{
	const char *nearest = nearest_name(rows, count, word, length);

	for (size_t i = 0; i < foreign_option_count; i++) {
		const struct foreign_option *foreign = &foreign_options[i];

		if (is_among(foreign->names, word, length)) {
			hint(*foreign->advice == '-' ? "nsrun calls it %s" : "%s", foreign->advice);
			return;
		}
	}
	if (nearest)
		hint("did you mean --%s?", nearest);
}

void hint_candidates(const struct option_row *rows, size_t count, const char *word, size_t length)
{
	char buffer[256];
	struct text list = text_in(buffer, sizeof(buffer));

	for (size_t i = 0; i < count; i++) {
		if (strncmp(rows[i].name, word, length) == 0)
			text_print(&list, " --%s", rows[i].name);
	}
	text_show_cut(&list);
	hint("it could stand for%s", text_end(&list));
}

void hint_letter(const struct option_row *rows, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++) {
		const struct option_row *option = &rows[i];
		char known[] = {option->letter, '\0'};

		if (option->letter && letter != option->letter &&
		    tolower((unsigned char)letter) == tolower((unsigned char)option->letter))
			hint("did you mean -%s (--%s)?", known, option->name);
	}
}
