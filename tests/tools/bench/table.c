/* A table on standard output, as aligned text or in Markdown. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { MOST_ROWS = 32, MOST_COLUMNS = MOST_COMPETITORS + 2, CELL_SIZE = 48 };

bool markdown;

static struct {
	const char *title;
	size_t rows;
	size_t columns;
	size_t next; /* the column of the next cell */
	char cells[MOST_ROWS][MOST_COLUMNS][CELL_SIZE];
} table;

void begin_table(const char *title, const char *first_column)
{
	memset(&table, 0, sizeof(table));
	table.title = title;
	table.rows = 1;
	table_column(first_column);
}

void table_column(const char *heading)
{
	if (table.columns == MOST_COLUMNS)
		fail("the table is too wide");
	snprintf(table.cells[0][table.columns++], CELL_SIZE, "%s", heading);
}

void table_row(const char *name)
{
	if (table.rows == MOST_ROWS)
		fail("the table is too long");
	snprintf(table.cells[table.rows++][0], CELL_SIZE, "%s", name);
	table.next = 1;
}

void table_cell(const char *format, ...)
{
	va_list arguments;

	if (table.next == table.columns)
		fail("the row is too long");
	va_start(arguments, format);
	vsnprintf(table.cells[table.rows - 1][table.next++], CELL_SIZE, format, arguments);
	va_end(arguments);
}

static int width(size_t column)
{
	size_t most = 0;

	for (size_t row = 0; row < table.rows; row++) {
		size_t length = strlen(table.cells[row][column]);
		most = length > most ? length : most;
	}
	return (int)most;
}

static void print_row(size_t row)
{
	const char *edge = markdown ? "| " : "";
	const char *between = markdown ? " | " : "  ";

	printf("%s%-*s", edge, width(0), table.cells[row][0]);
	for (size_t column = 1; column < table.columns; column++)
		printf("%s%*s", between, width(column), table.cells[row][column]);
	puts(markdown ? " |" : "");
}

static void print_rule(void)
{
	for (size_t column = 0; column < table.columns; column++)
		fputs(column ? "---:|" : "|---|", stdout);
	putchar('\n');
}

void end_table(void)
{
	printf(markdown ? "\n**%s**\n\n" : "\n%s\n\n", table.title);
	for (size_t row = 0; row < table.rows; row++) {
		print_row(row);
		if (row == 0 && markdown)
			print_rule();
	}
	fflush(stdout);
}
