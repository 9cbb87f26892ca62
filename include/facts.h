/* What must be read from the system before a plan can be made. */
#pragma once

#include "lines.h"
#include "request.h"

/* The caller's id and what becomes of it. */
struct id_facts {
	uint32_t outer; /* the caller's effective id */
	uint32_t inner; /* what a single-id map makes of it */
	uint32_t last;  /* what --setuid or --setgid makes of it inside */
	bool by_helper; /* the map has ranges, or only the helper may write it */
};

/* What /proc/PID/ns shows of a process (namespaces(7)). */
enum { REPORTED_LINKS = NAMESPACE_TYPES + 2, LINK_SIZE = 48 };

/* Room for what only some runs need, uninitialised until they do. */
struct room {
	struct map_source map_users[MOST_RANGES]; /* what the request asks for */
	struct map_source map_groups[MOST_RANGES];
	char user_map[MAP_TEXT_SIZE]; /* that the helper writes */
	char group_map[MAP_TEXT_SIZE];
	struct record user; /* the caller's, for the shell */
	char shell_name[256];
	char *shell_arguments[2];
	char launcher_name[12]; /* for mappers: its pid in digits, or a word in explanations */
	char links_before[REPORTED_LINKS][LINK_SIZE]; /* the launcher's, for the report */
	struct journal journal;
};

struct facts {
	struct room *room;
	unsigned long namespaces; /* the bits to unshare, with those of --all */
	struct id_facts user;
	struct id_facts group;
	bool helper_writes;      /* maps, or what --owner keeps the launcher from writing */
	bool errors_on_terminal; /* known for runs that may deserve a note */
	bool root_is_given_away; /* mapped into a namespace that --owner gives to somebody else */
	const char *pinned;      /* a place where a namespace is pinned already, or NULL */

	struct journal *journal; /* of the calls that were made to know all this, or NULL */

	const char *file; /* the program's, or a name to look for in PATH */
	char **command;   /* the program's name and arguments */
};

/* Reads what the request needs and nothing else, and leaves in environ(7) what the program shall
 * have. Returns -1 after a complaint. */
int read_facts(struct facts *facts, const struct request *request);

/* Puts together the helper's maps, and needs both ids in facts. Returns -1 after a complaint. */
__attribute__((cold)) int read_maps(struct facts *facts, const struct request *request);

/* Hints how to make a directory in which a mount namespace can be pinned to file. Returns true. */
__attribute__((cold)) bool advise_private_mount(const char *file);

/* Keeps in environment, in place, just the variables of lists such as "a,b,c". Returns -1 with
 * errno set where there is no memory for that. */
__attribute__((cold)) int keep_variables(char **environment, char *const *lists, size_t list_count);
