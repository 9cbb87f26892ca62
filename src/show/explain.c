#include "show.h"

#include <string.h>
#include <unistd.h>

#include "message.h"
#include "play.h"

/* What tell_step() hands each call to. */
struct listener {
	struct text *text;
	bool json;
	bool any; /* a call has been printed for this step */
};

static void print_call(void *listener_of_step, const char *call)
{
	struct listener *listener = listener_of_step;

	if (listener->json)
		text_print(listener->text, listener->any ? ",%j" : "%j", call);
	else
		text_print(listener->text, "      %r\n", call, strlen(call));
	listener->any = true;
}

static void print_json(struct text *text, const struct plan *plan)
{
	text_print(text, "{\"steps\":[");
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		struct listener listener = {.text = text, .json = true};

		text_print(text, "%s\n{\"step\":%j,\"actor\":%j,\"calls\":[", i > 0 ? "," : "",
			   operation_name(step->operation), actor_name(step->by));
		tell_step(plan, step, print_call, &listener);
		text_print(text, "],\"why\":%j}", step->why);
	}
	text_print(text, "\n]}\n");
}

static void print_steps(struct text *text, const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		struct listener listener = {.text = text};

		text_print(text, "\n%s%u. %s: %s\n", i < 9 ? " " : "", (unsigned)i + 1,
			   actor_name(step->by), operation_name(step->operation));
		tell_step(plan, step, print_call, &listener);
		text_print(text, "      (%s)\n", step->why);
	}
}

/* "new mount, PID" and so on; not those that are meant for children only. */
static void print_namespaces(struct text *text, unsigned long namespaces)
{
	bool any = false;

	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (!has_namespace(namespaces, i))
			continue;
		text_print(text, any ? ", %s" : "new %s", namespace_types[i].name);
		any = true;
	}
	if (!any)
		text_print(text, "the old namespaces");
}

static void print_process(struct text *text, const char *branch, enum actor actor,
			  const char *command, unsigned long namespaces, const char *pid)
{
	text_print(text, "  %s", branch);
	text_column(text, actor_name(actor), 16 - strlen(branch));
	text_print(text, "%s: in ", command);
	print_namespaces(text, namespaces);
	text_print(text, "; %s\n", pid);
}

/* Who is in which namespaces when the program runs, and which pid it sees. */
static void print_processes(struct text *text, const struct plan *plan,
			    const struct request *request, const struct facts *facts)
{
	unsigned long pid_namespace = namespace_types[PID_NAMESPACE].bit;
	bool new_pids = facts->namespaces & pid_namespace;
	/* The launcher itself stays out of what unshare(2) keeps for children. */
	unsigned long launchers =
	    facts->namespaces & ~pid_namespace & ~namespace_types[TIME_NAMESPACE].bit;

	text_print(text, "Processes:\n");
	if (!request->fork)
		launchers = facts->namespaces & ~pid_namespace;
	print_process(text, "", LAUNCHER, request->fork ? "nsrun" : facts->file, launchers,
		      "sees the pid that the host sees");
	if (find_step(plan, START_HELPER))
		print_process(text, "+- ", HELPER, "nsrun", 0, "ends before the program starts");
	if (request->fork)
		print_process(text, "+- ", CHILD, request->init ? "nsrun as init" : facts->file,
			      facts->namespaces,
			      new_pids ? "sees itself as pid 1"
				       : "sees the pid that the host sees");
	if (request->init)
		print_process(text, "   +- ", PROGRAM, facts->file, facts->namespaces,
			      "sees itself as pid 2");
	if (new_pids && !request->fork)
		text_print(text, "  Its first child will be pid 1; without --fork the program "
				 "itself stays outside.\n");
	if (new_pids && request->fork && !request->proc)
		text_print(text, "  ps(1) still shows the host's processes: --mount-proc changes "
				 "that.\n");
	if (has_namespace(facts->namespaces, NETWORK_NAMESPACE) && !request->loopback)
		text_print(text, "  The new network has only the interface lo, and it is down: "
				 "see --loopback.\n");
	text_print(text, "\nSteps:\n");
}

int explain(const struct plan *plan, const struct request *request, const struct facts *facts)
{
	char buffer[4096];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));

	if (request->explain == JSON_OUTPUT) {
		print_json(&text, plan);
	} else {
		print_processes(&text, plan, request, facts);
		print_steps(&text, plan);
	}
	return finish_output(&text);
}
