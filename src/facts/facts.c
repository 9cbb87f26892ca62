#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "database.h"
#include "look.h"
#include "message.h"

static int read_id(struct facts *facts, const struct wanted_id *wanted, uint32_t current,
		   const char *database, uint32_t *id)
{
	*id = wanted->kind == TO_CURRENT ? current : wanted->id;
	return wanted->kind == TO_NAME ? find_id(facts->journal, database, wanted->name, id) : 0;
}

static int read_ids(struct facts *facts, const struct request *request)
{
	struct id_facts *user = &facts->user, *group = &facts->group;
	/* A namespace that belongs to somebody else can be mapped only from outside. */
	bool owned = request->has_owner;

	/* Still as the kernel noted them down at the start: no call is needed (getauxval(3)). */
	user->outer = (uint32_t)getauxval(AT_EUID);
	group->outer = (uint32_t)getauxval(AT_EGID);
	if (read_id(facts, &request->map_user, user->outer, "passwd", &user->inner) < 0 ||
	    read_id(facts, &request->map_group, group->outer, "group", &group->inner) < 0)
		return -1;
	user->by_helper = request->map_users.count || (owned && request->map_user.kind);
	group->by_helper = request->map_groups.count || (owned && request->map_group.kind);
	return user->by_helper || group->by_helper ? read_maps(facts, request) : 0;
}

static int add_offered_namespaces(struct facts *facts, const struct request *request)
{
	unsigned long offered = offered_namespaces(facts->journal);

	if (!offered) {
		complain("cannot list the kernel's namespaces in /proc/self/ns: %m");
		(void)advise_proc(errno);
		return -1;
	}
	facts->namespaces |= offered;
	if ((*request->monotonic || *request->boottime) &&
	    !has_namespace(facts->namespaces, TIME_NAMESPACE))
		return complain("this kernel has no time namespaces, so clocks have no offsets");
	return 0;
}

/* The launcher's pid as /proc and so newuidmap(1) have it, which may not be getpid(2)'s. */
static int read_launcher(struct facts *facts, bool explained)
{
	char *name = facts->room->launcher_name;
	const size_t most = sizeof(facts->room->launcher_name) - 1;
	ssize_t length = readlink("/proc/self", name, most);

	journal_call(facts->journal, length, "readlink(\"/proc/self\", buffer, %l)",
		     (long long)most);
	if (length < 0) {
		complain("cannot readlink(\"/proc/self\"): %m");
		(void)advise_proc(errno);
		return -1;
	}
	name[length] = '\0';
	/* An explanation speaks of a run to come, whose pid nobody knows. */
	if (explained)
		strcpy(name, "LAUNCHER");
	return 0;
}

/* The user's shell as passwd(5) has it, or else /bin/sh. */
static int read_users_shell(struct facts *facts)
{
	enum { SHELL_FIELD = 6 };
	struct record *user = &facts->room->user;
	int found = find_user(facts->journal, (uint32_t)getauxval(AT_EUID), user);
	const char *shell = found > 0 ? cut_field(user, SHELL_FIELD) : NULL;

	facts->file = shell && *shell ? shell : "/bin/sh";
	if (found > 0 && !shell && user->overlong)
		return complain("the shell of user %s is too long, or has a NUL", user->line);
	return found < 0 ? -1 : 0;
}

/* A login shell's name starts with '-', as login(1) does it. */
static int read_shell(struct facts *facts)
{
	struct room *room = facts->room;
	const char *slash, *name;

	facts->file = getenv("SHELL");
	if ((!facts->file || !*facts->file) && read_users_shell(facts) < 0)
		return -1;
	slash = strrchr(facts->file, '/');
	name = slash ? slash + 1 : facts->file;
	if (strlen(name) >= sizeof(room->shell_name) - 1)
		return complain("the name of the shell '%s' is too long", facts->file);
	room->shell_name[0] = '-';
	strcpy(room->shell_name + 1, name);
	room->shell_arguments[0] = room->shell_name;
	room->shell_arguments[1] = NULL;
	facts->command = room->shell_arguments;
	return 0;
}

bool advise_private_mount(const char *file)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+,-./:=@_%";
	char directory[PATH_MAX], word[5 * PATH_MAX];
	char *rest = find_directory(file, directory);
	const char *quote = rest[strspn(rest, plain)] ? "'" : "", *piece;
	struct text text = text_in(word, sizeof(word));

	/* For a shell, and with the bytes that a terminal would act on as escapes. */
	text_add(&text, quote);
	while ((piece = strsep(&rest, "'")))
		text_print(&text, rest ? "%s'\\''" : "%s", piece);
	text_add(&text, quote);
	text_end(&text);
	hint("make its directory a private mount first:");
	hint("  mount --bind %r %r", word, text.length, word, text.length);
	return hint("  mount --make-private %r", word, text.length);
}

