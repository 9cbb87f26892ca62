#include "plan.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "text.h"

enum { PRIVATE = MS_REC | MS_PRIVATE, NEW_FILE_SYSTEM = MS_NOSUID | MS_NODEV | MS_NOEXEC };

static struct step *add(struct plan *plan, enum actor by, enum operation operation, const char *why)
{
	struct step *step = &plan->steps[plan->count++];

	step->by = by;
	step->operation = operation;
	step->why = why;
	return step;
}

/* Two processes take turns: the one that is done tells the other, which awaits it. */
static void pass_baton(struct plan *plan, enum actor from, enum actor to, const char *why)
{
	add(plan, from, TELL, why)->other = to;
	add(plan, to, AWAIT, why)->other = from;
}

static void add_write(struct plan *plan, enum actor by, const char *path, const char *text,
		      const char *why)
{
	struct step *step = add(plan, by, WRITE_FILE, why);

	step->write.path = path;
	step->write.text = text;
}

static void add_mount(struct plan *plan, enum actor by, const char *source, const char *target,
		      const char *type, unsigned long flags, const char *why)
{
	struct step *step = add(plan, by, MOUNT, why);

	step->mount.source = source;
	step->mount.target = target;
	step->mount.type = type;
	step->mount.flags = flags;
}

/* Strings that are put together live in the plan, one after the other. */
static const char *join(struct plan *plan, const char *format, ...)
{
	char *start = plan->text + plan->text_length;
	struct text text = {
	    .start = start, .capacity = PLAN_TEXT_SIZE - plan->text_length - 1, .descriptor = -1};
	va_list arguments;

	va_start(arguments, format);
	text_format(&text, format, arguments);
	va_end(arguments);
	start[text.length] = '\0';
	plan->text_length += text.length + 1;
	return start;
}

static void plan_owner(struct plan *plan, const struct request *request)
{
	const char *why = "a user namespace belongs to the user who makes it (user_namespaces(7))";

	if (!request->owner_user.given)
		return;
	add(plan, LAUNCHER, DROP_GROUPS, why);
	add(plan, LAUNCHER, SET_GROUP, why)->id = request->owner_group.id;
	add(plan, LAUNCHER, SET_USER, why)->id = request->owner_user.id;
}

static void plan_helper_map(struct plan *plan, const struct facts *facts, const char *file,
			    const char *text)
{
	add_write(plan, HELPER, join(plan, "/proc/%s/%s", facts->launcher_name, file), text,
		  "a map of several ids is written from the outer user namespace "
		  "(user_namespaces(7))");
}

static void plan_helper_maps(struct plan *plan, const struct facts *facts)
{
	struct step *step;

	if (facts->is_root) {
		if (facts->user.by_helper)
			plan_helper_map(plan, facts, "uid_map", facts->user_map.text);
		if (facts->group.by_helper)
			plan_helper_map(plan, facts, "gid_map", facts->group_map.text);
		return;
	}
	step = add(plan, HELPER, RUN_MAPPERS,
		   "only root may map other ids than its own; newuidmap and newgidmap check "
		   "/etc/subuid and /etc/subgid and do it for others (newuidmap(1))");
	step->mappers.user_map = facts->user.by_helper ? facts->user_map.text : NULL;
	step->mappers.group_map = facts->group.by_helper ? facts->group_map.text : NULL;
	step->mappers.process = facts->launcher_name;
}

static void plan_clock(struct plan *plan, const struct optional_seconds *offset, const char *clock)
{
	if (offset->given)
		add_write(plan, LAUNCHER, "/proc/self/timens_offsets",
			  join(plan, "%s %l 0\n", clock, (long long)offset->seconds),
			  "offsets are fixed once a process is in the time namespace "
			  "(time_namespaces(7))");
}

static void plan_fork(struct plan *plan, const struct request *request, const struct facts *facts)
{
	if (!request->fork)
		return;
	if (request->kill_child)
		add(plan, LAUNCHER, OPEN_LAUNCHER,
		    "the child must be able to see whether its launcher still lives "
		    "(pidfd_open(2))");
	add(plan, LAUNCHER, BLOCK_SIGNALS,
	    "a Ctrl-C is for the program; nsrun stays to report how it ended")
	    ->flag = request->forward_signals;
	add(plan, LAUNCHER, FORK,
	    facts->namespaces & namespace_types[PID_NAMESPACE].flag
		? "the first child becomes PID 1 of the new PID namespace (pid_namespaces(7))"
		: "the program runs as a child, and nsrun waits for it");
	add(plan, CHILD, RESTORE_SIGNALS, "the program starts with the signal state of the caller");
}

static const char *pin_source(struct plan *plan, const struct facts *facts, unsigned type)
{
	return join(plan, "/proc/%s/ns/%s", facts->launcher_name, namespace_types[type].new_link);
}

