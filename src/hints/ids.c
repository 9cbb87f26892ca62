#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "descriptors.h"
#include "hint.h"
#include "message.h"

static bool overwrite(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool done = file >= 0 && write(file, text, strlen(text)) > 0;

	close_keeping_errno(file);
	return done;
}

/* Whether the maker of the user namespace had CAP_SETFCAP is no longer seen once that is made. But
 * a map of groups does not take it, and so would have worked. */
static bool lacks_file_capabilities(const struct step *step)
{
	char group[24];

	if (step->by == HELPER)
		return !has_capability(CAP_SETFCAP);
	print_into(group, sizeof(group), "0 %u 1", (unsigned)getauxval(AT_EGID));
	return overwrite("/proc/self/setgroups", "deny") && overwrite("/proc/self/gid_map", group);
}

/* To root, who lacks it in some containers, no other way leads. */
static bool hint_no_power_over(bool users, const char *other_way)
{
	return !has_capability(users ? CAP_SETUID : CAP_SETGID) &&
	       hint(geteuid() == 0
			? "root lacks %s in the present user namespace: start the container with it"
			: "it takes root's %s in the present user namespace: use sudo%s",
		    users ? "CAP_SETUID" : "CAP_SETGID", other_way);
}

/* The kernel's rules for a map in uid_map or gid_map (user_namespaces(7)), which newuidmap cannot
 * break either. The helper is outside: the outer ids must be inner ones of its own map. */
bool hint_map(bool users, const char *map)
{
	const char *own_map = users ? "/proc/self/uid_map" : "/proc/self/gid_map";
	struct id_range range, own;
	unsigned count = 0;

	for (; read_map_line(&map, &range); count++) {
		uint32_t first = range.outer;

		if (find_range(own_map, first, &own))
			first = own.inner + own.count;
		if (first - range.outer < range.count)
			return hint("'%u:%u:%u' is not in one range of %s: id %u is in another, or "
				    "in none",
				    range.inner, range.outer, range.count, own_map, first);
	}
	return count > 5 && is_before("4.15") &&
	       hint("before Linux 4.15 a map has at most 5 ranges, and this one has %u", count);
}

/* time_namespaces(7). The kernel lets a clock reach half of what it can count. */
static bool hint_clock(const char *text)
{
	struct sysinfo system = {0};

	if (!strstr(text, " -"))
		return hint("no clock may go beyond 4611686018 seconds (146 years)");
	(void)sysinfo(&system);
	return hint("no clock may become negative: the least offset is minus the uptime, -%l "
		    "(time_namespaces(7))",
		    (long long)system.uptime);
}

bool hint_write(const struct step *step, int error)
{
	const char *name = strrchr(step->write.path, '/') + 1;
	bool users = strcmp(name, "uid_map") == 0;

	if (error == ERANGE && strcmp(name, "timens_offsets") == 0)
		return hint_clock(step->write.text);
	if ((error != EPERM && error != EINVAL) || !strstr(name, "id_map"))
		return false;
	if (step->by == HELPER &&
	    (hint_map(users, step->write.text) || hint_no_power_over(users, "")))
		return true;
	/* The outer id is the one with a blank on both sides. */
	if (users)
		return strstr(step->write.text, " 0 ") && !is_before("5.12") &&
		       lacks_file_capabilities(step) &&
		       hint("root lacks CAP_SETFCAP, without which none may map root since Linux "
			    "5.12: start the container with it, or map others with --map-users");
	return error == EPERM && step->by != HELPER && file_says("/proc/self/setgroups", "allow") &&
	       hint("/proc/self/setgroups still says allow: an unprivileged group map needs it to "
		    "say deny first");
}

/* --map-auto maps as many ids as the user has, and that is mostly 65536 (login.defs(5)). */
static bool hint_not_mapped(const char *kind, uint32_t id)
{
	return hint("%s %u is not mapped in its user namespace: map it there with %s--map-%ss",
		    kind, id, id < 65536 ? "--map-auto or " : "", kind);
}

/* setgroups(2), setgid(2), setuid(2): EINVAL says that an id is not mapped here. --owner changes
 * ids before the new user namespace is made, so mapping more ids in that does not help. */
bool hint_ids(const struct plan *plan, const struct step *step, int error)
{
	const struct step *making = find_step(plan, UNSHARE);
	bool user = step->operation == SET_USER;
	char map[2];

	if (error == EINVAL && step->operation != DROP_GROUPS)
		return hint_not_mapped(user ? "user" : "group", step->id);
	if (error != EPERM)
		return false;
	if (!user && file_says("/proc/self/setgroups", "deny"))
		return hint("a user namespace in which just one group is mapped may not drop "
			    "groups: map ranges with --map-groups or --map-auto, or leave out "
			    "--setgid");
	/* Without a group map none can be dropped. The next step sets the one that is kept. */
	if (step->operation == DROP_GROUPS &&
	    read_start("/proc/self/gid_map", map, sizeof(map)) == 0)
		return hint_not_mapped("group", step[1].id);
	return hint_no_power_over(
	    user, making && step < making ? "" : ", or map ids of your own with -r --map-auto");
}
