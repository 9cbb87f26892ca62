/* What is printed on standard output in place of a run. */
#pragma once

#include "plan.h"
#include "text.h"

/* Text for a screen: its lines end between words. */
struct page {
	struct text *text;
	size_t width; /* in columns */
	bool coloured;
	const char *left; /* what each further line begins with, or "" */
};

/* A page of the terminal's width, or of what COLUMNS says, and without a text. */
struct page look_at_screen(void);

/* Adds words and ends the line. The first stands at column start, up to which the line is
 * written already; further lines begin at column. A word that is too long for a line, as a path
 * may be, goes on behind a slash, a bracket or a comma. */
void add_wrapped(const struct page *page, size_t start, size_t column, const char *words);

/* Shows what the request asks for in place of a run, and returns an exit status. */
int show(const struct request *request);

/* The same for the plan, in words and in C. */
int explain(const struct plan *plan, const struct request *request, const struct facts *facts,
	    struct page page);
