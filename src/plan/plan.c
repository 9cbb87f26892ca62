#include "plan.h"

#include <errno.h>
#include <signal.h>

#include "text.h"

const char *const actor_names[] = {"launcher", "helper", "child", "program"};

/* Processes take turns: one that is done tells the other, which awaits it. Returns its step. */
static struct step *pass_baton(struct plan *plan, enum actor from, enum actor to, const char *why)
{
	struct step *step = add_step(plan, from, PASS_BATON, why);

	step->other = to;
	add_step(plan, to, AWAIT_BATON, why)->other = from;
	return step;
}

static void add_write(struct plan *plan, enum actor by, const char *path, const char *text,
		      const char *why)
{
	add_step(plan, by, WRITE_FILE, why)->write = (struct write_arguments){path, text};
}

__attribute__((cold)) static void plan_owner(struct plan *plan, const struct request *request)
{
	const char *why = "a user namespace belongs to the user who makes it (user_namespaces(7))";

	add_step(plan, LAUNCHER, DROP_GROUPS, why);
	add_step(plan, LAUNCHER, SET_GROUP, why)->id = request->owner_group;
	add_step(plan, LAUNCHER, SET_USER, why)->id = request->owner_user;
}

__attribute__((cold)) static void plan_clocks(struct plan *plan, enum actor by,
					      const struct request *request)
{
	const char *why = "offsets are fixed once a process is in the time namespace "
			  "(time_namespaces(7))";

	if (*request->boottime)
		add_write(plan, by, "/proc/self/timens_offsets", request->boottime, why);
	if (*request->monotonic)
		add_write(plan, by, "/proc/self/timens_offsets", request->monotonic, why);
}

__attribute__((cold)) static void plan_setgroups(struct plan *plan, enum actor by,
						 const struct request *request)
{
	add_write(plan, by, "/proc/self/setgroups",
		  request->setgroups == SETGROUPS_ALLOW ? "allow" : "deny",
		  "whether setgroups(2) may be called here, as asked for (user_namespaces(7))");
}

/* With --owner the helper writes: the launcher has changed its user, and its files in /proc are no
 * longer its own (PR_SET_DUMPABLE(2const)). So that user's other processes cannot look into it, nor
 * get the environment and the descriptors of whoever called nsrun. */
__attribute__((cold, noinline)) static void
plan_helper_writes(struct plan *plan, const struct request *request, const struct facts *facts)
{
	const char *why = "a map of several ids is written from the outer user namespace "
			  "(user_namespaces(7))";
	const char *user_map = facts->user.by_helper ? facts->room->user_map : NULL;
	const char *group_map = facts->group.by_helper ? facts->room->group_map : NULL;
	bool is_root = facts->user.outer == 0;

	pass_baton(plan, LAUNCHER, HELPER, "the new user namespace exists and can be mapped");
	if (request->has_owner && request->setgroups != SETGROUPS_UNTOUCHED)
		plan_setgroups(plan, HELPER, request);
	if (request->has_owner)
		plan_clocks(plan, HELPER, request);
	if (is_root && user_map)
		add_write(plan, HELPER, "/proc/self/uid_map", user_map, why);
	if (is_root && group_map)
		add_write(plan, HELPER, "/proc/self/gid_map", group_map, why);
	/* The launcher's pid is no other process's: mappers are killed when it dies. */
	if (!is_root && (user_map || group_map))
		add_step(plan, HELPER, RUN_MAPPERS,
			 "only root may map other ids than its own; newuidmap and newgidmap check "
			 "/etc/subuid and /etc/subgid and do it for others (newuidmap(1))")
		    ->mappers =
		    (struct mapper_arguments){user_map, group_map, facts->room->launcher_name};
	if (request->has_pins)
		pass_baton(plan, HELPER, LAUNCHER, "the maps are written");
	else
		add_step(plan, LAUNCHER, REAP_HELPER,
			 "the maps are written when the helper has succeeded");
}

