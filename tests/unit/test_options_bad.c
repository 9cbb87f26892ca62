/* Command lines that are refused, and what the complaint quotes. */
#include <stdio.h>
#include <string.h>

#include "scene.h"

/* A command line that must be refused, and what the message must quote. */
struct refusal {
	const char *line;
	const char *quoted;
};

static const struct refusal refusals[] = {
    /* Options that are none, or not all there. */
    {"--nonsense", "--nonsense"},
    {"--nonsense=5", "--nonsense"},
    {"--mount-procs", "--mount-procs"},
    {"-z", "-z"},
    {"-mz", "-mz"},
    {"-m-", "-m-"},
    {"-m=/f", "-m=/f"},
    {"--m", "'--m'"},
    {"--map", "'--map'"},
    {"--map-", "'--map-'"},
    {"--mou", "'--mou'"},
    {"--map-use=5", "--map-use"},
    {"--=5", "--=5"},
    {"--root", "--root"},
    {"--load-interp", "--load-interp"},
    {"-R", "-R"},
    {"-mR", "-R"},
    {"-S", "-S"},
    {"--fork=yes", "yes"},
    {"--fork=", "--fork"},
    {"--help=al", "'al'"},
    {"--help=", "''"},
    {"--version=all", "all"},
    {"--map-root=0", "--map-root-user"},
    {"--mount= id", "--mount"},
    {"--pid= -f", "--pid"},
    {"--load-interp=", "--load-interp"},

    /* Numbers. */
    {"-S -1", "'-1'"},
    {"-S +1", "'+1'"},
    {"-S 1x", "'1x'"},
    {"-S 0x10", "'0x10'"},
    {"-S 1\t", "'1\\t'"},
    {"--setuid=", "''"},
    {"-S 4294967295", "'4294967295'"},
    {"-S 4294967296", "'4294967296'"},
    {"-S 18446744073709551616", "'18446744073709551616'"},
    {"-G 4294967295", "'4294967295'"},
    {"-G 1.5", "'1.5'"},
    {"--map-user=", "''"},
    {"--map-user -1", "'-1'"},
    {"--map-user 4294967295", "'4294967295'"},
    {"--map-user 1000x", "'1000x'"},
    {"--map-user 99999999999999999999", "'99999999999999999999'"},
    {"--map-group +0", "'+0'"},
    {"--map-group 4294967295", "'4294967295'"},
    {"-T --monotonic", "--monotonic"},
    {"-T --monotonic x", "'x'"},
    {"-T --monotonic 5s", "'5s'"},
    {"-T --monotonic --5", "'--5'"},
    {"-T --monotonic +5", "'+5'"},
    {"-T --monotonic=", "''"},
    {"-T --monotonic -", "'-'"},
    {"-T --monotonic 9223372036854775808", "'9223372036854775808'"},
    {"-T --boottime 1.5", "'1.5'"},
    {"--monotonic 5", "--monotonic"},
    {"--boottime 5", "--boottime"},
    {"-m --boottime 5", "--time"},

    /* Ranges. */
    {"--map-users=", "''"},
    {"--map-users 0", "'0'"},
    {"--map-users 0:1", "'0:1'"},
    {"--map-users 0:1:2:3", "'0:1:2:3'"},
    {"--map-users 0:1:", "'0:1:'"},
    {"--map-users :1:2", "':1:2'"},
    {"--map-users 0:1,2", "'0:1,2'"},
    {"--map-users 0:-1:2", "'0:-1:2'"},
    {"--map-users 0:+1:2", "'0:+1:2'"},
    {"--map-users 0:1:2x", "'0:1:2x'"},
    {"--map-users 0,1,2,", "'0,1,2,'"},
    {"--map-users 0:0:0", "'0:0:0'"},
    {"--map-users 0:4294967295:1", "'0:4294967295:1'"},
    {"--map-users 4294967295:0:1", "'4294967295:0:1'"},
    {"--map-users 1:0:4294967295", "'1:0:4294967295'"},
    {"--map-users 0:4294967290:6", "'0:4294967290:6'"},
    {"--map-users 0:4294967296:1", "'0:4294967296:1'"},
    {"--map-users 0:0:4294967296", "'0:0:4294967296'"},
    {"--map-users Auto", "'Auto'"},
    {"--map-users autos", "'autos'"},
    {"--map-groups none", "'none'"},
    {"--map-groups 5:5:0", "'5:5:0'"},

    /* Owners. */
    {"--owner 5", "'5'"},
    {"--owner=", "''"},
    {"--owner 5:", "'5:'"},
    {"--owner :5", "':5'"},
    {"--owner 5:6:7", "'5:6:7'"},
    {"--owner 5,6", "'5,6'"},
    {"--owner -5:6", "'-5:6'"},
    {"--owner 4294967295:6", "'4294967295:6'"},
    {"--owner 5:4294967295", "'5:4294967295'"},
    {"--owner root:root", "'root:root'"},

    /* Words that stand for something. */
    {"--propagation none", "'none'"},
    {"--propagation=", "''"},
    {"--propagation privat", "'privat'"},
    {"--setgroups maybe", "'maybe'"},
    {"--setgroups=", "''"},
    {"--completion tcsh", "'tcsh'"},
    {"--completion=", "''"},
    {"--explain=xml", "'xml'"},
    {"--explain=", "''"},
    {"--report=JSON", "'JSON'"},
    {"--report-fd x", "'x'"},
    {"--report-fd -1", "'-1'"},
    {"--report-fd 2147483648", "'2147483648'"},
    {"--hostname=", "--hostname"},
    {"--kill-child=NOPE", "'NOPE'"},
    {"--kill-child=", "''"},
    {"--kill-child=0", "'0'"},
    {"--kill-child=-9", "'-9'"},
    {"--kill-child=65", "'65'"},
    {"--kill-child=SIG", "'SIG'"},

    /* What does not go together. */
    {"--setgroups=allow -r", "--setgroups=allow"},
    {"-c --setgroups=allow", "--setgroups=allow"},
    {"--map-group=5 --setgroups=allow", "--setgroups=allow"},
    {"--map-group=5 --map-users=auto --setgroups=allow", "--setgroups=allow"},
    {"--root /a --pivot-root /b", "--pivot-root"},
    {"--pid=/f", "--pid=/f"},
    {"--uts=/f --net=/f", "'/f'"},

    /* What a terminal would obey. */
    {"--\033[2J", "'--\\033[2J'"},
    {"-\033", "\\033"},
    {"--kill-child=\n", "'\\n'"},
    {"--owner \x7f", "'\\177'"},
    {"--propagation \"\\", "'\"\\'"},
};

