/* Command lines, and the request that each of them is read as. */
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "request_text.h"
#include "scene.h"

/* A command line (without the first word) and what it asks for. */
struct reading {
	const char *line;
	const char *expected;
};

static const struct reading readings[] = {
    {"--mount", "namespaces=CLONE_NEWNS"},
    {"-m", "namespaces=CLONE_NEWNS"},
    {"--mount=/f", "namespaces=CLONE_NEWNS mnt-pin=\"/f\""},
    {"--uts", "namespaces=CLONE_NEWUTS"},
    {"-u", "namespaces=CLONE_NEWUTS"},
    {"--uts=/f", "namespaces=CLONE_NEWUTS uts-pin=\"/f\""},
    {"--ipc", "namespaces=CLONE_NEWIPC"},
    {"-i", "namespaces=CLONE_NEWIPC"},
    {"--ipc=/f", "namespaces=CLONE_NEWIPC ipc-pin=\"/f\""},
    {"--net", "namespaces=CLONE_NEWNET"},
    {"-n", "namespaces=CLONE_NEWNET"},
    {"--net=/f", "namespaces=CLONE_NEWNET net-pin=\"/f\""},
    {"--pid", "namespaces=CLONE_NEWPID"},
    {"-p", "namespaces=CLONE_NEWPID"},
    {"--pid=/f -f", "namespaces=CLONE_NEWPID pid-pin=\"/f\" fork"},
    {"--user", "namespaces=CLONE_NEWUSER"},
    {"-U", "namespaces=CLONE_NEWUSER"},
    {"--user=/f", "namespaces=CLONE_NEWUSER user-pin=\"/f\""},
    {"--cgroup", "namespaces=CLONE_NEWCGROUP"},
    {"-C", "namespaces=CLONE_NEWCGROUP"},
    {"--cgroup=/f", "namespaces=CLONE_NEWCGROUP cgroup-pin=\"/f\""},
    {"--time", "namespaces=CLONE_NEWTIME"},
    {"-T", "namespaces=CLONE_NEWTIME"},
    {"--time=/f", "namespaces=CLONE_NEWTIME time-pin=\"/f\""},
    {"--all", "all"},
    {"-a", "all"},

    {"--fork", "fork"},
    {"-f", "fork"},
    {"--kill-child", "fork kill=SIGKILL"},
    {"--kill-child=TERM", "fork kill=SIGTERM"},
    {"--kill-child=sigint", "fork kill=SIGINT"},
    {"--kill-child=10", "fork kill=SIGUSR1"},
    {"--forward-signals", "fork forward"},

    {"--init", "namespaces=CLONE_NEWPID fork init"},

    {"--mount-proc", "namespaces=CLONE_NEWNS proc=\"/proc\""},
    {"--mount-proc=/p", "namespaces=CLONE_NEWNS proc=\"/p\""},
    {"--mount-binfmt", "namespaces=CLONE_NEWNS|CLONE_NEWUSER proc=\"/proc\" "
		       "binfmt=\"/proc/sys/fs/binfmt_misc\""},
    {"--mount-binfmt --mount-proc=/p", "namespaces=CLONE_NEWNS|CLONE_NEWUSER proc=\"/p\" "
				       "binfmt=\"/proc/sys/fs/binfmt_misc\""},
    {"--mount-proc=/p --mount-binfmt", "namespaces=CLONE_NEWNS|CLONE_NEWUSER proc=\"/p\" "
				       "binfmt=\"/proc/sys/fs/binfmt_misc\""},
    {"--mount-binfmt=/b", "namespaces=CLONE_NEWNS|CLONE_NEWUSER binfmt=\"/b\""},
    {"--load-interp :x:", "namespaces=CLONE_NEWNS|CLONE_NEWUSER proc=\"/proc\" "
			  "binfmt=\"/proc/sys/fs/binfmt_misc\" interpreter=\":x:\""},
    {"-l :x:", "namespaces=CLONE_NEWNS|CLONE_NEWUSER proc=\"/proc\" "
	       "binfmt=\"/proc/sys/fs/binfmt_misc\" interpreter=\":x:\""},
    {"-l :x: --mount-binfmt=/b",
     "namespaces=CLONE_NEWNS|CLONE_NEWUSER binfmt=\"/b\" interpreter=\":x:\""},
    {"--mount-binfmt=/b -l :x:",
     "namespaces=CLONE_NEWNS|CLONE_NEWUSER binfmt=\"/b\" interpreter=\":x:\""},
    {"--propagation private", ""},
    {"--propagation=shared", "propagation=MS_REC|MS_SHARED"},
    {"--propagation slave", "propagation=MS_REC|MS_SLAVE"},
    {"--propagation unchanged", "propagation=0"},
    {"--root /r", "root=\"/r\""},
    {"-R/r", "root=\"/r\""},
    {"--pivot-root /r", "namespaces=CLONE_NEWNS pivot-root=\"/r\""},
    {"--wd /w", "directory=\"/w\""},
    {"-w /w", "directory=\"/w\""},

    {"--map-root-user", "namespaces=CLONE_NEWUSER map-user=0 map-group=0"},
    {"-r", "namespaces=CLONE_NEWUSER map-user=0 map-group=0"},
    {"--map-current-user", "namespaces=CLONE_NEWUSER map-user=current map-group=current"},
    {"-c", "namespaces=CLONE_NEWUSER map-user=current map-group=current"},
    {"--map-user 7", "namespaces=CLONE_NEWUSER map-user=7"},
    {"--map-user=4294967294", "namespaces=CLONE_NEWUSER map-user=4294967294"},
    {"--map-user daemon", "namespaces=CLONE_NEWUSER map-user=\"daemon\""},
    {"--map-group 8", "namespaces=CLONE_NEWUSER map-group=8"},
    {"--map-group adm", "namespaces=CLONE_NEWUSER map-group=\"adm\""},
    {"-r --map-user 5", "namespaces=CLONE_NEWUSER map-user=5 map-group=0"},
    {"--map-user 5 -r", "namespaces=CLONE_NEWUSER map-user=0 map-group=0"},
    {"-r -c", "namespaces=CLONE_NEWUSER map-user=current map-group=current"},
    {"-c -r", "namespaces=CLONE_NEWUSER map-user=0 map-group=0"},
    {"--map-users 0:100000:65536", "namespaces=CLONE_NEWUSER map-users+=0:100000:65536"},
    {"--map-users 100000,0,65536", "namespaces=CLONE_NEWUSER map-users+=0:100000:65536"},
    {"--map-users 0:0:4294967295", "namespaces=CLONE_NEWUSER map-users+=0:0:4294967295"},
    {"--map-users=1:2:3 --map-users auto --map-users=4:5:6",
     "namespaces=CLONE_NEWUSER map-users+=1:2:3 map-users+=auto map-users+=4:5:6"},
    {"--map-users subids", "namespaces=CLONE_NEWUSER map-users+=subids"},
    {"--map-users all", "namespaces=CLONE_NEWUSER map-users+=all"},
    {"--map-groups 1:2:3", "namespaces=CLONE_NEWUSER map-groups+=1:2:3"},
    {"--map-groups all", "namespaces=CLONE_NEWUSER map-groups+=all"},
    {"--map-auto", "namespaces=CLONE_NEWUSER map-users+=auto map-groups+=auto"},
    {"--map-subids", "namespaces=CLONE_NEWUSER map-users+=subids map-groups+=subids"},
    {"--owner 7:8", "namespaces=CLONE_NEWUSER owner-user=7 owner-group=8"},
    {"--setuid 7", "user=7"},
    {"-S0", "user=0"},
    {"--setgid 8", "group=8"},
    {"-G 0", "group=0"},
    {"-S www-data --setgid=_ssh", "user=\"www-data\" group=\"_ssh\""},
    {"--setgroups allow", "setgroups=allow"},
    {"--setgroups=deny", "setgroups=deny"},
    {"--setgroups allow --map-auto -r", "namespaces=CLONE_NEWUSER map-user=0 map-group=0 "
					"map-users+=auto map-groups+=auto setgroups=allow"},
    {"--keep-caps", "keep-capabilities"},

    {"--hostname box", "namespaces=CLONE_NEWUTS hostname=\"box\""},
    {"--loopback", "namespaces=CLONE_NEWNET loopback"},
    {"--time --monotonic 5", "namespaces=CLONE_NEWTIME monotonic=5"},
    {"--monotonic -5 --time", "namespaces=CLONE_NEWTIME monotonic=-5"},
    {"-a --monotonic=0", "all monotonic=0"},
    {"-T --boottime=-9223372036854775807",
     "namespaces=CLONE_NEWTIME boottime=-9223372036854775807"},
    {"-T --boottime 9223372036854775807", "namespaces=CLONE_NEWTIME boottime=9223372036854775807"},
    {"--clear-env", "clear-environment"},
    {"--whitelist-env A,B", "kept-variables=\"A,B\""},
    {"--whitelist-env=A -mu --whitelist-env B,C",
     "namespaces=CLONE_NEWNS|CLONE_NEWUTS kept-variables=\"A\" kept-variables=\"B,C\""},

    {"--explain", "explain=text"},
    {"--explain=text", "explain=text"},
    {"--explain=json", "explain=json"},
    {"--trace", "trace"},
    {"--report", "report=text"},
    {"--report=json", "report=json"},
    {"--report-fd 7", "report=text report-descriptor=7"},
    {"--report-fd=2147483647 --report=json", "report=json report-descriptor=2147483647"},
    {"--quiet", ""},
    {"-q", ""},
    {"--help", "show-help"},
    {"-h", "show-help"},
    {"--help=all", "show-help what=\"all\""},
    {"--version", "show-version"},
    {"-V", "show-version"},
    {"--completion=bash", "show-completion what=\"bash\""},
    /* What follows them is not looked at. */
    {"--help --nonsense", "show-help"},
    {"-V --version=5", "show-version"},
    {"--completion zsh --nonsense", "show-completion what=\"zsh\""},
    {"--pid=/f -h", "namespaces=CLONE_NEWPID pid-pin=\"/f\" show-help"},

    {"-mpuinf", "namespaces=CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|CLONE_NEWPID fork"},
    {"--map-root", "namespaces=CLONE_NEWUSER map-user=0 map-group=0"},
    {"-fS5", "user=5 fork"},
};

