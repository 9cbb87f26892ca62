/* Checks of what a command has printed and how it has ended. */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void check_clean(const struct outcome *outcome)
{
	if (outcome->late)
		fail_msg("'%s' took too long\n%s", outcome->command, outcome->errors);
	if (outcome->left > 0)
		fail_msg("'%s' left %d processes behind\n%s", outcome->command, outcome->left,
			 outcome->errors);
	if (outcome->mounts != 0)
		fail_msg("'%s' left %d mounts behind", outcome->command, outcome->mounts);
}

void check_status(const struct outcome *outcome, int status)
{
	if (outcome->status != status)
		fail_msg("'%s': exit status %d (signal %d), not %d\n%s", outcome->command,
			 outcome->status, outcome->signal, status, outcome->errors);
}

void check_signal(const struct outcome *outcome, int signal)
{
	if (outcome->signal != signal)
		fail_msg("'%s': signal %d (exit status %d), not %d\n%s", outcome->command,
			 outcome->signal, outcome->status, signal, outcome->errors);
}

void check_output(const struct outcome *outcome, const char *output)
{
	check_status(outcome, 0);
	if (strcmp(outcome->output, output) != 0 || *outcome->errors)
		fail_msg("'%s' printed\n%s, not\n%s%s", outcome->command, outcome->output, output,
			 outcome->errors);
}

void check_words(const struct outcome *outcome, const char *words)
{
	static char printed[sizeof(outcome->output)];
	size_t length = 0;

	for (const char *from = outcome->output; *from; from += strcspn(from, " \t\n")) {
		from += strspn(from, " \t\n");
		length += (size_t)sprintf(printed + length, "%s%.*s", length > 0 && *from ? " " : "",
					  (int)strcspn(from, " \t\n"), from);
	}
	printed[length] = '\0';
	check_status(outcome, 0);
	if (strcmp(printed, words) != 0 || *outcome->errors)
		fail_msg("'%s' printed '%s', not '%s'\n%s", outcome->command, printed, words,
			 outcome->errors);
}

/* After the first line only hints. */
static bool has_one_complaint(const char *errors)
{
	const char *line = errors;

	if (strncmp(line, "nsrun: ", 7) != 0)
		return false;
	while ((line = strchr(line, '\n')) && line[1]) {
		line++;
		if (strncmp(line, "hint: ", 6) != 0)
			return false;
	}
	return line != NULL;
}

void check_refused(const struct outcome *outcome, const char *quoted)
{
	size_t first_line = strcspn(outcome->errors, "\n");
	const char *found = strstr(outcome->errors, quoted);

	check_status(outcome, FAILED);
	if (!has_one_complaint(outcome->errors))
		fail_msg("'%s': not one line of complaint and hints:\n%s", outcome->command,
			 outcome->errors);
	if (!found || (size_t)(found - outcome->errors) > first_line)
		fail_msg("'%s': the complaint does not show \"%s\":\n%s", outcome->command, quoted,
			 outcome->errors);
	if (*outcome->output)
		fail_msg("'%s' failed but ran the program:\n%s", outcome->command, outcome->output);
}

const char *value(const struct outcome *outcome, const char *key)
{
	enum { COPIES = 8, LONGEST = 8192 };
	static char copies[COPIES][LONGEST];
	static unsigned next;
	size_t length = strlen(key);
	char *copy = copies[next++ % COPIES];

	for (const char *line = outcome->output; *line; line += strcspn(line, "\n") + 1) {
		if (strncmp(line, key, length) == 0 && line[length] == '=') {
			const char *start = line + length + 1;

			snprintf(copy, LONGEST, "%.*s", (int)strcspn(start, "\n"), start);
			return copy;
		}
		if (!strchr(line, '\n'))
			break;
	}
	return NULL;
}

void check(const struct outcome *outcome, const char *key, const char *format, ...)
{
	char expected[8192];
	const char *found = value(outcome, key);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	check_status(outcome, 0);
	if (!found || strcmp(found, expected) != 0)
		fail_msg("'%s': %s is '%s', not '%s'", outcome->command, key,
			 found ? found : "unknown", expected);
}

bool is_new(const struct outcome *outcome, const char *type)
{
	char key[64], path[64], own[64];
	const char *found;
	ssize_t length;

	snprintf(key, sizeof(key), "ns.%s", type);
	snprintf(path, sizeof(path), "/proc/self/ns/%s", type);
	length = readlink(path, own, sizeof(own) - 1);
	assert_true(length > 0);
	own[length] = '\0';
	found = value(outcome, key);
	return !found || strcmp(found, own) != 0;
}

void check_new(const struct outcome *outcome, const char *type, bool expected)
{
	check_status(outcome, 0);
	if (is_new(outcome, type) != expected)
		fail_msg("'%s': the %s namespace is %s", outcome->command, type,
			 expected ? "the old one" : "a new one");
}
