/*
 * What nsrun's own processes keep open while the program runs: everybody inside can open what PID 1
 * has open, in /proc/1/fd. Seen under every option set of the faults' list.
 */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tools/faults/sets.c"

static struct outcome outcome;
static struct process process;

/* The sets name the program so, in directories beside it, and one that is new for each. */
static const char *place;

static void prepare_place(const struct option_set *set)
{
	char command[4096];

	place = path_of("place");
	snprintf(command, sizeof(command),
		 "rm -rf '%s' && mkdir '%s' && cd '%s' && cp '%s/role' program && mkdir work && "
		 "chmod 1777 work && mount -t tmpfs -o mode=1777 none work && cd work && "
		 "mount --make-private . && { %s; }",
		 place, place, place, program_directory, set->prepare ? set->prepare : ":");
	assert_int_equal(system(command), 0);
}

static void leave_place(void)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "cd '%s' && { umount work/pin work/other; umount work; } 2>/dev/null", place);
	assert_int_equal(system(command), 0);
}

static int third;

/* All but standard input, output and error, in one line, as what they are: pipe, socket ... */
static void list_descriptors(pid_t owner, char *list, size_t size)
{
	char path[64], target[300];
	DIR *directory;
	struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)owner);
	directory = opendir(path);
	assert_non_null(directory);
	*list = '\0';
	while ((entry = readdir(directory))) {
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, 299);

		if (length < 0 || atoi(entry->d_name) <= STDERR_FILENO)
			continue;
		target[length] = '\0';
		target[strcspn(target, ":")] = '\0';
		snprintf(list + strlen(list), size - strlen(list), "%s ", target);
	}
	closedir(directory);
}

static void check_descriptors(const struct option_set *set, const char *name, pid_t owner,
			      const char *expected)
{
	char list[4096];

	list_descriptors(owner, list, sizeof(list));
	if (strcmp(list, expected) == 0)
		return;
	break_off(&process);
	leave_place();
	fail_msg("nsrun %s: the %s has '%s' open, not '%s'", set->arguments, name, list, expected);
}

static void try_set(const struct option_set *set)
{
	bool has_init = strstr(set->arguments, "--init");
	bool kills = strstr(set->arguments, "--kill-child");
	char directory[512];
	pid_t program;

	prepare_place(set);
	snprintf(directory, sizeof(directory), "%s/work", place);
	start(&process, &outcome,
	      &(struct launch){.who = set->as_user ? USER : ROOT,
			       .directory = directory,
			       .third = has_init ? third : 0},
	      "nsrun %s stay", set->arguments);
	await_output(&process, "ready");
	settle();
	program = program_of(process.id, "program");
	if (program != process.id)
		check_descriptors(set, "launcher", process.id,
				  !has_init ? kills ? "pipe " : ""
				  : kills   ? "pipe pipe "
					    : "pipe ");
	if (has_init)
		check_descriptors(set, "init", child_of(process.id),
				  kills ? "pipe anon_inode pipe " : "anon_inode pipe ");
	break_off(&process);
	leave_place();
}

static void try_sets(bool with_format)
{
	need_root();
	third = memfd_create("caller's", MFD_CLOEXEC);
	for (size_t i = 0; i < option_set_count; i++) {
		if (option_sets[i].status == 0 &&
		    with_format == (strstr(option_sets[i].arguments, " -l ") != NULL))
			try_set(&option_sets[i]);
	}
	close(third);
}

static void test_what_stays_open(void **state)
{
	(void)state;
	try_sets(false);
}

static void test_what_stays_open_with_a_format(void **state)
{
	(void)state;
	if (!is_linux(6, 7))
		leave_out("needs Linux 6.7: binfmt_misc in a user namespace");
	try_sets(true);
}

/* Not even in the first moment: the old /proc would lead out of the new root. */
static void test_no_way_out(void **state)
{
	static const char *const ways[] = {"--init --report --mount-proc",
					   "--init --report=json --kill-child --mount-proc",
					   "-r --init --report --mount-proc"};

	(void)state;
	for (int i = 0; i < 60; i++) {
		run(&outcome, i % 3 < 2 && geteuid() == 0 ? ROOT : USER,
		    "nsrun %s sh -c 'for i in /proc/1/fd/*; do readlink $i; done; true'",
		    geteuid() == 0 ? ways[i % 3] : ways[2]);
		check_status(&outcome, 0);
		assert_null(strstr(outcome.output, "/proc"));
	}
}

/* The youngest child. */
static pid_t last_child_of(pid_t parent)
{
	char path[64];
	FILE *children;
	int child = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	children = fopen(path, "re");
	assert_non_null(children);
	while (fscanf(children, "%d", &child) == 1)
		continue;
	fclose(children);
	return child;
}

/* How much memory the process shares with others, and may write to, but for the counters of
 * make coverage. */
static unsigned long shared_memory_of(pid_t owner)
{
	char path[64], line[512], mode[8];
	unsigned long first, end, sum = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)owner);
	maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		assert_int_equal(sscanf(line, "%lx-%lx %7s", &first, &end, mode), 3);
		if (strcmp(mode, "rw-s") == 0 && !strstr(line, ".profraw"))
			sum += end - first;
	}
	fclose(maps);
	return sum;
}

/* While the report is held up the program is not there yet. From its first moment it could open
 * what init has open, and as root trace init: neither must lead to processes outside. */
static void test_what_init_holds_before_the_program(void **state)
{
	static const char *const ways[] = {
	    "--init --uts=held", "--init --uts=held --ipc=held2 --pivot-root=/",
	    "--init --map-users=0:0:9 --map-groups=0:0:9", "--init --owner=1000:1000 -r"};
	static char filling[1 << 16];
	char list[4096];
	int ends[2];
	pid_t init;

	(void)state;
	need_root();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], filling, sizeof(filling)), sizeof(filling));
		start(&process, &outcome, &(struct launch){.who = ROOT, .third = ends[1]},
		      "nsrun %s --report-fd 3 role stay", ways[i]);
		settle();
		init = last_child_of(process.id);
		list_descriptors(init, list, sizeof(list));
		if (strstr(list, "/proc") || shared_memory_of(init) > (unsigned long)getpagesize())
			fail_msg("nsrun %s: init has %s and shares %lu bytes", ways[i], list,
				 shared_memory_of(init));
		close(ends[0]);
		close(ends[1]);
		break_off(&process);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    /* A checker has files of its own. */
	    cmocka_unit_test_setup_teardown(test_what_stays_open, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_what_stays_open_with_a_format,
					    leave_valgrind, return_to_checker),
	    cmocka_unit_test(test_no_way_out),
	    cmocka_unit_test_setup_teardown(test_what_init_holds_before_the_program,
					    leave_all_checkers, return_to_checker),
	};

	/* Linux 6.18 numbers mount namespaces on each processor, and wants them in order. */
	return cmocka_run_group_tests(tests, set_up_on_one_processor, tear_down);
}
