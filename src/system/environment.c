#include "environment.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Where the table has the variable of that name, or has room for it (open addressing). */
__attribute__((cold)) static char **find_place(char **table, size_t size, const char *name,
					       size_t length)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 1099511628211U;
	for (hash %= size; table[hash]; hash = (hash + 1) % size) {
		if (strncmp(table[hash], name, length) == 0 && table[hash][length] == '=')
			break;
	}
	return &table[hash];
}

int keep_variables(char **environment, char *const *lists, size_t list_count)
{
	size_t count = 0, kept = 0;

	while (environment[count])
		count++;
	const size_t size = 2 * count + 1;
	/* Not on the stack, which may have room for no more than the kernel has put there
	 * (execve(2)). */
	char **table = mmap(NULL, size * sizeof(*table), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(environment[i], "=");
		char **place = find_place(table, size, environment[i], length);

		/* Of two with the same name the first one counts (getenv(3)). */
		if (!*place && environment[i][length])
			*place = environment[i];
	}
	for (size_t i = 0; i < list_count; i++) {
		const char *name = lists[i];

		while (*name) {
			size_t length = strcspn(name, ",");
			char **place = find_place(table, size, name, length);

			if (*place && length > 0) {
				environment[kept++] = *place;
				*place = (char *)""; /* nothing has this name */
			}
			name += length + (name[length] == ',');
		}
	}
	environment[kept] = NULL;
	return munmap(table, size * sizeof(*table));
}

const char *find_path(void)
{
	const char *path = getenv("PATH");

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
