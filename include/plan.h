/* The plan: every step of a run, in the order in which they happen. */
#ifndef NSRUN_PLAN_H
#define NSRUN_PLAN_H

#include <stddef.h>

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
	GUARD_PINS,
	TELL,
	AWAIT,
	DROP_GROUPS,
	SET_GROUP,
	SET_USER,
	UNSHARE,
	WRITE_FILE,
	REGISTER_FORMAT,
	RUN_MAPPERS,
	OPEN_LAUNCHER,
	BLOCK_SIGNALS,
	FORK,
	RESTORE_SIGNALS,
	PIN,
	REAP_HELPER,
	MOUNT,
	CHANGE_ROOT,
	PIVOT_ROOT,
	DETACH_OLD_ROOT,
	CHANGE_DIRECTORY,
	SET_HOSTNAME,
	RAISE_LOOPBACK,
	KEEP_CAPABILITIES,
	DIE_WITH_LAUNCHER,
	NOTE_NAMESPACES,
	REPORT,
	OPEN_SIGNALS,
	START_PROGRAM,
	EXECUTE,
	BE_INIT,
	WAIT_FOR_CHILD,
	OPERATIONS
};

/* What the launcher does with signals while its child runs. */
enum signal_care {
	HOLD_SIGNALS,        /* SIGINT and SIGTERM are for the program alone */
	FORWARD_TERMINATION, /* SIGINT and SIGTERM that the child did not get go on to it */
	FORWARD_ALL          /* every signal that can be caught does */
};

struct step {
	enum actor by;
	enum operation operation;
	int tolerates;   /* an errno that does no harm here, or 0 */
	const char *why; /* the kernel's rule and its manual page */
	union {
		unsigned long namespaces;
		uint32_t id;
		int signal;
		bool flag;
		enum signal_care care;
		const char *hostname;
		enum actor other; /* who is told, or awaited */
		const char *path;
		const char *calls; /* each ends with a NUL, and an empty one ends them all */
		struct {
			const char *path;
			const char *text;
		} write;
		struct {
			const char *source;
			const char *target;
			const char *type;
			unsigned long flags;
		} mount;
		struct {
			const char *user_map; /* NULL: not mapped by the helper */
			const char *group_map;
			const char *process;
		} mappers;
		struct {
			const char *path;
			char **arguments;
			char **environment;
		} program;
		struct {
			bool json;
			int descriptor;
		} report;
	};
};

enum { MOST_STEPS = 80, PLAN_TEXT_SIZE = 512 };

struct plan {
	size_t count;
	size_t text_length;
	char text[PLAN_TEXT_SIZE]; /* the strings that are put together for steps */
	struct step steps[MOST_STEPS];
};

/* Makes the plan for the request. Makes no system call. */
void make_plan(struct plan *plan, const struct request *request, const struct facts *facts);

/* The actor's name in explanations and traces. */
const char *actor_name(enum actor actor);

#endif
