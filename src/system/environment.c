#include "environment.h"

#include <string.h>

static bool is_variable(const char *entry, const char *name, size_t length)
{
	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

const char *find_variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++) {
		if (is_variable(*environment, name, length))
			return *environment + length + 1;
	}
	return NULL;
}

void keep_variables(char **environment, const char *list)
{
	size_t kept = 0;

	while (*list) {
		size_t length = strcspn(list, ",");

		for (size_t i = 0; length > 0 && environment[i]; i++) {
			if (!is_variable(environment[i], list, length))
				continue;
			/* One that is named twice has been kept already. */
			if (i >= kept) {
				char *found = environment[i];
				environment[i] = environment[kept];
				environment[kept++] = found;
			}
			break;
		}
		list += length + (list[length] == ',');
	}
	environment[kept] = NULL;
}

const char *find_path(char **environment)
{
	const char *path = find_variable(environment, "PATH");

	return path ? path : "/bin:/usr/bin";
}

bool next_candidate(const char **directories, const char *name, char candidate[PATH_MAX])
{
	while (*directories) {
		const char *start = *directories;
		size_t length = strcspn(start, ":");
		size_t slash = length > 0;

		*directories = start[length] ? start + length + 1 : NULL;
		if (length + slash + strlen(name) >= PATH_MAX)
			continue;
		memcpy(candidate, start, length);
		candidate[length] = '/';
		strcpy(candidate + length + slash, name);
		return true;
	}
	return false;
}