static void plan_pins(struct plan *plan, enum actor program, const struct request *request,
		      const struct facts *facts)
{
	if (!has_pins(request))
		return;
	pass_baton(plan, program, HELPER, "the namespaces exist now and can be pinned");
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		struct step *step;

		if (!request->pins[i])
			continue;
		step = add(plan, HELPER, PIN,
			   "a bind mount keeps a namespace alive when its last process is gone "
			   "(namespaces(7))");
		step->mount.source = pin_source(plan, facts, i);
		step->mount.target = request->pins[i];
		step->mount.flags = MS_BIND;
	}
	if (request->fork)
		pass_baton(plan, HELPER, CHILD, "the program runs only if every pin holds");
	else
		add(plan, LAUNCHER, REAP_HELPER, "the program runs only if every pin holds");
}

static void plan_single_maps(struct plan *plan, enum actor program, const struct request *request,
			     const struct facts *facts)
{
	bool user = request->map_user.kind != NOT_MAPPED && !facts->user.by_helper;
	bool group = request->map_group.kind != NOT_MAPPED && !facts->group.by_helper;

	if (user)
		add_write(plan, program, "/proc/self/uid_map",
			  join(plan, "%u %u 1\n", facts->user.inner, facts->user.outer),
			  "a process may map its own user id by itself (user_namespaces(7))");
	if (group) {
		add_write(plan, program, "/proc/self/setgroups", "deny",
			  "groups may also deny access: before a process maps its own group it "
			  "must give up dropping groups (user_namespaces(7))");
		plan->steps[plan->count - 1].tolerates = ENOENT;
		add_write(plan, program, "/proc/self/gid_map",
			  join(plan, "%u %u 1\n", facts->group.inner, facts->group.outer),
			  "a process may map its own group id by itself (user_namespaces(7))");
	}
	if (request->setgroups != SETGROUPS_UNTOUCHED) {
		add_write(plan, program, "/proc/self/setgroups",
			  request->setgroups == SETGROUPS_ALLOW ? "allow" : "deny",
			  "whether setgroups(2) may be called here, as asked for");
		plan->steps[plan->count - 1].tolerates = ENOENT;
	}
}

/* An interpreter with the flag F is opened when it is registered, so that it may lie
 * outside the new root (binfmt_misc in the kernel's admin guide). */
static bool is_opened_at_once(const char *interpreter)
{
	const char *flags = strrchr(interpreter, ':');

	return flags && strchr(flags, 'F') != NULL;
}

static void plan_binfmt(struct plan *plan, enum actor program, const char *target,
			const char *interpreter)
{
	add_mount(plan, program, "binfmt_misc", target, "binfmt_misc", NEW_FILE_SYSTEM,
		  "a user namespace has a list of binary formats of its own once it mounts one");
	if (interpreter)
		add_write(plan, program, join(plan, "%s/register", target), interpreter,
			  "a line in register makes a binary format known");
}

static void plan_root(struct plan *plan, enum actor program, const struct request *request)
{
	const char *directory = request->directory;

	if (request->root) {
		add(plan, program, CHANGE_ROOT, "what the program sees as / (chroot(2))")->path =
		    request->root;
		if (!directory)
			directory = "/";
	}
	if (directory)
		add(plan, program, CHANGE_DIRECTORY,
		    request->directory ? "the working directory that was asked for"
				       : "chroot(2) leaves the working directory outside")
		    ->path = directory;
}

static void plan_mounts(struct plan *plan, enum actor program, const struct request *request,
			const struct facts *facts)
{
	bool own_mounts = facts->namespaces & namespace_types[MOUNT_NAMESPACE].flag;
	const char *interpreter = request->interpreter;
	const char *usual_binfmt = "/proc/sys/fs/binfmt_misc";

	if (own_mounts && request->propagation)
		add_mount(plan, program, "none", "/", NULL, request->propagation,
			  "a copied mount may still pass mounts to and from the host "
			  "(mount_namespaces(7))");
	if (interpreter && request->root && is_opened_at_once(interpreter)) {
		plan_binfmt(plan, program, usual_binfmt, interpreter);
		interpreter = NULL;
	}
	plan_root(plan, program, request);
	if (request->proc) {
		if (!request->root && request->propagation != PRIVATE) {
			add_mount(plan, program, "none", request->proc, NULL, PRIVATE,
				  "the new proc must not reach the host");
			/* Where nothing is mounted there, nothing can pass through it. */
			plan->steps[plan->count - 1].tolerates = EINVAL;
		}
		add_mount(plan, program, "proc", request->proc, "proc", NEW_FILE_SYSTEM,
			  "a proc shows the PID namespace of the process that mounts it "
			  "(pid_namespaces(7))");
	}
	if (request->binfmt)
		plan_binfmt(plan, program, request->binfmt, interpreter);
}

