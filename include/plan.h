/* The plan: every step of a run, in the order in which they happen. */
#pragma once

#include "facts.h"
#include "request.h"

enum actor {
	LAUNCHER, /* the process that the user started */
	HELPER,   /* stays in the old namespaces to write id maps and pin namespaces */
	CHILD,    /* what --fork makes: the program, or with --init its parent */
	PROGRAM,  /* with --init: the program */
};

enum operation {
	READ_FACTS,
	RESET_CHILD_SIGNAL,
	START_HELPER,
	PASS_BATON,
	AWAIT_BATON,
	DROP_GROUPS,
	SET_GROUP,
	SET_USER,
	UNSHARE,
	WRITE_FILE,
	ENTER_TIME,
	REGISTER_FORMAT,
	RUN_MAPPERS,
	OPEN_LAUNCHER,
	BLOCK_SIGNALS,
	FORK,
	RESTORE_SIGNALS,
	GUARD_PINS,
	PIN,
	WATCH_PINS,
	REAP_HELPER,
	MOUNT,
	HIDE_MOUNTS,
	CHANGE_ROOT,
	PIVOT_ROOT,
	DETACH_OLD_ROOT,
	CHANGE_DIRECTORY,
	SET_HOSTNAME,
	RAISE_LOOPBACK,
	KEEP_CAPABILITIES,
	DIE_WITH_LAUNCHER,
	LIST_NAMESPACES,
	REPORT,
	OPEN_SIGNALS,
	START_PROGRAM,
	EXECUTE,
	BE_INIT,
	WAIT_FOR_CHILD,
	OPERATIONS
};

struct step {
	enum actor by;
	enum operation operation;
	int tolerates;   /* an errno that does no harm here, or 0 */
	const char *why; /* the kernel's rule and its manual page */
	union {
		unsigned long namespaces;
		uint32_t id; /* of the user or group to become */
		const char *hostname;
		const char *directory;
		enum actor other;       /* who gets the baton, or passes it */
		bool lost_capabilities; /* KEEP_CAPABILITIES: a change of user took them */
		int death_signal;       /* what the child gets when its launcher dies, or 0 */
		bool forwards; /* SIGINT and SIGTERM that the child did not get; an init gets all */
		struct write_arguments {
			const char *path;
			const char *text;
		} write;
		struct mount_arguments {
			const char *source;
			const char *target;
			const char *type;
			unsigned long flags;
		} mount;
		struct mapper_arguments {
			const char *user_map, *group_map; /* NULL: not mapped by the helper */
			const char *process;
		} mappers;
		struct pin_arguments {
			enum namespace_type type;
			const char *file;
		} pin;
		struct execute_arguments {
			const char *file; /* looked for in PATH, unless it has a slash */
			char **arguments;
		} execute;
		struct {
			bool json;
			int descriptor;
			char (*before)[LINK_SIZE]; /* filled by LIST_NAMESPACES */
		} report;
	};
};

enum { MOST_STEPS = 80, SINGLE_MAP_SIZE = 32 };

struct plan {
	size_t count;
	/* Of just the caller's own id, if it is mapped alone. */
	char user_map[SINGLE_MAP_SIZE], group_map[SINGLE_MAP_SIZE];
	struct step steps[MOST_STEPS];
};

/* Makes the plan for the request. Makes no system call. */
void make_plan(struct plan *plan, const struct request *request, const struct facts *facts);

/* The part that changes what files the program sees: mounts, root and working directory. */
void plan_mounts(struct plan *plan, enum actor runner, const struct request *request,
		 const struct facts *facts);

/* Adds a step; the caller fills in the operation's arguments. */
struct step *add_step(struct plan *plan, enum actor by, enum operation operation, const char *why);

/* The first step with the operation, or NULL. */
const struct step *find_step(const struct plan *plan, enum operation operation);

/* What explanations and traces call each actor. */
extern const char *const actor_names[];