/* One of the places where a namespace is pinned already, or NULL. */
__attribute__((cold)) static const char *find_pinned(struct journal *journal,
						     const struct request *request)
{
	enum { FILE_SYSTEM_OF_NAMESPACES = 0x6e736673 };

	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		struct statfs system;
		int result = request->pins[i] ? statfs(request->pins[i], &system) : -1;

		if (request->pins[i])
			journal_call(journal, result, "statfs(%q, &system)", request->pins[i]);
		if (result == 0 && system.f_type == FILE_SYSTEM_OF_NAMESPACES)
			return request->pins[i];
	}
	return NULL;
}

/* Only a person reads notes. */
static void read_terminal(struct facts *facts)
{
	struct winsize size;
	int result = ioctl(STDERR_FILENO, TIOCGWINSZ, &size);

	facts->errors_on_terminal = result == 0;
	journal_call(facts->journal, result, "ioctl(2, TIOCGWINSZ, &size)");
}

/* Where the table has the variable of that name, or has room for it (open addressing). */
__attribute__((cold)) static char **find_slot(char **table, size_t size, const char *name,
					      size_t length)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 1099511628211U;
	for (hash %= size; table[hash]; hash = (hash + 1) % size) {
		if (strncmp(table[hash], name, length) == 0 && table[hash][length] == '=')
			break;
	}
	return &table[hash];
}

int keep_variables(char **environment, char *const *lists, size_t list_count)
{
	size_t count = 0, kept = 0;

	while (environment[count])
		count++;
	const size_t size = 2 * count + 1;
	/* Not on the stack, which may have room for no more than the kernel has put there
	 * (execve(2)). */
	char **table = mmap(NULL, size * sizeof(*table), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(environment[i], "=");
		char **slot = find_slot(table, size, environment[i], length);

		/* Of two with the same name the first one counts (getenv(3)). */
		if (!*slot && environment[i][length])
			*slot = environment[i];
	}
	for (size_t i = 0; i < list_count; i++) {
		const char *name = lists[i];

		while (*name) {
			size_t length = strcspn(name, ",");
			char **slot = find_slot(table, size, name, length);

			if (*slot && length > 0) {
				environment[kept++] = *slot;
				*slot = (char *)""; /* nothing has this name */
			}
			name += length + (name[length] == ',');
		}
	}
	environment[kept] = NULL;
	return munmap(table, size * sizeof(*table));
}

int read_facts(struct facts *facts, const struct request *request)
{
	const char *mount_pin = request->pins[MOUNT_NAMESPACE];

	if (!request->kept_variables && request->clear_environment)
		environ[0] = NULL;
	if (request->kept_variables &&
	    keep_variables(environ, request->kept_variables, request->kept_lists) < 0)
		return complain("cannot get memory for the environment: %m");

	facts->namespaces = request->namespaces;
	if (request->all && add_offered_namespaces(facts, request) < 0)
		return -1;
	if (has_namespace(facts->namespaces, USER_NAMESPACE) && read_ids(facts, request) < 0)
		return -1;
	/* As --setuid and --setgid have them, with or without a user namespace. */
	if ((request->user.kind | request->group.kind) &&
	    (read_id(facts, &request->user, 0, "passwd", &facts->user.last) < 0 ||
	     read_id(facts, &request->group, 0, "group", &facts->group.last) < 0))
		return -1;
	/* A pinned mount namespace must not be passed on to others (mount_namespaces(7)). */
	if (mount_pin && find_propagation(facts->journal, mount_pin) == MOUNT_IS_SHARED) {
		complain("cannot pin a mount namespace to '%s': it is on a shared mount",
			 mount_pin);
		advise_private_mount(mount_pin);
		return -1;
	}
	facts->helper_writes = facts->user.by_helper || facts->group.by_helper ||
			       (request->has_owner && (request->setgroups != SETGROUPS_UNTOUCHED ||
						       *request->monotonic || *request->boottime));
	if (facts->helper_writes && facts->user.outer != 0 &&
	    read_launcher(facts, request->explain != NO_OUTPUT) < 0)
		return -1;
	if (request->has_pins)
		facts->pinned = find_pinned(facts->journal, request);
	/* A line of a map has the id outside between two blanks. */
	facts->root_is_given_away = request->has_owner && request->owner_user != 0 &&
				    facts->user.by_helper && strstr(facts->room->user_map, " 0 ");
	if ((has_namespace(facts->namespaces, PID_NAMESPACE) && !request->fork) || facts->pinned ||
	    facts->root_is_given_away ||
	    (request->keep_capabilities && !has_namespace(facts->namespaces, USER_NAMESPACE)))
		read_terminal(facts);
	if (!*request->command)
		return read_shell(facts);
	facts->command = request->command;
	facts->file = request->command[0];
	return 0;
}
