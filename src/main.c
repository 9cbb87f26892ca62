#include "facts.h"
#include "help.h"
#include "message.h"
#include "options.h"
#include "plan.h"
#include "play.h"

/* argv → request, system → facts, both → plan: a list of steps, which is played. */
int main(int argc, char **argv, char **environment)
{
	static struct request request;
	static struct facts facts;
	static struct plan plan;

	if (argc < 1)
		return EXIT_NSRUN;
	if (read_options(&request, argv) < 0)
		return EXIT_NSRUN;
	if (request.purpose == SHOW_HELP)
		return show_help();
	if (request.purpose == SHOW_VERSION)
		return show_version();
	if (read_facts(&facts, &request, environment) < 0)
		return EXIT_NSRUN;

	make_plan(&plan, &request, &facts);
	return play(&plan, PLAY);
}
