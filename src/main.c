#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "facts.h"
#include "hint.h"
#include "message.h"
#include "options.h"
#include "plan.h"
#include "play.h"
#include "show/show.h"

/* A set-user-ID nsrun would hand its user root's powers. AT_SECURE alone does not say so: a changed
 * effective user, or a security module, sets it too (getauxval(3)). */
__attribute__((cold)) static int refuse_raised_file(void)
{
	static const char own_file[] = "/proc/self/exe";
	struct stat file;

	if (stat(own_file, &file) < 0)
		return complain("cannot tell by %s whether this is a set-user-ID file: %m",
				own_file);
	if (!(file.st_mode & (S_ISUID | S_ISGID)) &&
	    getxattr(own_file, "security.capability", NULL, 0) < 0 &&
	    (errno == ENODATA || errno == ENOTSUP))
		return 0;
	return complain("refusing to run with the privileges of a set-user-ID file or of file "
			"capabilities: use sudo instead");
}

/* All of it lies on the stack, in this order, so that a start touches few pages: each costs it a
 * microsecond. The plan's first steps are next to the frames of the functions called here, facts
 * and request are next to argv. What lies between them is large and rarely touched. */
int main(int argc, char **argv)
{
	struct {
		struct plan plan;
		struct room room;
		struct facts facts;
		struct request request;
	} memory;
	struct page page;
	struct room *room = &memory.room;
	struct facts *facts = memset(&memory.facts, 0, sizeof(memory.facts));
	struct request *request = memset(&memory.request, 0, sizeof(memory.request));

	request->map_users.list = room->map_users;
	request->map_groups.list = room->map_groups;
	facts->room = room;
	if (argc < 1 || (getauxval(AT_SECURE) && refuse_raised_file() < 0) ||
	    read_options(request, argv) < 0)
		return EXIT_NSRUN;
	if (request->purpose != RUN)
		return show(request);
	if (request->explain != NO_OUTPUT || request->trace)
		facts->journal = start_journal(&room->journal, request->explain == NO_OUTPUT);
	/* Now: what --clear-env takes away is for the program only. */
	if (request->explain != NO_OUTPUT)
		page = look_at_screen();
	if (read_facts(facts, request) < 0 && request->explain == NO_OUTPUT)
		return EXIT_NSRUN;

	make_plan(&memory.plan, request, facts);
	if (request->explain != NO_OUTPUT)
		return explain(&memory.plan, request, facts, page);
	if (facts->errors_on_terminal)
		give_notes(request, facts);
	return play(&memory.plan, facts->journal);
}
