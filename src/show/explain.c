#include "show.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "message.h"
#include "run/operations.h"

enum { INDENT = 6, NAME_WIDTH = 10, LINE_SIZE = 8192, PROCESSES = 7 };

/* What comes before the steps. Each process is also in the new namespaces of those before it. */
struct overview {
	struct process {
		const char *name; /* NULL: not in this plan */
		const char *command;
		unsigned long namespaces; /* the new ones that it is in */
		const char *remark;
	} processes[PROCESSES];
	const char *notes[3]; /* The last is NULL. */
};

static struct overview make_overview(const struct plan *plan, const struct request *request,
				     const struct facts *facts)
{
	const struct step *mappers = find_step(plan, RUN_MAPPERS);
	bool fork = request->fork, init = request->init, pins = find_step(plan, PIN);
	unsigned long all = facts->namespaces;
	bool pids = has_namespace(all, PID_NAMESPACE);
	const char *guards = fork ? "guard" : "2 guards";
	const char *program = pids ? "pid 1 inside" : "the program";
	/* unshare(2) keeps both types for children. An exec enters the time namespace, too. */
	unsigned long for_children =
	    namespace_types[PID_NAMESPACE].bit | (fork ? namespace_types[TIME_NAMESPACE].bit : 0);
	struct overview overview = {
	    .processes = {
		{find_step(plan, START_HELPER) ? "helper" : NULL, "nsrun", 0,
		 pins ? "pins what is made inside" : "sees to the id maps inside"},
		{pins ? guards : NULL, "nsrun", 0, "to undo the pins if the run fails"},
		{mappers && mappers->mappers.user_map ? "mapper" : NULL, "newuidmap", 0,
		 "maps user ids"},
		{mappers && mappers->mappers.group_map ? "mapper" : NULL, "newgidmap", 0,
		 "maps group ids"},
		{"launcher", fork ? "nsrun" : facts->file, all & ~for_children,
		 fork ? "waits, and ends as the program does" : "nsrun itself becomes the program"},
		{fork ? "child" : NULL, init ? "nsrun" : facts->file, all,
		 init ? "init, pid 1 inside" : program},
		{init ? "program" : NULL, facts->file, all, "pid 2 inside"},
	    }};
	const char **note = overview.notes;

	if (pids && !fork)
		*note++ = "The program itself stays outside the new PID namespace; its first child "
			  "will be pid 1 in there: see --fork.";
	else if (pids && !request->proc)
		*note++ = "ps(1) still shows the host's processes: see --mount-proc.";
	if (has_namespace(all, NETWORK_NAMESPACE) && !request->loopback)
		*note =
		    "The new network has only the interface lo, and it is down: see --loopback.";
	return overview;
}

static const char *name_write(const struct step *step, char line[LINE_SIZE])
{
	const char *file = strrchr(step->write.path, '/') + 1, *text = step->write.text;

	if (strcmp(file, "setgroups") == 0)
		return print_into(line, LINE_SIZE, "%s setgroups", text);
	if (strcmp(file, "timens_offsets") == 0)
		return print_into(line, LINE_SIZE, "set clock %r", text, strcspn(text, " "));
	if (!strstr(file, "id_map"))
		return print_into(line, LINE_SIZE, "write %s", file);
	return print_into(line, LINE_SIZE, "map %s id%s", *file == 'u' ? "user" : "group",
			  step->by == HELPER ? "s" : "");
}

/* What the step does, in a few words. */
static const char *name_step(const struct step *step, char line[LINE_SIZE])
{
	const char *name = operations[step->operation].name, *target = step->mount.target;
	unsigned long flags = step->mount.flags;

	if (step->operation == WRITE_FILE)
		return name_write(step, line);
	if (step->operation == MOUNT && step->mount.type)
		return print_into(line, LINE_SIZE, "mount %s", step->mount.type);
	if (step->operation == MOUNT)
		return print_into(line, LINE_SIZE, "make %s %s",
				  strcmp(target, "/") == 0 ? "mounts" : target,
				  flags & MS_SHARED  ? "shared"
				  : flags & MS_SLAVE ? "slave"
						     : "private");
	if (step->operation == PIN)
		return print_into(line, LINE_SIZE, "pin %s", step->pin.file);
	if (step->operation == PASS_BATON || step->operation == AWAIT_BATON)
		return print_into(line, LINE_SIZE, "%s %s", name, actor_names[step->other]);
	return name;
}

/* The names of the types, each after a separator, as format says. */
static void add_names(struct text *text, unsigned long namespaces, const char *format)
{
	const char *separator = "";

	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (!has_namespace(namespaces, i))
			continue;
		text_print(text, format, separator, namespace_types[i].name);
		separator = ", ";
	}
}

static void print_json(struct text *text, const struct plan *plan, const struct overview *overview,
		       struct journal *journal)
{
	char line[LINE_SIZE];
	const char *separator = "";