static struct scene scene;

static int read_line(const char *line)
{
	static char whole[8192];

	strcpy(whole, "nsrun");
	if (*line)
		strcat(strcat(whole, " "), line);
	return read_scene(&scene, whole);
}

/* The order of fields in the text is not that of the line. */
static bool same_words(const char *one, const char *other)
{
	static struct words left, right;
	int found = 0;

	split_words(&left, one);
	split_words(&right, other);
	for (int i = 0; i < left.count; i++) {
		for (int j = 0; j < right.count; j++) {
			if (strcmp(left.list[i], right.list[j]) == 0) {
				found++;
				break;
			}
		}
	}
	return found == left.count && left.count == right.count;
}

static void each_option_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		int result = read_line(readings[i].line);
		const char *text = request_text(&scene.request);

		if (result != 0 || !same_words(text, readings[i].expected))
			fail_msg("'%s' is read (%d) as '%s', not '%s'", readings[i].line, result,
				 text, readings[i].expected);
	}
}

/* Every row of the table, and every letter, has a line above. */
static void no_option_is_left_out(void **state)
{
	static struct capture capture;
	bool seen[256] = {false};

	(void)state;
	assert_true(option_count < 256);
	/* Some lines are wrong behind --help or --version. */
	start_capture(&capture);
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		static struct words words;
		char whole[256] = "nsrun ";
		struct option_cursor cursor;

		split_words(&words, strcat(whole, readings[i].line));
		cursor = (struct option_cursor){.next = words.list + 1, .letters = ""};
		while (next_option(&cursor) == 0 && cursor.option)
			seen[cursor.option - options] = true;
	}
	end_capture(&capture);
	for (size_t i = 0; i < option_count; i++) {
		if (!seen[i])
			fail_msg("no line reads --%s", options[i].name);
	}
}

