#include "hint.h"
#include "message.h"

void give_notes(const struct request *request, const struct facts *facts)
{
	if (has_namespace(facts->namespaces, PID_NAMESPACE) && !request->fork)
		note("without --fork the program itself stays outside the new PID namespace; its "
		     "first child is PID 1, and once that ends every fork fails with \"Cannot "
		     "allocate memory\"");
	if (request->keep_capabilities && !has_namespace(facts->namespaces, USER_NAMESPACE))
		note("--keep-caps does nothing without a new user namespace: add --user or -r");
	if (facts->pinned)
		note("a namespace is pinned to '%s' already, and the new pin hides it: "
		     "nsenter(1) enters it, umount(8) ends it",
		     facts->pinned);
	if (request->has_owner && root_is_given_away(request, facts))
		note("root is mapped into a namespace that user %u owns, who can become root there "
		     "and write to all files of root's: map other ids with --map-users",
		     request->owner_user);
}
