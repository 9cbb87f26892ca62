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
	return getauxval(AT_SECURE) != 0;
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

/* argv → request, system → facts, both → plan: a list of steps, which is played. */
int main(int argc, char **argv, char **environment)
{
	static struct request request;
	static struct facts facts;
	static struct plan plan;

	if (argc < 1)
		return EXIT_NSRUN;
	if (has_raised_privileges()) {
		complain("refusing to run with the privileges of a set-user-ID file or of file "
			 "capabilities: use sudo instead");
		return EXIT_NSRUN;
	}
	if (read_options(&request, argv) < 0)
		return EXIT_NSRUN;
	if (request.purpose == SHOW_HELP)
		return show_help();
	if (request.purpose == SHOW_VERSION)
		return show_version();
	if (request.quiet)
		be_quiet();
	if (read_facts(&facts, &request, environment) < 0)
		return EXIT_NSRUN;

	make_plan(&plan, &request, &facts);
	if (request.explain != NO_OUTPUT)
		return explain(&plan, &request, &facts);
	give_notes(&request, &facts);
	return play(&plan, request.trace ? TRACE : PLAY);
}
