#include "plan.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "steps.h"
#include "text.h"

static void plan_owner(struct plan *plan, const struct request *request)
{
	const char *why = "a user namespace belongs to the user who makes it (user_namespaces(7))";

	if (!request->owner_user.given)
		return;
	add_step(plan, LAUNCHER, DROP_GROUPS, why);
	add_step(plan, LAUNCHER, SET_GROUP, why)->group = request->owner_group.id;
	add_step(plan, LAUNCHER, SET_USER, why)->user = request->owner_user.id;
}

/* The launcher waits for it, so that its number is nobody else's. One that is killed stays
 * a zombie until its parent knows, and then the helper ends too. */
static void plan_helper_map(struct plan *plan, const struct facts *facts, const char *file,
			    const char *text)
{
	add_write(plan, HELPER, join_text(plan, "/proc/%s/%s", facts->launcher_name, file), text,
		  "a map of several ids is written from the outer user namespace "
		  "(user_namespaces(7))");
}

static void plan_helper_maps(struct plan *plan, const struct facts *facts)
{
	struct step *step;

	if (facts->is_root) {
		if (facts->user.by_helper)
			plan_helper_map(plan, facts, "uid_map", facts->room->user_map.text);
		if (facts->group.by_helper)
			plan_helper_map(plan, facts, "gid_map", facts->room->group_map.text);
		return;
	}
	step = add_step(plan, HELPER, RUN_MAPPERS,
			"only root may map other ids than its own; newuidmap and newgidmap check "
			"/etc/subuid and /etc/subgid and do it for others (newuidmap(1))");
	step->mappers.user_map = facts->user.by_helper ? facts->room->user_map.text : NULL;
	step->mappers.group_map = facts->group.by_helper ? facts->room->group_map.text : NULL;
	step->mappers.process = facts->launcher_name;
}

static void plan_clock(struct plan *plan, const struct optional_seconds *offset, const char *clock)
{
	if (offset->given)
		add_write(plan, LAUNCHER, "/proc/self/timens_offsets",
			  join_text(plan, "%s %l 0\n", clock, (long long)offset->seconds),
			  "offsets are fixed once a process is in the time namespace "
			  "(time_namespaces(7))");
}

static enum signal_care signal_care(const struct request *request)
{
	if (request->init)
		return FORWARD_ALL;
	return request->forward_signals ? FORWARD_TERMINATION : HOLD_SIGNALS;
}

static void plan_fork(struct plan *plan, const struct request *request, const struct facts *facts)
{
	if (!request->fork)
		return;
	if (request->kill_child)
		add_step(plan, LAUNCHER, OPEN_LAUNCHER,
			 "the child must be able to see whether its launcher still lives "
			 "(pidfd_open(2))");
	add_step(plan, LAUNCHER, BLOCK_SIGNALS,
		 "a Ctrl-C reaches the program by itself; nsrun lets signals wait, or passes them "
		 "on, and stays to report how the program ended")
	    ->signal_care = signal_care(request);
	add_step(plan, LAUNCHER, FORK,
		 has_namespace(facts->namespaces, PID_NAMESPACE)
		     ? "the first child becomes PID 1 of the new PID namespace (pid_namespaces(7))"
		     : "the program runs as a child, and nsrun waits for it")
	    ->becomes_init = request->init;
	if (!request->init)
		add_step(plan, CHILD, RESTORE_SIGNALS,
			 "the program starts with the caller's signal mask");
}

static const char *pin_source(struct plan *plan, const struct facts *facts, unsigned type)
{
	return join_text(plan, "/proc/%s/ns/%s", facts->launcher_name,
			 namespace_types[type].new_link);
}

static void plan_pins(struct plan *plan, enum actor runner, const struct request *request,
		      const struct facts *facts)
{
	if (!has_pins(request))
		return;
	pass_baton(plan, runner, HELPER, "the namespaces exist now and can be pinned");
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		struct step *step;

		if (!request->pins[i])
			continue;
		step =
		    add_step(plan, HELPER, PIN,
			     "a bind mount keeps a namespace alive when its last process is gone "
			     "(namespaces(7))");
		step->pin.source = pin_source(plan, facts, i);
		step->pin.file = request->pins[i];
	}
	if (request->fork)
		pass_baton(plan, HELPER, CHILD, "the program runs only if every pin holds");
	else
		add_step(plan, LAUNCHER, REAP_HELPER, "the program runs only if every pin holds");
}

/* Once there is a group map, setgroups cannot be denied any more (user_namespaces(7)). */
static bool denies_before_map(const struct request *request)
{
	return request->setgroups == SETGROUPS_DENY &&
	       (request->map_group.kind != NOT_MAPPED || request->map_groups);
}