static void plan_fork(struct plan *plan, const struct request *request, const struct facts *facts)
{
	if (request->kill_child)
		add_step(plan, LAUNCHER, OPEN_LAUNCHER,
			 "a pipe by which the child sees whether its launcher still lives");
	add_step(plan, LAUNCHER, BLOCK_SIGNALS,
		 "a Ctrl-C reaches the program by itself; nsrun lets signals wait, or passes them "
		 "on, and stays to report how the program ended");
	add_step(plan, LAUNCHER, FORK,
		 has_namespace(facts->namespaces, PID_NAMESPACE)
		     ? "the first child becomes PID 1 of the new PID namespace (pid_namespaces(7))"
		     : "the program runs as a child, and nsrun waits for it");
	if (!request->init)
		add_step(plan, CHILD, RESTORE_SIGNALS,
			 "the program starts with the caller's signal mask");
}

__attribute__((cold, noinline)) static void plan_pins(struct plan *plan, enum actor runner,
						      const struct request *request)
{
	const char *why = "the program runs only if every pin holds";

	pass_baton(plan, runner, HELPER, "the namespaces exist now and can be pinned");
	add_step(plan, HELPER, GUARD_PINS, "whatever is killed from now on, no pin is left behind");
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (request->pins[i])
			add_step(plan, HELPER, PIN,
				 "a bind mount keeps a namespace alive when its last process is "
				 "gone (namespaces(7))")
			    ->pin = (struct pin_arguments){i, request->pins[i]};
	}
	if (request->fork)
		pass_baton(plan, HELPER, CHILD, why);
	add_step(plan, HELPER, WATCH_PINS, "if the program is not executed, the pins must go");
	if (!request->fork)
		add_step(plan, LAUNCHER, REAP_HELPER, why);
}

static void plan_single_maps(struct plan *plan, enum actor runner, const struct request *request,
			     const struct facts *facts)
{
	if (request->map_user.kind != NOT_GIVEN && !facts->user.by_helper)
		add_write(plan, runner, "/proc/self/uid_map",
			  print_into(plan->user_map, SINGLE_MAP_SIZE, "%u %u 1\n",
				     facts->user.inner, facts->user.outer),
			  "a process may map its own user id by itself (user_namespaces(7))");
	if (request->map_group.kind != NOT_GIVEN && !facts->group.by_helper) {
		add_write(plan, runner, "/proc/self/setgroups", "deny",
			  "groups may also deny access: before a process maps its own group it "
			  "must give up dropping groups (user_namespaces(7))");
		add_write(plan, runner, "/proc/self/gid_map",
			  print_into(plan->group_map, SINGLE_MAP_SIZE, "%u %u 1\n",
				     facts->group.inner, facts->group.outer),
			  "a process may map its own group id by itself (user_namespaces(7))");
	} else if (!request->has_owner && request->setgroups != SETGROUPS_UNTOUCHED &&
		   !(request->setgroups == SETGROUPS_DENY && facts->group.by_helper)) {
		plan_setgroups(plan, runner, request);
	}
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

/* Who is root inside loses all capabilities by becoming another user (capabilities(7)). */
static bool is_root_inside(const struct request *request, const struct facts *facts)
{
	uint32_t user = request->has_owner ? request->owner_user : facts->user.outer;
	const char *map = facts->room->user_map;
	struct id_range range;

	if (!facts->user.by_helper)
		return request->map_user.kind != NOT_GIVEN && facts->user.inner == 0;
	while (read_map_line(&map, &range)) {
		if (range.inner == 0)
			return range.outer == user;
	}
	return false;
}

static void plan_credentials(struct plan *plan, enum actor runner, const struct request *request,
			     const struct facts *facts)
{
	if (request->group.kind) {
		add_step(plan, runner, DROP_GROUPS,
			 "the caller's other groups are not wanted inside");
		add_step(plan, runner, SET_GROUP, "the group that was asked for")->id =
		    facts->group.last;
	}
	if (request->user.kind)
		add_step(plan, runner, SET_USER, "the user that was asked for")->id =
		    facts->user.last;
	if (request->keep_capabilities && has_namespace(facts->namespaces, USER_NAMESPACE))
		add_step(plan, runner, KEEP_CAPABILITIES,
			 "only ambient capabilities survive the exec of an ordinary program "
			 "(capabilities(7))")
		    ->lost_capabilities =
		    request->user.kind && facts->user.last != 0 && is_root_inside(request, facts);
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
	step->report.descriptor = request->report_descriptor;
	step->report.before = facts->room->links_before;
}

static void plan_program(struct plan *plan, enum actor runner, const struct request *request,
			 const struct facts *facts)
{
	/* After the last change of ids, which would undo this. An init watches the launcher by
	 * itself once it has started its program. Before that the kernel does, for SIGKILL. */
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
			 "orphans to it: the program is better off as PID 2 (pid_namespaces(7))");
		runner = PROGRAM;
		/* It could open the old /proc in /proc/1/fd before PID 1 has closed that. */
		if (request->report != NO_OUTPUT)
			pass_baton(plan, CHILD, PROGRAM, "PID 1 has let go of the old /proc")
			    ->tolerates = EPIPE;
		add_step(plan, PROGRAM, RESTORE_SIGNALS,
			 "the program starts with the caller's signal mask");
	}
	plan_report(plan, runner, REPORT, request, facts,
		    "what the program is given, as the kernel shows it");
	add_step(plan, runner, EXECUTE, "the program takes over")->execute =
	    (struct execute_arguments){facts->file, facts->command};
	if (request->init)
		add_step(
		    plan, CHILD, BE_INIT,
		    "a byte of news lets the launcher go on, which waits until the program has "
		    "started; then init reaps orphans, passes signals on and ends with the program")
		    ->death_signal = request->kill_child;
	if (request->fork && request->has_pins)
		add_step(plan, LAUNCHER, REAP_HELPER, "the pins stay, since the program runs");
	if (request->fork)
		add_step(plan, LAUNCHER, WAIT_FOR_CHILD, "nsrun ends as the program does")
		    ->forwards = request->forward_signals;
}