static int read_line(const char *line, struct capture *capture)
{
	static struct scene scene;
	static char whole[16384];
	int result;

	snprintf(whole, sizeof(whole), "nsrun %s", line);
	start_capture(capture);
	result = read_scene(&scene, whole);
	end_capture(capture);
	return result;
}

/* One line of message; hints may follow. */
static bool is_one_message(const char *text)
{
	const char *end = strchr(text, '\n');

	if (strncmp(text, "nsrun: ", strlen("nsrun: ")) != 0 || !end)
		return false;
	while (end[1]) {
		if (strncmp(end + 1, "hint: ", strlen("hint: ")) != 0)
			return false;
		end = strchr(end + 1, '\n');
		if (!end)
			return false;
	}
	return true;
}

static bool quotes(const char *text, const char *quoted)
{
	const char *end = strchr(text, '\n');
	const char *found = strstr(text, quoted);

	return found && found < end;
}

static void check_refusal(const char *line, const char *quoted)
{
	static struct capture capture;
	int result = read_line(line, &capture);

	if (result != -1)
		fail_msg("'%s' is not refused", line);
	if (!is_one_message(capture.text))
		fail_msg("'%s' is refused with: %s", line, capture.text);
	if (!quotes(capture.text, quoted))
		fail_msg("the refusal of '%s' does not quote %s: %s", line, quoted, capture.text);
}

static void bad_input_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		check_refusal(refusals[i].line, refusals[i].quoted);
}

static void ambiguous_names_list_what_they_could_be(void **state)
{
	static struct capture capture;

	(void)state;
	assert_int_equal(read_line("--ma", &capture), -1);
	assert_non_null(strstr(capture.text, "hint: "));
	assert_non_null(strstr(capture.text, "--map-users"));
	assert_non_null(strstr(capture.text, "--map-subids"));
	assert_null(strstr(capture.text, "--mount"));
}

static void more_ranges_than_the_kernel_takes(void **state)
{
	static char line[8192];

	(void)state;
	for (unsigned i = 0; i < MOST_RANGES; i++)
		strcat(line, "--map-users=1:2:3 ");
	check_refusal(strcat(line, "--map-users=7:8:9"), "--map-users");
}

static void strings_that_are_too_long(void **state)
{
	static char line[8192];

	(void)state;
	strcpy(line, "-l ");
	memset(line + 3, 'x', 1921);
	check_refusal(line, "xxx'");
	memset(line, 0, sizeof(line));
	strcpy(line, "--mount-binfmt=/");
	memset(line + strlen(line), 'y', 4096);
	check_refusal(line, "yyy'");
	memset(line, 0, sizeof(line));
	strcpy(line, "--hostname=");
	memset(line + strlen(line), 'h', 65);
	check_refusal(line, "hhh'");
}

/* A good line writes nothing. */
static void good_input_is_silent(void **state)
{
	static struct capture capture;

	(void)state;
	assert_int_equal(read_line("-r --mount-proc -f --setgroups=deny id", &capture), 0);
	assert_string_equal(capture.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_input_is_refused),
	    cmocka_unit_test(ambiguous_names_list_what_they_could_be),
	    cmocka_unit_test(more_ranges_than_the_kernel_takes),
	    cmocka_unit_test(strings_that_are_too_long),
	    cmocka_unit_test(good_input_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