static void plan_setgroups(struct plan *plan, enum actor by, const struct request *request)
{
	add_write(plan, by, "/proc/self/setgroups",
		  request->setgroups == SETGROUPS_ALLOW ? "allow" : "deny",
		  "whether setgroups(2) may be called here, as asked for (user_namespaces(7))");
	plan->steps[plan->count - 1].tolerates = ENOENT;
}

static void plan_single_maps(struct plan *plan, enum actor runner, const struct request *request,
			     const struct facts *facts)
{
	bool user = request->map_user.kind != NOT_MAPPED && !facts->user.by_helper;
	bool group = request->map_group.kind != NOT_MAPPED && !facts->group.by_helper;

	if (user)
		add_write(plan, runner, "/proc/self/uid_map",
			  join_text(plan, "%u %u 1\n", facts->user.inner, facts->user.outer),
			  "a process may map its own user id by itself (user_namespaces(7))");
	if (group) {
		add_write(plan, runner, "/proc/self/setgroups", "deny",
			  "groups may also deny access: before a process maps its own group it "
			  "must give up dropping groups (user_namespaces(7))");
		plan->steps[plan->count - 1].tolerates = ENOENT;
		add_write(plan, runner, "/proc/self/gid_map",
			  join_text(plan, "%u %u 1\n", facts->group.inner, facts->group.outer),
			  "a process may map its own group id by itself (user_namespaces(7))");
	}
	if (request->setgroups != SETGROUPS_UNTOUCHED && !denies_before_map(request))
		plan_setgroups(plan, runner, request);
}

static void plan_names(struct plan *plan, enum actor runner, const struct request *request)
{
	if (request->hostname)
		add_step(plan, runner, SET_HOSTNAME, "the new UTS namespace has a name of its own")
		    ->hostname = request->hostname;
	if (request->loopback)
		add_step(plan, runner, RAISE_LOOPBACK,
			 "a new network namespace has only lo, and that is down "
			 "(network_namespaces(7))");
}

/* Whoever is, and becomes another user, has no capabilities any more (capabilities(7)). */
static bool is_root_inside(const struct request *request, const struct facts *facts)
{
	const struct id_map *map = &facts->room->user_map.map;
	uint32_t user = request->owner_user.given ? request->owner_user.id : facts->user.outer;

	if (!facts->user.by_helper)
		return request->map_user.kind != NOT_MAPPED && facts->user.inner == 0;
	for (size_t i = 0; i < map->count; i++) {
		if (map->ranges[i].inner == 0)
			return map->ranges[i].outer == user;
	}
	return false;
}

static void plan_credentials(struct plan *plan, enum actor runner, const struct request *request,
			     const struct facts *facts)
{
	if (request->group.given) {
		add_step(plan, runner, DROP_GROUPS,
			 "the caller's other groups are not wanted inside");
		add_step(plan, runner, SET_GROUP, "the group that was asked for")->group =
		    request->group.id;
	}
	if (request->user.given)
		add_step(plan, runner, SET_USER, "the user that was asked for")->user =
		    request->user.id;
	if (request->keep_capabilities && has_namespace(facts->namespaces, USER_NAMESPACE))
		add_step(plan, runner, KEEP_CAPABILITIES,
			 "only ambient capabilities survive the exec of an ordinary program "
			 "(capabilities(7))")
		    ->lost_capabilities =
		    request->user.given && request->user.id != 0 && is_root_inside(request, facts);
}

static int report_descriptor(const struct request *request)
{
	return request->report_descriptor.given ? (int)request->report_descriptor.id
						: STDERR_FILENO;
}

static void plan_report(struct plan *plan, enum actor by, enum operation operation,
			const struct request *request, const struct facts *facts, const char *why)
{
	struct step *step;

	if (request->report == NO_OUTPUT)
		return;
	step = add_step(plan, by, operation, why);
	/* A kernel without a namespace type has no link for it. */
	step->tolerates = ENOENT;
	step->report.json = request->report == JSON_OUTPUT;
	step->report.descriptor = report_descriptor(request);
	step->report.before = facts->room->links_before;
}

