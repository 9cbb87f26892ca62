#include "facts.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "database.h"
#include "hint.h"
#include "look.h"
#include "maps.h"
#include "message.h"
#include "program.h"
#include "text.h"

void note_read(struct facts *facts, const char *path)
{
	for (unsigned i = 0; i < facts->read_count; i++) {
		if (strcmp(facts->reads[i], path) == 0)
			return;
	}
	facts->reads[facts->read_count++] = path;
}

static int read_namespaces(struct facts *facts, const struct request *request)
{
	unsigned long offered;

	facts->namespaces = request->namespaces;
	if (!request->all)
		return 0;
	offered = offered_namespaces();
	if (!offered)
		return complain_of(errno, "cannot list the kernel's namespaces in /proc/self/ns");
	facts->namespaces |= offered;
	facts->listed_namespaces = true;
	if ((request->monotonic.given || request->boottime.given) &&
	    !(facts->namespaces & namespace_types[TIME_NAMESPACE].flag))
		return complain("this kernel has no time namespaces, so clocks have no offsets");
	return 0;
}

static void read_launcher(struct facts *facts, bool explained)
{
	struct text digits = {.start = facts->room->launcher_digits,
			      .capacity = sizeof(facts->room->launcher_digits) - 1,
			      .descriptor = -1};

	facts->launcher = getpid();
	text_number(&digits, facts->launcher);
	/* An explanation speaks of a run to come, whose pid nobody knows. */
	facts->launcher_name = explained ? "LAUNCHER" : facts->room->launcher_digits;
}

/* The user's shell as passwd(5) has it, or NULL. */
static const char *find_users_shell(struct facts *facts)
{
	enum { SHELL_FIELD = 6 };
	struct record user;

	note_read(facts, "/etc/passwd");
	if (!find_user((uint32_t)getauxval(AT_EUID), &user) || user.count <= SHELL_FIELD ||
	    !*user.fields[SHELL_FIELD] ||
	    strlen(user.fields[SHELL_FIELD]) >= sizeof(facts->room->shell_path))
		return NULL;
	return strcpy(facts->room->shell_path, user.fields[SHELL_FIELD]);
}

/* A login shell's name starts with '-', as login(1) does it. */
static int read_shell(struct facts *facts)
{
	const char *shell = find_variable(facts->environment, "SHELL");
	const char *slash;

	if (!shell)
		shell = find_users_shell(facts);
	if (!shell)
		shell = "/bin/sh";
	slash = strrchr(shell, '/');
	if (strlen(slash ? slash + 1 : shell) >= sizeof(facts->room->shell_name) - 1)
		return complain("the name of the shell '%s' is too long", shell);
	facts->room->shell_name[0] = '-';
	strcpy(facts->room->shell_name + 1, slash ? slash + 1 : shell);
	facts->room->shell_arguments[0] = facts->room->shell_name;
	facts->program = facts->room->shell_arguments;
	facts->path = shell;
	return 0;
}

/* mount_namespaces(7): a pinned mount namespace must not be passed on to others. */
static int check_mount_pin(struct facts *facts, const char *file)
{
	if (!file)
		return 0;
	note_read(facts, "/proc/self/mountinfo");
	if (find_place(file) != PLACE_SHARED)
		return 0;
	complain("cannot pin a mount namespace to '%s': it is on a shared mount", file);
	hint_private_mount(file);
	return -1;
}

int read_facts(struct facts *facts, const struct request *request, char **environment)
{
	facts->environment = environment;
	if (request->kept_variables)
		keep_variables(environment, request->kept_variables);
	else if (request->clear_environment)
		environment[0] = NULL;

	if (read_namespaces(facts, request) < 0)
		return -1;
	if (facts->namespaces & namespace_types[USER_NAMESPACE].flag &&
	    read_ids(facts, request) < 0)
		return -1;
	if (check_mount_pin(facts, request->pins[MOUNT_NAMESPACE]) < 0)
		return -1;
	if (facts->user.by_helper || facts->group.by_helper || has_pins(request))
		read_launcher(facts, request->explain != NO_OUTPUT);
	facts->program = request->program;
	facts->path = request->program[0];
	return *request->program ? 0 : read_shell(facts);
}
