/* What the user asked for: plain data, filled by the option reader, read by all. */
#pragma once

#include "idmap.h"
#include "names.h"

/* What the caller shall be inside: --map-user, -r, -c, --setuid and the like. */
struct wanted_id {
	enum { NOT_GIVEN, TO_ID, TO_NAME, TO_CURRENT } kind;
	uint32_t id;
	const char *name;
};

/* One --map-users or --map-groups. */
struct map_source {
	enum map_source_kind { GIVEN_RANGE, AUTO_RANGE, SUBORDINATE_RANGE, ALL_RANGES } kind;
	struct id_range range;
};

struct map_sources {
	unsigned count;
	bool has_subordinate;    /* one is AUTO_RANGE or SUBORDINATE_RANGE */
	struct map_source *list; /* room for MOST_RANGES, given uninitialised to read_options() */
};

enum purpose { RUN, SHOW_HELP, SHOW_WHOLE_HELP, SHOW_VERSION, SHOW_BASH, SHOW_ZSH, SHOW_FISH };

struct request {
	unsigned long namespaces; /* CLONE_NEW* bits */
	const char *pins[NAMESPACE_TYPES];
	bool has_pins;
	bool all;

	bool fork;
	bool init;
	bool forward_signals;
	int kill_child; /* the signal, or 0 */

	unsigned propagation; /* MS_* bits, or 0 to leave it unchanged */
	const char *proc;     /* where to mount it, or NULL */
	const char *binfmt;
	const char *interpreter; /* a line for binfmt_misc's register file */
	const char *root;
	const char *pivot_root;
	const char *directory;

	struct wanted_id user, group; /* of the program, never TO_CURRENT */
	struct wanted_id map_user, map_group;
	struct map_sources map_users, map_groups;
	bool has_owner; /* the user namespace shall belong to owner_user */
	bool keep_capabilities;
	enum { SETGROUPS_UNTOUCHED, SETGROUPS_ALLOW, SETGROUPS_DENY } setgroups;
	uint32_t owner_user, owner_group;

	const char *hostname;
	bool loopback;
	char monotonic[40], boottime[40]; /* a line for timens_offsets, or empty */

	bool clear_environment;
	/* Lists such as a,b,c, in those words of argv that have been read. */
	char **kept_variables;
	size_t kept_lists;

	enum output { NO_OUTPUT, TEXT_OUTPUT, JSON_OUTPUT } explain, report;
	int report_descriptor;
	bool trace;
	enum purpose purpose;

	/* The program and its arguments; empty for a shell. While options are read: the first. */
	char **command;
};