static void plan_program(struct plan *plan, enum actor runner, const struct request *request,
			 const struct facts *facts)
{
	struct step *step;

	/* After the last change of ids, which would clear it. An init watches the launcher by
	 * itself, but not while its program has yet to start: for SIGKILL the kernel does. */
	if (request->kill_child)
		add_step(plan, runner, DIE_WITH_LAUNCHER,
			 "the kernel signals the child when its launcher dies "
			 "(PR_SET_PDEATHSIG(2const))")
		    ->death_signal =
		    request->init && request->kill_child != SIGKILL ? 0 : request->kill_child;
	if (request->init) {
		add_step(plan, CHILD, OPEN_SIGNALS,
			 "PID 1 passes signals on and hears of orphans that end (signalfd(2))");
		add_step(plan, CHILD, START_PROGRAM,
			 "the kernel spares PID 1 signals that it has no handler for, and leaves "
			 "orphans "
			 "to it: the program is better off as PID 2 (pid_namespaces(7))");
		runner = PROGRAM;
		add_step(plan, PROGRAM, RESTORE_SIGNALS,
			 "the program starts with the caller's signal mask");
	}
	plan_report(plan, runner, REPORT, request, facts,
		    "what the program is given, as the kernel shows it");
	step = add_step(plan, runner, EXECUTE, "the program takes over");
	step->execute.file = facts->file;
	step->execute.arguments = facts->command;
	step->execute.environment = facts->environment;
	if (request->init)
		add_step(
		    plan, CHILD, BE_INIT,
		    "a byte of news lets the launcher go on, which waits until the program has "
		    "started; then init reaps orphans, passes signals on and ends with the "
		    "program")
		    ->kill_child = request->kill_child;
	if (request->fork && has_pins(request))
		add_step(plan, LAUNCHER, REAP_HELPER, "the pins stay, since the program runs")
		    ->program_has_begun = true;
	if (request->fork)
		add_step(plan, LAUNCHER, WAIT_FOR_CHILD, "nsrun ends as the program does")
		    ->signal_care = signal_care(request);
}

static void plan_helper(struct plan *plan, const struct request *request, const struct facts *facts)
{
	add_step(plan, LAUNCHER, START_HELPER, "somebody must stay in the old namespaces")
	    ->makes_pins = has_pins(request);
	if (!has_pins(request))
		return;
	add_step(plan, HELPER, GUARD_PINS, "whatever is killed from now on, no pin is left behind")
	    ->launcher = join_text(plan, "/proc/%s", facts->launcher_name);
}

static void plan_maps(struct plan *plan, const struct request *request, const struct facts *facts)
{
	pass_baton(plan, LAUNCHER, HELPER, "the new user namespace exists and can be mapped");
	plan_helper_maps(plan, facts);
	if (has_pins(request))
		pass_baton(plan, HELPER, LAUNCHER, "the maps are written");
	else
		add_step(plan, LAUNCHER, REAP_HELPER,
			 "the maps are written when the helper has succeeded");
}

/* What has been read by now: an explanation that left it out would not be whole. */
static void plan_facts(struct plan *plan, const struct facts *facts)
{
	if (facts->journal && facts->journal->length > 0)
		add_step(plan, LAUNCHER, READ_FACTS, "needed to know before the plan could be made")
		    ->calls = facts->journal->calls;
}

void make_plan(struct plan *plan, const struct request *request, const struct facts *facts)
{
	enum actor runner = request->fork ? CHILD : LAUNCHER;
	bool maps = facts->user.by_helper || facts->group.by_helper;

	plan->count = 0;
	plan->text_length = 0;
	plan_facts(plan, facts);
	/* Facts that could not be read: there is only that to be explained. */
	if (!facts->command)
		return;
	if (request->fork || maps || has_pins(request))
		add_step(plan, LAUNCHER, RESET_CHILD_SIGNAL,
			 "an ignored SIGCHLD would hide how a child ended (wait(2))");
	plan_report(plan, LAUNCHER, LIST_NAMESPACES, request, facts,
		    "the report compares before and after");
	if (maps || has_pins(request))
		plan_helper(plan, request, facts);
	plan_owner(plan, request);
	if (facts->namespaces)
		add_step(plan, LAUNCHER, UNSHARE,
			 "new namespaces for this process and its children")
		    ->namespaces = facts->namespaces;
	if (facts->group.by_helper && denies_before_map(request))
		plan_setgroups(plan, LAUNCHER, request);
	if (maps)
		plan_maps(plan, request, facts);
	plan_clock(plan, &request->boottime, "boottime");
	plan_clock(plan, &request->monotonic, "monotonic");
	if (has_namespace(facts->namespaces, TIME_NAMESPACE) && !request->fork)
		add_step(plan, LAUNCHER, ENTER_TIME,
			 "it is for children, and entered at an exec only since Linux 6.3 "
			 "(time_namespaces(7))");
	plan_fork(plan, request, facts);
	plan_pins(plan, runner, request, facts);
	plan_single_maps(plan, runner, request, facts);
	plan_names(plan, runner, request);
	plan_mounts(plan, runner, request, facts);
	plan_credentials(plan, runner, request, facts);
	plan_program(plan, runner, request, facts);
}

const char *actor_name(enum actor actor)
{
	static const char *const names[] = {"launcher", "helper", "child", "program"};

	return names[actor];
}