static void plan_credentials(struct plan *plan, enum actor program, const struct request *request,
			     const struct facts *facts)
{
	if (request->group.given) {
		add(plan, program, DROP_GROUPS, "the caller's other groups are not wanted inside");
		add(plan, program, SET_GROUP, "the group that was asked for")->id =
		    request->group.id;
	}
	if (request->user.given)
		add(plan, program, SET_USER, "the user that was asked for")->id = request->user.id;
	if (request->keep_capabilities && facts->namespaces & namespace_types[USER_NAMESPACE].flag)
		add(plan, program, KEEP_CAPABILITIES,
		    "only ambient capabilities survive the exec of an ordinary program "
		    "(capabilities(7))");
}

static void plan_program(struct plan *plan, enum actor program, const struct request *request,
			 const struct facts *facts)
{
	struct step *step;

	/* After the last change of ids, which would clear it. */
	if (request->kill_child)
		add(plan, program, DIE_WITH_LAUNCHER,
		    "the kernel signals the child when its launcher dies "
		    "(PR_SET_PDEATHSIG(2const))")
		    ->signal = request->kill_child;
	step = add(plan, program, EXECUTE, "the program takes over");
	step->program.path = facts->path;
	step->program.arguments = facts->program;
	step->program.environment = facts->environment;
	if (request->fork && has_pins(request))
		add(plan, LAUNCHER, REAP_HELPER, "the pins stay, since the program runs");
	if (request->fork)
		add(plan, LAUNCHER, WAIT_FOR_CHILD, "nsrun ends as the program does")->flag =
		    request->forward_signals;
}

void make_plan(struct plan *plan, const struct request *request, const struct facts *facts)
{
	enum actor program = request->fork ? CHILD : LAUNCHER;
	bool maps = facts->user.by_helper || facts->group.by_helper;
	bool helped = maps || has_pins(request);

	if (request->fork || helped)
		add(plan, LAUNCHER, RESET_CHILD_SIGNAL,
		    "an ignored SIGCHLD would hide how a child ended (wait(2))");
	if (helped)
		add(plan, LAUNCHER, START_HELPER, "somebody must stay in the old namespaces")
		    ->flag = has_pins(request);
	if (has_pins(request))
		add(plan, HELPER, GUARD_PINS,
		    "whatever is killed from now on, no pin is left behind");
	plan_owner(plan, request);
	if (facts->namespaces)
		add(plan, LAUNCHER, UNSHARE, "new namespaces for this process and its children")
		    ->namespaces = facts->namespaces;
	if (maps) {
		pass_baton(plan, LAUNCHER, HELPER,
			   "the new user namespace exists and can be mapped");
		plan_helper_maps(plan, facts);
	}
	if (maps && has_pins(request))
		pass_baton(plan, HELPER, LAUNCHER, "the maps are written");
	if (maps && !has_pins(request))
		add(plan, LAUNCHER, REAP_HELPER,
		    "the maps are written when the helper has succeeded");
	plan_clock(plan, &request->boottime, "boottime");
	plan_clock(plan, &request->monotonic, "monotonic");
	plan_fork(plan, request, facts);
	plan_pins(plan, program, request, facts);
	plan_single_maps(plan, program, request, facts);
	plan_mounts(plan, program, request, facts);
	plan_credentials(plan, program, request, facts);
	plan_program(plan, program, request, facts);
}

const char *actor_name(enum actor actor)
{
	static const char *const names[] = {"launcher", "helper", "child"};

	return names[actor];
}

const char *operation_name(enum operation operation)
{
	static const char *const names[OPERATIONS] = {
	    [RESET_CHILD_SIGNAL] = "default SIGCHLD",
	    [START_HELPER] = "start helper",
	    [GUARD_PINS] = "guard pins",
	    [TELL] = "tell",
	    [AWAIT] = "await",
	    [DROP_GROUPS] = "drop groups",
	    [SET_GROUP] = "set group",
	    [SET_USER] = "set user",
	    [UNSHARE] = "unshare",
	    [WRITE_FILE] = "write",
	    [RUN_MAPPERS] = "map ids",
	    [OPEN_LAUNCHER] = "open launcher",
	    [BLOCK_SIGNALS] = "block signals",
	    [FORK] = "fork",
	    [RESTORE_SIGNALS] = "restore signals",
	    [PIN] = "pin",
	    [REAP_HELPER] = "reap helper",
	    [MOUNT] = "mount",
	    [CHANGE_ROOT] = "change root",
	    [CHANGE_DIRECTORY] = "change directory",
	    [KEEP_CAPABILITIES] = "keep capabilities",
	    [DIE_WITH_LAUNCHER] = "die with launcher",
	    [EXECUTE] = "execute",
	    [WAIT_FOR_CHILD] = "wait",
	};

	return names[operation];
}
