#include <sys/auxv.h>
#include <unistd.h>

#include "explain.h"
#include "facts.h"
#include "help.h"
#include "message.h"
#include "options.h"
#include "plan.h"
#include "play.h"

/* A set-user-ID nsrun would hand its user root's powers (getauxval(3)). */
static bool has_raised_privileges(void)
{
	if (getauxval(AT_SECURE) == 0)
		return false;
	complain("refusing to run with the privileges of a set-user-ID file or of file "
		 "capabilities: use sudo instead");
	return true;
}

/* What surprises everybody once, told where a person reads it. */
static void give_notes(const struct request *request, const struct facts *facts)
{
	if (facts->namespaces & namespace_types[PID_NAMESPACE].flag && !request->fork &&
	    isatty(STDERR_FILENO))
		note("without --fork the program itself stays outside the new PID namespace; its "
		     "first child is PID 1, and once that ends every fork fails with \"Cannot "
		     "allocate memory\"");
}

/*
 * Each page that a start need not touch saves it half a microsecond. The linker puts
 * variables in order of their names, those of libc first: request, facts and the start
 * of the plan lie on the page after them, and all that few runs need behind.
 */
int main(int argc, char **argv, char **environment)
{
	static struct room what_few_need;
	static struct {
		struct request request;
		struct facts facts;
		struct plan plan;
	} what_all_need;
	struct request *request = &what_all_need.request;
	struct facts *facts = &what_all_need.facts;
	struct plan *plan = &what_all_need.plan;

	request->map_users = &what_few_need.map_users;
	request->map_groups = &what_few_need.map_groups;
	facts->room = &what_few_need;

	if (argc < 1 || has_raised_privileges())
		return EXIT_NSRUN;
	if (read_options(request, argv) < 0)
		return EXIT_NSRUN;
	if (request->purpose == SHOW_HELP)
		return show_help();
	if (request->purpose == SHOW_VERSION)
		return show_version();
	if (request->quiet)
		be_quiet();
	if (read_facts(facts, request, environment) < 0)
		return EXIT_NSRUN;

	make_plan(plan, request, facts);
	if (request->explain != NO_OUTPUT)
		return explain(plan, request, facts);
	give_notes(request, facts);
	return play(plan, request->trace ? TRACE : PLAY);
}