	text_print(text, "{\"processes\":[");
	for (unsigned i = 0; i < PROCESSES; i++) {
		const struct process *process = &overview->processes[i];

		if (!process->name)
			continue;
		/* The command as in the text, which has only characters of UTF-8. */
		text_print(text, "%s\n{\"process\":%j,\"command\":%j,\"remark\":%j,\"new\":[",
			   separator, process->name,
			   print_into(line, LINE_SIZE, "%s", process->command), process->remark);
		add_names(text, process->namespaces, "%s%j");
		text_print(text, "]}");
		separator = ",";
	}
	text_print(text, "\n],\"notes\":[");
	for (unsigned i = 0; overview->notes[i]; i++)
		text_print(text, "%s\n%j", i > 0 ? "," : "", overview->notes[i]);
	text_print(text, "\n],\"steps\":[");
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		const char *calls = tell_step(plan, step, journal);

		text_print(text, "%s\n{\"step\":%j,\"actor\":%j,\"calls\":[", i > 0 ? "," : "",
			   name_step(step, line), actor_names[step->by]);
		for (const char *call = calls; *call; call += strlen(call) + 1)
			text_print(text, call == calls ? "%j" : ",%j", call);
		text_print(text, "],\"why\":%j}", step->why);
	}
	text_print(text, "\n]}\n");
}

/* Prints frames in one another. A process in an inner frame is also in what the outer has new. */
static void print_processes(struct page page, const struct overview *overview)
{
	static const char sides[] = "|  |  |  ";
	char line[LINE_SIZE];
	unsigned long outer = 0;

	page.left = &sides[sizeof(sides) - 1];
	text_print(page.text, "Processes and their namespaces:\n\n");
	for (unsigned i = 0; i < PROCESSES; i++) {
		const struct process *process = &overview->processes[i];
		struct text words = text_in(line, sizeof(line));
		size_t column;

		if (i == 0 || process->namespaces != outer) {
			text_print(&words, "%s+- %s", page.left, i > 0 ? "new " : "old namespaces");
			add_names(&words, process->namespaces & ~outer, "%s%s");
			outer = process->namespaces;
			page.left -= 3;
			add_wrapped(&page, 0, strlen(page.left), text_end(&words));
		}
		if (!process->name)
			continue;
		column = strlen(page.left) + NAME_WIDTH;
		text_print(page.text, page.coloured ? "%s\033[1m%s\033[m" : "%s%s", page.left,
			   process->name);
		text_column(page.text, "", NAME_WIDTH - strlen(process->name));
		add_wrapped(
		    &page, column, column,
		    print_into(line, LINE_SIZE, "%s: %s", process->command, process->remark));
	}
	page.left = "";
	for (unsigned i = 0; overview->notes[i]; i++) {
		text_add(page.text, "\n");
		add_wrapped(&page, 0, 0, overview->notes[i]);
	}
	text_add(page.text, "\n");
}

static void print_steps(struct page *page, const struct plan *plan, struct journal *journal)
{
	char line[LINE_SIZE];

	text_print(page->text, "Steps:\n");
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		const char *actor = actor_names[step->by];

		text_print(page->text,
			   page->coloured ? "\n%s%u. \033[1m%s\033[m: " : "\n%s%u. %s: ",
			   i < 9 ? " " : "", (unsigned)i + 1, actor);
		add_wrapped(page, strlen(actor) + INDENT, INDENT, name_step(step, line));
		for (const char *call = tell_step(plan, step, journal); *call;
		     call += strlen(call) + 1) {
			text_column(page->text, "", INDENT);
			add_wrapped(page, INDENT, INDENT + 4, call);
		}
		text_column(page->text, "", INDENT);
		text_add(page->text, page->coloured ? "\033[2m" : "");
		add_wrapped(page, INDENT, INDENT + 1,
			    print_into(line, LINE_SIZE, "(%s)", step->why));
		text_add(page->text, page->coloured ? "\033[m" : "");
	}
}

int explain(const struct plan *plan, const struct request *request, const struct facts *facts,
	    struct page page)
{
	char buffer[4096];
	struct text text = text_to(STDOUT_FILENO, buffer, sizeof(buffer));
	struct overview overview = {.notes = {NULL}};

	page.text = &text;
	if (facts->command)
		overview = make_overview(plan, request, facts);
	if (request->explain == JSON_OUTPUT) {
		print_json(&text, plan, &overview, facts->journal);
	} else {
		if (facts->command)
			print_processes(page, &overview);
		print_steps(&page, plan, facts->journal);
		if (!facts->command) {
			text_character(&text, '\n');
			add_wrapped(&page, 0, 0, "Here the run would end, with exit status 125.");
		}
	}
	return finish_output(&text) < 0 || !facts->command ? EXIT_NSRUN : EXIT_SUCCESS;
}
