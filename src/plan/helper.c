#include "steps.h"

void plan_owner(struct plan *plan, const struct request *request)
{
	const char *why = "a user namespace belongs to the user who makes it (user_namespaces(7))";

	add_step(plan, LAUNCHER, DROP_GROUPS, why);
	add_step(plan, LAUNCHER, SET_GROUP, why)->id = request->owner_group;
	add_step(plan, LAUNCHER, SET_USER, why)->id = request->owner_user;
}

void plan_clocks(struct plan *plan, enum actor by, const struct request *request)
{
	const char *why = "offsets are fixed once a process is in the time namespace "
			  "(time_namespaces(7))";

	if (*request->boottime)
		add_write(plan, by, "/proc/self/timens_offsets", request->boottime, why);
	if (*request->monotonic)
		add_write(plan, by, "/proc/self/timens_offsets", request->monotonic, why);
}

void plan_setgroups(struct plan *plan, enum actor by, const struct request *request)
{
	add_write(plan, by, "/proc/self/setgroups",
		  request->setgroups == SETGROUPS_ALLOW ? "allow" : "deny",
		  "whether setgroups(2) may be called here, as asked for (user_namespaces(7))");
}

/* With --owner the helper writes: the launcher has changed its user, and its files in /proc are no
 * longer its own (PR_SET_DUMPABLE(2const)). So that user's other processes cannot look into it, nor
 * get the environment and the descriptors of whoever called nsrun. */
void plan_helper_writes(struct plan *plan, const struct request *request, const struct facts *facts)
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

void plan_pins(struct plan *plan, enum actor runner, const struct request *request)
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
