#include "show.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "message.h"

enum { USUAL_WIDTH = 80, LEAST_ROOM = 12 };

struct page look_at_screen(void)
{
	struct page page = {.width = USUAL_WIDTH, .left = ""};
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t number;

	page.coloured = colours_are_allowed() && isatty(STDOUT_FILENO);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		page.width = size.ws_col;
	else if (columns && read_number(columns, UINT16_MAX, &number) && number > 0)
		page.width = (size_t)number;
	return page;
}

/* How many bytes of the words fit into so many columns. */
static size_t fitting(const char *words, size_t room)
{
	size_t columns = 0, good = 0, poor = 0, i;

	for (i = 0; words[i]; i++) {
		if (words[i] == ' ')
			good = i;
		/* The further bytes of a character in UTF-8 take no column (utf-8(7)). */
		columns += (words[i] & 0xc0) != 0x80;
		if (columns > room && (good || poor))
			return good ? good : poor;
		if (words[i] == '|')
			good = i + 1;
		else if (strchr("/,({", words[i]))
			poor = i + 1;
	}
	return i;
}

void add_wrapped(const struct page *page, size_t start, size_t column, const char *words)
{
	for (;; start = column) {
		size_t room = page->width > start + LEAST_ROOM ? page->width - start : LEAST_ROOM;
		size_t length = fitting(words, room);

		text_raw(page->text, words, length);
		text_character(page->text, '\n');
		words += length + (words[length] == ' ');
		if (!*words)
			return;
		text_column(page->text, page->left, column);
	}
}
