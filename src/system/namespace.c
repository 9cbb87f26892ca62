#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "look.h"

static unsigned long bit_of(const char *link)
{
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		if (strcmp(link, namespace_types[i].link) == 0)
			return namespace_types[i].bit;
	}
	return 0;
}

unsigned long offered_namespaces(struct journal *journal)
{
	struct directory_reader links = {
	    .descriptor = open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	unsigned long offered = 0;
	const char *link;

	journal_call(journal, links.descriptor,
		     "open(\"/proc/self/ns\", O_RDONLY|O_DIRECTORY|O_CLOEXEC)");
	if (links.descriptor < 0)
		return 0;
	while ((link = next_name(&links, journal))) {
		offered |= bit_of(link);
		/* There are so few that one read gives them all. */
		if (links.next == links.length)
			break;
	}
	close(links.descriptor);
	if (links.length >= 0 && !offered)
		errno = ENOENT;
	return offered;
}