void make_plan(struct plan *plan, const struct request *request, const struct facts *facts)
{
	enum actor runner = request->fork ? CHILD : LAUNCHER;

	plan->count = 0;
	/* First, since an explanation has the calls that have read the facts in the journal. */
	if (facts->journal && *facts->journal->calls)
		add_step(plan, LAUNCHER, READ_FACTS,
			 "needed to know before the plan could be made");
	/* Some facts could not be read: only the calls that were made can be explained. */
	if (!facts->command)
		return;
	if (request->fork || facts->helper_writes || request->has_pins)
		add_step(plan, LAUNCHER, RESET_CHILD_SIGNAL,
			 "an ignored SIGCHLD would hide how a child ended (wait(2))");
	plan_report(plan, LAUNCHER, LIST_NAMESPACES, request, facts,
		    "the report compares before and after");
	if (facts->helper_writes || request->has_pins)
		add_step(plan, LAUNCHER, START_HELPER, "somebody must stay in the old namespaces");
	if (request->has_owner)
		plan_owner(plan, request);
	if (facts->namespaces)
		add_step(plan, LAUNCHER, UNSHARE,
			 "new namespaces for this process and its children")
		    ->namespaces = facts->namespaces;
	/* Once there is a group map, setgroups cannot be denied any more (user_namespaces(7)). */
	if (facts->group.by_helper && request->setgroups == SETGROUPS_DENY && !request->has_owner)
		plan_setgroups(plan, LAUNCHER, request);
	if (facts->helper_writes)
		plan_helper_writes(plan, request, facts);
	if (!request->has_owner && (*request->boottime || *request->monotonic))
		plan_clocks(plan, LAUNCHER, request);
	if (has_namespace(facts->namespaces, TIME_NAMESPACE) && !request->fork)
		/* A process with threads gets EUSERS (setns(2)). nsrun has none, but an emulator
		 * that runs it may: then only the exec enters. */
		add_step(plan, LAUNCHER, ENTER_TIME,
			 "it is for children, and entered at an exec only since Linux 6.3 "
			 "(time_namespaces(7))")
		    ->tolerates = EUSERS;
	if (request->fork)
		plan_fork(plan, request, facts);
	if (request->has_pins)
		plan_pins(plan, runner, request);
	plan_single_maps(plan, runner, request, facts);
	plan_names(plan, runner, request);
	plan_mounts(plan, runner, request, facts);
	plan_credentials(plan, runner, request, facts);
	plan_program(plan, runner, request, facts);
}
