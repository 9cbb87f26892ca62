/* Who takes part: whatever of the peers is installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static char *join(const char *directory, size_t length, const char *name)
{
	char *path;

	if (asprintf(&path, "%.*s/%s", (int)length, directory, name) < 0)
		fail("out of memory");
	return path;
}

static char *find_in_path(const char *name)
{
	const char *directory = getenv("PATH");

	while (directory && *directory) {
		size_t length = strcspn(directory, ":");
		char *path = join(directory, length, name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
		directory += length + (directory[length] == ':');
	}
	return NULL;
}

size_t find_competitors(struct competitor *list, const char *directory, char **variants)
{
	static const struct competitor peers[] = {
	    {UNSHARE, "unshare", NULL, 4}, {BUSYBOX, "busybox", NULL, 4},
	    {TOYBOX, "toybox", NULL, 4},   {BUBBLEWRAP, "bwrap", NULL, 4},
	    {CRUN, "crun", NULL, 16},      {RUNC, "runc", NULL, 64},
	};
	size_t count = 0;

	list[count++] =
	    (struct competitor){FLOOR, "floor", join(directory, strlen(directory), "floor"), 1};
	for (; *variants && count < MOST_COMPETITORS; variants++)
		list[count++] = (struct competitor){
		    NSRUN, *variants, join(directory, strlen(directory), *variants), 1};
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]) && count < MOST_COMPETITORS; i++) {
		list[count] = peers[i];
		list[count].path = find_in_path(peers[i].name);
		if (list[count].path)
			count++;
	}
	return count;
}
