/* Any signal name: what is found is that signal, and what is not is none. */
#include "fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "text.h"

/* RTMIN+n and RTMAX-n. */
static int real_time_number_of(const char *name)
{
	char form[16];

	for (int i = 0; i <= SIGRTMAX - SIGRTMIN; i++) {
		snprintf(form, sizeof(form), "RTMIN+%d", i);
		if (strcasecmp(name, form) == 0)
			return SIGRTMIN + i;
		snprintf(form, sizeof(form), "RTMAX-%d", i);
		if (strcasecmp(name, form) == 0)
			return SIGRTMAX - i;
	}
	return 0;
}

static int number_of(const char *name)
{
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (strncasecmp(name, "RT", 2) == 0)
		return real_time_number_of(name);
	for (int i = 1; i < NSIG; i++) {
		if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), name) == 0)
			return i;
	}
	return 0;
}

/* The name that is shown for the number stands for the number. */
static void check_shown(int number)
{
	char shown[32];
	struct text text = {.start = shown, .capacity = sizeof(shown) - 1, .descriptor = -1};

	text_print(&text, "%G", number);
	shown[text.length] = '\0';
	check(signal_number(shown) == number, "a name and its number");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);
	int number, known;

	check(name, "there is memory");
	memcpy(name, data, size);
	name[size] = '\0';
	number = signal_number(name);
	known = number_of(name);
	check(number >= 0 && number <= 64, "there are 64 signals");
	if (known)
		check(number == known, "libc knows it by that name");
	/* Except that the numbers may be left out, or start with zeros. */
	if (number && !known && strcasestr(name, "RT"))
		check(!strpbrk(name, "+-") || strstr(name, "+0") || strstr(name, "-0"),
		      "libc does not know it");
	if (*name >= '0' && *name <= '9' && strspn(name, "0123456789") == strlen(name))
		check(number == (strtoul(name, NULL, 10) <= 64 ? (int)strtoul(name, NULL, 10) : 0),
		      "a number is that number");
	if (number)
		check_shown(number);
	free(name);
	return 0;
}
