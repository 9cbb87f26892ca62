/* A row of the table of options. */
#pragma once

#include "request.h"

enum option_group {
	NAMESPACE_OPTIONS,
	PROCESS_OPTIONS,
	FILE_SYSTEM_OPTIONS,
	ID_OPTIONS,
	SETTING_OPTIONS,
	OUTPUT_OPTIONS,
	OPTION_GROUPS
};

/* Added to the group of what a short help shows: it is to fit a screen of 80x24. */
enum { ESSENTIAL = 1 << 8 };

enum option_argument { NO_ARGUMENT, OPTIONAL_ARGUMENT, REQUIRED_ARGUMENT };

struct option_row;

/* Stores what the option asks for. Returns -1 after a complaint about argument. */
typedef int option_reader(struct request *request, const struct option_row *option,
			  const char *argument);

struct option_row {
	const char *name;
	char letter; /* 0: long form only */
	enum option_argument argument;
	const char *argument_name;
	unsigned group; /* an option_group, perhaps | ESSENTIAL */
	const char *help;
	option_reader *read;
	size_t where; /* for a reader of many rows: a place in the request, or a value */
};
