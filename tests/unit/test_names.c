/* Names of signals, flags and namespaces, both ways. */
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>

#include "look.h"
#include "names.h"
#include "text.h"

enum { TIME_BIT = 0x80 };

static const char *name_of_signal(int signal)
{
	static char buffer[64];
	struct text text = {.start = buffer, .capacity = sizeof(buffer) - 1, .descriptor = -1};

	text_print(&text, "%G", signal);
	buffer[text.length] = '\0';
	return buffer;
}

static const char *names_of_flags(const char *format, unsigned long flags)
{
	static char buffer[512];
	struct text text = {.start = buffer, .capacity = sizeof(buffer) - 1, .descriptor = -1};

	text_print(&text, format, flags);
	assert_false(text.overflowed);
	buffer[text.length] = '\0';
	return buffer;
}

/* The C library's own list is the judge of the standard signals. */
static void every_standard_signal_has_its_name(void **state)
{
	(void)state;
	for (int signal = 1; signal < 32; signal++) {
		const char *name = sigabbrev_np(signal);
		char expected[32];

		assert_non_null(name);
		/* It calls 29 by the name of System V; signal(7) has Linux's. */
		if (signal == SIGIO)
			name = "IO";
		snprintf(expected, sizeof(expected), "SIG%s", name);
		assert_string_equal(name_of_signal(signal), expected);
		assert_int_equal(signal_number(name), signal);
		assert_int_equal(signal_number(expected), signal);
	}
}

static void names_in_all_spellings(void **state)
{
	static const struct {
		const char *name;
		int number;
	} spellings[] = {
	    {"TERM", SIGTERM},    {"term", SIGTERM},    {"Term", SIGTERM}, {"SIGTERM", SIGTERM},
	    {"sigterm", SIGTERM}, {"SigTerm", SIGTERM}, {"15", SIGTERM},   {"1", 1},
	    {"9", SIGKILL},       {"IOT", SIGABRT},     {"CLD", SIGCHLD},  {"POLL", SIGIO},
	    {"SIGPOLL", SIGIO},   {"64", 64},           {"33", 33},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		assert_int_equal(signal_number(spellings[i].name), spellings[i].number);
}

static void real_time_signals(void **state)
{
	char name[32];

	(void)state;
	assert_int_equal(signal_number("RTMIN"), SIGRTMIN);
	assert_int_equal(signal_number("SIGRTMAX"), SIGRTMAX);
	assert_int_equal(signal_number("rtmin+0"), SIGRTMIN);
	assert_int_equal(signal_number("sigrtmax-0"), SIGRTMAX);
	for (int offset = 0; offset <= SIGRTMAX - SIGRTMIN; offset++) {
		snprintf(name, sizeof(name), "RTMIN+%d", offset);
		assert_int_equal(signal_number(name), SIGRTMIN + offset);
		snprintf(name, sizeof(name), "SIGRTMAX-%d", offset);
		assert_int_equal(signal_number(name), SIGRTMAX - offset);
	}
	snprintf(name, sizeof(name), "RTMIN+%d", SIGRTMAX - SIGRTMIN + 1);
	assert_int_equal(signal_number(name), 0);
	snprintf(name, sizeof(name), "RTMAX-%d", SIGRTMAX - SIGRTMIN + 1);
	assert_int_equal(signal_number(name), 0);
}

static void what_is_no_signal(void **state)
{
	static const char *const bad[] = {
	    "",
	    "SIG",
	    "0",
	    "-9",
	    "+9",
	    " 9",
	    "9 ",
	    "65",
	    "99999",
	    "4294967305",
	    "18446744073709551625",
	    "TER",
	    "TERMS",
	    "TERM ",
	    " TERM",
	    "SIGSIGTERM",
	    "SIG9",
	    "SIG 9",
	    "KILL9",
	    "RTMIN+",
	    "RTMIN-1",
	    "RTMAX+1",
	    "RTMIN+-1",
	    "RTMIN 1",
	    "RTMIN1",
	    "RTMIN++1",
	    "RT",
	    "RTMAXX",
	    "0x9",
	    "EXIT",
	    "9.0",
	    "RTMIN+99999999999999999999",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (signal_number(bad[i]) != 0)
			fail_msg("'%s' is taken for a signal", bad[i]);
	}
}

static void signals_without_a_name_are_numbers(void **state)
{
	(void)state;
	assert_string_equal(name_of_signal(0), "0");
	assert_string_equal(name_of_signal(40), "40");
	assert_string_equal(name_of_signal(SIGABRT), "SIGABRT");
	assert_string_equal(name_of_signal(SIGCHLD), "SIGCHLD");
}

static void listed_names_are_names(void **state)
{
	unsigned count = 0;

	(void)state;
	for (; named_signals[count].name; count++) {
		assert_int_not_equal(strncmp(named_signals[count].name, "SIG", 3), 0);
		assert_int_equal(signal_number(named_signals[count].name),
				 named_signals[count].number);
	}
	assert_true(count >= 31);
}

static void mount_flags(void **state)
{
	(void)state;
	assert_string_equal(names_of_flags("%M", 0), "0");
	assert_string_equal(names_of_flags("%M", MS_BIND), "MS_BIND");
	assert_string_equal(names_of_flags("%M", MS_REC | MS_SLAVE), "MS_REC|MS_SLAVE");
	assert_string_equal(names_of_flags("%M", MS_REC | MS_SHARED), "MS_REC|MS_SHARED");
	assert_string_equal(names_of_flags("%M", MS_NOSUID | MS_NODEV | MS_NOEXEC),
			    "MS_NOSUID|MS_NODEV|MS_NOEXEC");
	/* No flag is passed over in silence. */
	assert_string_equal(names_of_flags("%M", MS_BIND | MS_SILENT), "MS_BIND|32768");
	assert_string_equal(names_of_flags("%M", MS_SILENT), "32768");
}

static void namespace_flags(void **state)
{
	(void)state;
	assert_string_equal(names_of_flags("%N", 0), "0");
	assert_string_equal(names_of_flags("%N", TIME_BIT), "CLONE_NEWTIME");
	assert_string_equal(names_of_flags("%N", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
						     CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUSER |
						     CLONE_NEWCGROUP | TIME_BIT),
			    "CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|CLONE_NEWPID|"
			    "CLONE_NEWUSER|CLONE_NEWCGROUP|CLONE_NEWTIME");
}

static void namespace_table(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NAMESPACE_TYPES; i++) {
		const struct namespace *type = &namespace_types[i];
		char expected[64];

		assert_string_equal(names_of_flags("%N", type->bit), type->bit_name);
		snprintf(expected, sizeof(expected), "%s%s", type->link,
			 i == PID_NAMESPACE || i == TIME_NAMESPACE ? "_for_children" : "");
		assert_string_equal(type->new_link, expected);
	}
	/* Every Linux has had these since 3.8. */
	assert_int_equal(offered_namespaces(NULL) & CLONE_NEWNS, CLONE_NEWNS);
	assert_int_equal(offered_namespaces(NULL) & CLONE_NEWPID, CLONE_NEWPID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_standard_signal_has_its_name),
	    cmocka_unit_test(names_in_all_spellings),
	    cmocka_unit_test(real_time_signals),
	    cmocka_unit_test(what_is_no_signal),
	    cmocka_unit_test(signals_without_a_name_are_numbers),
	    cmocka_unit_test(listed_names_are_names),
	    cmocka_unit_test(mount_flags),
	    cmocka_unit_test(namespace_flags),
	    cmocka_unit_test(namespace_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
