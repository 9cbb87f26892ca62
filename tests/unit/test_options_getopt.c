/* Random command lines, cut up as getopt_long(3) cuts them. */
#include "unit.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

/* getopt_long(3) is the judge of how a command line is cut up. Each option has a value
 * of its own, from here on up: its place in the table. */
enum { FIRST_VALUE = 1000, MOST_OPTIONS = 128, LINE_WORDS = 7, WORD_SIZE = 48 };

static int standard_error;
static struct option long_options[MOST_OPTIONS + 1];
static char short_options[3 * MOST_OPTIONS + 2] = "+";

static void translate_table(void)
{
	static const int arguments[] = {[NO_ARGUMENT] = no_argument,
					[OPTIONAL_ARGUMENT] = optional_argument,
					[REQUIRED_ARGUMENT] = required_argument};
	char *end = short_options + 1;

	for (size_t i = 0; i < option_count; i++) {
		long_options[i] = (struct option){.name = options[i].name,
						  .has_arg = arguments[options[i].argument],
						  .val = FIRST_VALUE + (int)i};
		if (!options[i].letter)
			continue;
		*end++ = options[i].letter;
		if (options[i].argument == REQUIRED_ARGUMENT)
			*end++ = ':';
	}
	*end = '\0';
}

static const struct option_row *option_of_value(int value)
{
	if (value >= FIRST_VALUE)
		return &options[value - FIRST_VALUE];
	for (size_t i = 0; i < option_count; i++) {
		if (options[i].letter == value)
			return &options[i];
	}
	return NULL;
}

struct line {
	char words[LINE_WORDS][WORD_SIZE];
	char *list[LINE_WORDS + 2];
	int count;
};

static void add_characters(struct generator *generator, char *word, unsigned most)
{
	static const char alphabet[] = "-=mpuinfaUCTrcRwSGlhV0:;?+Wz \xff";
	size_t length = strlen(word);

	for (unsigned i = number_below(generator, most + 1); i > 0; i--)
		word[length++] = alphabet[number_below(generator, sizeof(alphabet) - 1)];
	word[length] = '\0';
}

/* A name, whole or cut or with a wrong end, with or without an argument. */
static void write_name(struct generator *generator, char *word)
{
	const char *name = options[number_below(generator, (unsigned)option_count)].name;
	size_t length = strlen(name);

	if (number_below(generator, 2))
		length = number_below(generator, (unsigned)length + 1);
	sprintf(word, "--%.*s", (int)length, name);
	if (number_below(generator, 8) == 0)
		add_characters(generator, word, 2);
	if (number_below(generator, 3) == 0)
		add_characters(generator, strcat(word, "="), 4);
}

static void write_letters(struct generator *generator, char *word)
{
	size_t length = 1;

	word[0] = '-';
	for (unsigned i = 1 + number_below(generator, 5); i > 0; i--) {
		char letter = options[number_below(generator, (unsigned)option_count)].letter;
		if (letter)
			word[length++] = letter;
	}
	word[length] = '\0';
	if (number_below(generator, 8) == 0)
		add_characters(generator, word, 3);
}

static void write_word(struct generator *generator, char *word)
{
	static const char *const plain[] = {"-", "--", "", "id", "/f", "0", "-1", "0:1:2", "---"};

	*word = '\0';
	switch (number_below(generator, 8)) {
	case 0:
		strcpy(word, plain[number_below(generator, sizeof(plain) / sizeof(plain[0]))]);
		break;
	case 1:
		add_characters(generator, word, 6);
		break;
	case 2:
	case 3:
	case 4:
		write_letters(generator, word);
		break;
	default:
		write_name(generator, word);
	}
}

static void write_line(struct generator *generator, struct line *line)
{
	static char program[] = "nsrun";

	line->count = 1 + (int)number_below(generator, LINE_WORDS + 1);
	line->list[0] = program;
	for (int i = 1; i < line->count; i++) {
		write_word(generator, line->words[i - 1]);
		line->list[i] = line->words[i - 1];
	}
	line->list[line->count] = NULL;
}

static void fail_on(const struct line *line, const char *what)
{
	dup2(standard_error, STDERR_FILENO);
	for (int i = 1; i < line->count; i++)
		print_error("'%s' ", line->list[i]);
	fail_msg("%s", what);
}

/* Walks the line with both readers until it ends or is refused. True if refused. */
static bool compare(struct line *line)
{
	struct option_cursor cursor = {.next = line->list + 1, .letters = ""};

	optind = 0; /* starts getopt_long(3) anew, its hidden state included */
	for (;;) {
		int value = getopt_long(line->count, line->list, short_options, long_options, NULL);
		int result = next_option(&cursor);

		if ((result < 0) != (value == '?'))
			fail_on(line, "only one of the two refuses this");
		if (result < 0)
			return true;
		if ((value == -1) != !cursor.option)
			fail_on(line, "only one of the two finds an option");
		if (value == -1)
			break;
		if (cursor.option != option_of_value(value))
			fail_on(line, "the two find different options");
		if (cursor.argument != optarg)
			fail_on(line, "the two find different arguments");
	}
	if (cursor.next != line->list + optind)
		fail_on(line, "the two stop at different words");
	return false;
}

/* Refusals are said on standard error, which nobody needs to see a million times. */
static void both_readers_agree(void **state)
{
	struct generator generator = {5};
	unsigned long total = case_count(1000000);
	unsigned long refused = 0;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct line line;

	(void)state;
	standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_true(option_count <= MOST_OPTIONS && standard_error >= 0 && null >= 0);
	translate_table();
	opterr = 0;
	fflush(stderr);
	dup2(null, STDERR_FILENO);
	for (unsigned long i = 0; i < total; i++) {
		write_line(&generator, &line);
		refused += compare(&line);
	}
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	close(null);
	/* Neither sort of line is rare. */
	assert_true(refused > total / 10 && refused < total - total / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_readers_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