static void rows_are_well_formed(void **state)
{
	unsigned groups = 0;

	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		assert_true(*options[i].group);
		groups += i == 0 || options[i].group != options[i - 1].group;
		assert_true(*options[i].help);
		assert_non_null(options[i].read);
		assert_int_equal(options[i].argument == NO_ARGUMENT, !options[i].argument_name);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(options[i].name, options[j].name);
			/* Each group stands together, under its one title. */
			assert_true(options[i].group == options[i - 1].group ||
				    strcmp(options[i].group, options[j].group) != 0);
			assert_true(!options[i].letter || options[i].letter != options[j].letter);
		}
	}
	assert_int_equal(groups, 6);
}

static void where_the_program_starts(void **state)
{
	static const struct {
		const char *line;
		int program; /* how many words of the line come before it */
	} lines[] = {
	    {"id -u", 0},
	    {"-r id -u", 1},
	    {"-r -- id -u", 2},
	    {"-- -r", 1},
	    {"-r - -m", 1},
	    {"--wd / id", 2},
	    {"-w/ id", 1},
	    {"--mount /f id", 1},
	    {"--mount=/f id", 1},
	    {"-m /f", 1},
	    {"", 0},
	    {"-r", 1},
	    {"-r --", 2},
	    {"-R -- id", 2},
	    {"-- -- id", 1},
	    {"--kill-child TERM id", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(read_line(lines[i].line), 0);
		assert_ptr_equal(scene.request.command, scene.words.list + 1 + lines[i].program);
	}
}

static void as_many_ranges_as_the_kernel_takes(void **state)
{
	static char line[8192];

	(void)state;
	for (unsigned i = 0; i < MOST_RANGES; i++)
		strcat(line, i ? " --map-users=1:2:3" : "--map-users=1:2:3");
	assert_int_equal(read_line(line), 0);
	assert_int_equal(scene.request.map_users.count, MOST_RANGES);
}

/* The longest strings that are taken; test_options_bad.c has those a byte longer. */
static void longest_strings(void **state)
{
	static char line[8192] = "-l ";
	static const char name[] =
	    "--hostname=0123456789012345678901234567890123456789012345678901234567890123";

	(void)state;
	memset(line + 3, 'x', 1920);
	assert_int_equal(read_line(line), 0);
	assert_int_equal(strlen(scene.request.interpreter), 1920);
	assert_int_equal(read_line(name), 0);
	assert_int_equal(strlen(scene.request.hostname), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_option_is_read),
	    cmocka_unit_test(no_option_is_left_out),
	    cmocka_unit_test(rows_are_well_formed),
	    cmocka_unit_test(where_the_program_starts),
	    cmocka_unit_test(as_many_ranges_as_the_kernel_takes),
	    cmocka_unit_test(longest_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
