/* Failures of maps: what is written, subordinate ids, newuidmap; groups and clocks. */
#include <stdio.h>

#include "trial.h"

#define WRITE(text, length, why) "cannot write(file, \"" text "*\", " length "): " why

static const char denied[] = WRITE("0 1000 1", "9", "Operation not permitted");

static void test_setgroups_still_allowed(void **state)
{
	(void)state;
	/* "deny" gets lost. */
	attempt(&(struct trial){
	    .who = USER,
	    .script = TAMPER_WRITING("setgroups", "retval=4") "-r true",
	    .status = FAILED,
	    .error = denied,
	    .hints = {"the file was /proc/self/gid_map", "/proc/self/setgroups still says allow"}});
	/* It says deny, and yet the map is refused. */
	attempt(&(struct trial){.who = USER,
				.script = TAMPER_WRITING("gid_map", "error=EPERM") "-r true",
				.status = FAILED,
				.error = denied,
				.hints = {"the file was /proc/self/gid_map"}});
	/* The user map needs no such thing. */
	attempt(&(struct trial){.who = USER,
				.script = TAMPER_WRITING("uid_map", "error=EPERM") "-r true",
				.status = FAILED,
				.error = denied,
				.hints = {"the file was /proc/self/uid_map"}});
	attempt(&(struct trial){.who = USER,
				.script = TAMPER_WRITING("gid_map", "error=EINVAL") "-r true",
				.status = FAILED,
				.error = WRITE("0 1000 1", "9", "Invalid argument"),
				.hints = {"the file was /proc/self/gid_map"}});
}

/* What cannot be opened is named by the message itself. $PPID is what executes nsrun. */
static void test_file_that_cannot_be_opened(void **state)
{
	static const char *const files[] = {"uid_map", "setgroups", "gid_map"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char prepare[128], error[128];

		snprintf(prepare, sizeof(prepare),
			 ": >closed; chmod 0 closed; mount --bind closed /proc/$PPID/%s", files[i]);
		snprintf(error, sizeof(error),
			 "cannot open(\"/proc/self/%s\", O_WRONLY|O_CLOEXEC): Permission denied",
			 files[i]);
		attempt(&(struct trial){.who = USER,
					.prepare = prepare,
					.script = "exec $N -r true",
					.status = FAILED,
					.error = error});
	}
}

#define REPLACE(file, line) "echo " line " >new && mount --bind new /etc/" file

static void test_no_subordinate_ids(void **state)
{
	struct trial trial = {.who = USER,
			      .prepare = REPLACE("subuid", "root:200000:65536"),
			      .script = "exec $N --map-auto true",
			      .status = FAILED,
			      .error = "no line for user 1000 in /etc/subuid",
			      .hints = {"give nsrun-test some, as root: usermod --add-subuids "
					"265536-331071 nsrun-test"}};

	(void)state;
	attempt(&trial);
	trial.prepare = REPLACE("subgid", "root:200000:65536");
	trial.error = "no line for user 1000 in /etc/subgid";
	trial.hints[0] = "give nsrun-test some, as root: usermod --add-subgids 265536-331071 "
			 "nsrun-test";
	attempt(&trial);
	trial.prepare = REPLACE("subgid", "root:1000:65536");
	trial.hints[0] = "--add-subgids 100000-165535";
	attempt(&trial);
	/* None of them are in this user namespace. */
	trial.prepare = REPLACE("subuid", "bin:200000:65536");
	trial.script = "exec $N -r $N --map-auto true";
	trial.error = "no line for user 0 in /etc/subuid";
	trial.hints[0] = NULL;
	attempt(&trial);
	/* All ids are somebody's. */
	trial.script = "exec $N --map-auto true";
	trial.error = "no line for user 1000 in /etc/subgid";
	trial.prepare = REPLACE("subgid", "root:2:4294967292");
	trial.hints[0] = NULL;
	attempt(&trial);
	/* Only what is asked for is missed. */
	trial.script = "exec $N --map-users=auto true";
	trial.status = SUCCEEDED;
	trial.error = trial.hints[0] = NULL;
	attempt(&trial);
}

/* usermod cannot be told a user that has no name. */
static void test_user_without_name(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .prepare = REPLACE("subuid", "root:100000:65536"),
	    .script = "exec setpriv --reuid=54321 --regid=54321 --clear-groups $N --map-auto true",
	    .status = FAILED,
	    .error = "no line for user 54321 in /etc/subuid",
	    .hints = {"add a line to /etc/subuid, as root: 54321:165536:65536"},
	});
}

/* There is a line, so that another one would not help. */
static void test_other_faults_of_subordinate_ids(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = REPLACE("subuid", "nsrun-test:100000"),
				.script = "exec $N --map-auto true",
				.status = FAILED,
				.error = "malformed line in /etc/subuid: 'nsrun-test:100000'"});
	attempt(&(struct trial){.who = USER,
				.prepare = "mkdir new && chmod 700 new && : >new/file && chmod 000 "
					   "new/file && mount --bind new/file /etc/subuid",
				.script = "exec $N --map-auto true",
				.status = FAILED,
				.error = "cannot read /etc/subuid: Permission denied",
				.never = "usermod"});
}

/* The map's text is "0 100000 65536\n": only newuidmap runs. */
#define MAP "exec $N --map-users=auto true"

/* A file that may not be executed is not what is looked for. */
#define HIDE(mapper) "echo >hidden && mount --bind hidden /usr/bin/" mapper " &&"

static void test_mapper_missing(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = HIDE("newuidmap") ":",
				.script = "export PATH=$PWD; " MAP,
				.status = FAILED,
				.error = "cannot run 'newuidmap': No such file or directory",
				.hints = {"the package uidmap usually has it"}});
	attempt(&(struct trial){.who = USER,
				.prepare = HIDE("newgidmap") ":",
				.script = "export PATH=$PWD; exec $N --map-groups=auto true",
				.status = FAILED,
				.error = "cannot run 'newgidmap': No such file or directory",
				.hints = {"the package uidmap usually has it"}});
	/* It is installed, but may not be run, */
	attempt(&(struct trial){.who = USER,
				.prepare = "echo >newuidmap && chmod 644 newuidmap",
				.script = "export PATH=$PWD; " MAP,
				.status = FAILED,
				.error = "cannot run 'newuidmap': Permission denied"});
	/* or not where it is looked for, */
	attempt(&(struct trial){.who = USER,
				.script = "export PATH=$PWD; " MAP,
				.status = FAILED,
				.error = "cannot run 'newuidmap': No such file or directory",
				.hints = {"it is /usr/bin/newuidmap, which is in no directory of "
					  "PATH"}});
	/* or lacks something itself. */
	attempt(&(struct trial){.who = USER,
				.prepare = "echo '#!/no/such' >newuidmap && chmod 755 newuidmap",
				.script = "export PATH=$PWD; " MAP,
				.status = FAILED,
				.error = "cannot run 'newuidmap': No such file or directory"});
}

static const char mapper_failed[] = "'newuidmap' failed with exit status 1";

static void test_mapper_without_power(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = "cp /usr/bin/newuidmap copy && chmod 755 copy &&"
					   "mount --bind copy /usr/bin/newuidmap",
				.script = MAP,
				.status = FAILED,
				.error = mapper_failed,
				.hints = {"/usr/bin/newuidmap is not set-user-ID"}});
	/* Nor has it where set-user-ID is not heeded. */
	attempt(
	    &(struct trial){.who = USER,
			    .prepare = "cp -p /usr/bin/newuidmap . && mount -o remount,nosuid .",
			    .script = "PATH=$PWD:$PATH; " MAP,
			    .status = FAILED,
			    .error = mapper_failed,
			    .hints = {"newuidmap is on a mount with the option nosuid"}});
	attempt(&(struct trial){.who = USER,
				.script = "setpriv --no-new-privs $N --map-users=auto true",
				.status = FAILED,
				.error = mapper_failed,
				.hints = {"no_new_privs is set (NoNewPrivs: 1 in"}});
	/* It is the one that PATH leads to which counts. */
	attempt(&(struct trial){.who = USER,
				.prepare = "cp /usr/bin/newuidmap . && chmod 755 newuidmap",
				.script = "PATH=$PWD:$PATH; " MAP,
				.status = FAILED,
				.error = mapper_failed,
				.hints = {"newuidmap is not set-user-ID"}});
}

/* Set-user-ID means nothing to a process that may gain no privileges. */
static void test_mapper_that_gains_nothing(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec setpriv --no-new-privs $N --map-users=auto true",
				.status = FAILED,
				.error = mapper_failed,
				.never = "is not set-user-ID"});
}

/* The file that says so has a line for all groups before that. */
static void test_mapper_in_many_groups(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .script = "exec setpriv --reuid=nsrun-test --regid=nsrun-test --no-new-privs "
		      "--groups=$(seq -s, 200000 201500) $N --map-users=auto true",
	    .status = FAILED,
	    .error = mapper_failed,
	    .hints = {"no_new_privs is set (NoNewPrivs: 1 in"}});
}

/* It has its power, and refuses ids that are nobody's. */
static void test_mapper_refuses(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N --map-users=0:5:10 true",
				.status = FAILED,
				.error = mapper_failed});
	/* File capabilities are power too. */
	attempt(&(struct trial){.who = USER,
				.prepare = "mount --bind $B/capable /usr/bin/newuidmap",
				.script = "exec $N --map-users=0:5:10 true",
				.status = FAILED,
				.error = mapper_failed});
	attempt(&(struct trial){
	    .who = USER, .prepare = "mount --bind $B/capable /usr/bin/newuidmap", .script = MAP});
}

/* "Target process 1 is owned by a different user", as it says. */
static void test_mapper_of_another_group(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .script = "exec setpriv --reuid=1000 --regid=7 --clear-groups $N --map-users=auto true",
	    .status = FAILED,
	    .error = mapper_failed,
	    .hints = {"this process has the group 7, and /usr/bin/newuidmap wants that of the "
		      "user's line in /etc/passwd, 1000"}});
	attempt(&(struct trial){
	    .script = "exec setpriv --reuid=1000 --regid=1000 --clear-groups $N --map-auto true"});
}

/* What the kernel maps must lie in one range of the map that the caller has. */
static void test_range_of_no_one_range(void **state)
{
#define INSIDE(ranges, options)                                                                    \
	"exec $B/nsrun --map-users=0:100000:10 --map-users=10:100020:10 --map-groups=0:100000:50 " \
	"-S 0 -G 0 $N " options " true"
	struct trial trial = {.script = INSIDE("", "--map-users=0:5:10"),
			      .status = FAILED,
			      .error = WRITE("0 5 10", "7", "Operation not permitted"),
			      .hints = {"the file was ",
					"'0:5:10' is not in one range of /proc/self/uid_map: id 10 "
					"is in another, or in none"}};

	(void)state;
	attempt(&trial);
	trial.script = INSIDE("", "--map-users=0:0:3 --map-users=3:15:10");
	trial.error = WRITE("0 0 3\\n3 15 10", "14", "Operation not permitted");
	trial.hints[1] = "'3:15:10' is not in one range of /proc/self/uid_map: id 20 ";
	attempt(&trial);
	trial.script = INSIDE("", "--map-groups=0:70:1");
	trial.error = WRITE("0 70 1", "7", "Operation not permitted");
	trial.hints[1] = "'0:70:1' is not in one range of /proc/self/gid_map: id 70 ";
	attempt(&trial);
	trial.status = SUCCEEDED;
	trial.error = trial.hints[0] = NULL;
	trial.script = INSIDE("", "--map-users=0:5:5 --map-users=5:10:5");
	attempt(&trial);
}

/* Root without it maps no root, and whom else it likes. */
static void test_root_without_file_capabilities(void **state)
{
	static const char *const bounds[] = {"--map-user=0", "-r", "-c -f", "--map-users=0:0:1",
					     "--map-users=5:5:1 --map-users=0:0:1"};

	(void)state;
	if (!is_linux(5, 12))
		leave_out("needs Linux 5.12: a capability to map root");
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		char script[128];

		snprintf(script, sizeof(script), "exec setpriv --bounding-set=-setfcap $N %s true",
			 bounds[i]);
		attempt(&(struct trial){.script = script,
					.status = FAILED,
					.error = "cannot write(file, *): Operation not permitted",
					.hints = {"the file was ", "root lacks CAP_SETFCAP"}});
	}
	attempt(&(struct trial){
	    .script = "exec setpriv --bounding-set=-setfcap $N --map-users=0:1:9 true"});
	/* Ranges take one more, and a single id does not. */
	attempt(&(struct trial){
	    .script = "exec setpriv --bounding-set=-setuid $N --map-users=0:1:9 true",
	    .status = FAILED,
	    .error = "cannot write(file, *): Operation not permitted",
	    .hints = {"the file was uid_map", "root lacks CAP_SETUID in the present"}});
	attempt(&(struct trial){
	    .script = "exec setpriv --bounding-set=-setgid $N --map-groups=0:1:9 true",
	    .status = FAILED,
	    .error = "cannot write(file, *): Operation not permitted",
	    .hints = {"the file was gid_map", "root lacks CAP_SETGID in the present"}});
	attempt(
	    &(struct trial){.script = "exec setpriv --bounding-set=-setuid,-setgid $N -r true"});
	/* It has the capability, and is refused for another reason. */
	attempt(&(struct trial){.script = STRACE("-D -P /proc/$$/uid_map -P /proc/$$/gid_map",
						 "write", "error=EPERM") "-r true",
				.status = FAILED,
				.error = "cannot write(file, *): Operation not permitted",
				.hints = {"the file was /proc/self/uid_map"}});
}

/* Whatever the kernel is, its version becomes one of 2.6 (personality(2)). */
#define ON_OLD_KERNEL(script) "exec setarch --uname-2.6 sh -c '" script "'"
#define SIX_RANGES                                                                                 \
	TAMPER("write", "error=EINVAL:when=1")                                                     \
	"--map-users=0:0:1 --map-users=1:1:1 --map-users=2:2:1 --map-users=3:3:1 "                 \
	"--map-users=4:4:1 --map-users=5:5:1 true"

static void test_many_ranges_on_an_old_kernel(void **state)
{
	struct trial trial = {.script = ON_OLD_KERNEL(SIX_RANGES),
			      .status = FAILED,
			      .error = "cannot write(file, *): Invalid argument",
			      .hints = {"the file was ",
					"before Linux 4.15 a map has at most 5 ranges, and this "
					"one has 6"}};

	(void)state;
	attempt(&trial);
	trial.script = SIX_RANGES;
	trial.hints[1] = NULL;
	attempt(&trial);
}

static void test_group_cannot_be_dropped(void **state)
{
	static const char error[] = "cannot setgroups(0, NULL): Operation not permitted";

	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -r -G 0 true",
				.status = FAILED,
				.error = error,
				.hints = {"just one group is mapped may not drop groups"}});
	/* Without a user namespace it is plain privilege that lacks. */
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -G 1000 true",
				.status = FAILED,
				.error = error,
				.never = "just one group is mapped"});
}

static void test_clock_below_zero(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .script = "exec $N -T --monotonic=-999999999 true",
	    .status = FAILED,
	    .error = WRITE("monotonic -999999999 0", "23", "*"),
	    .hints = {"the file was /proc/self/timens_offsets", "no clock may become negative"}});
	attempt(&(struct trial){
	    .script = "exec $N -T --boottime=-999999999 true",
	    .status = FAILED,
	    .error = WRITE("boottime -999999999 0", "22", "*"),
	    .hints = {"the file was /proc/self/timens_offsets", "no clock may become negative"}});
	attempt(&(struct trial){.script = "exec $N -T --monotonic=999999999 true"});
}

/* The kernel's greatest time is 292 years, and it keeps half of it free. */
static void test_clock_beyond_the_end(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "exec $N -T --monotonic=9223372036 true",
				.status = FAILED,
				.error = WRITE("monotonic 9223372036 0", "23", "*"),
				.hints = {"the file was /proc/self/timens_offsets",
					  "no clock may go beyond 4611686018 seconds"}});
	attempt(&(struct trial){.script = "exec $N -T --boottime=9223372036 true",
				.status = FAILED,
				.error = WRITE("boottime 9223372036 0", "22", "*"),
				.hints = {"the file was /proc/self/timens_offsets",
					  "no clock may go beyond 4611686018 seconds"}});
}

/* Another failure of the same file. */
static void test_clock_without_privilege(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .script = TAMPER_WRITING("timens_offsets", "error=EACCES") "-T --monotonic=5 true",
	    .status = FAILED,
	    .error = WRITE("monotonic 5 0", "14", "Permission denied"),
	    .hints = {"the file was /proc/self/timens_offsets"}});
}

#define FORMAT                                                                                     \
	"cannot mount(\"binfmt_misc\", *, \"binfmt_misc\", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL): "

/* The mount of binfmt_misc is the third, after / and /proc. */
static void test_binary_formats(void **state)
{
	struct trial trial = {.who = USER,
			      .script = ON_OLD_KERNEL(TAMPER(
				  "mount", "error=EPERM:when=3") "-r -p -f --mount-binfmt true"),
			      .status = FAILED,
			      .error = FORMAT "Operation not permitted",
			      .hints = {"kernels before 6.7 have one binfmt_misc"}};

	(void)state;
	attempt(&trial);
	if (is_linux(6, 7)) {
		trial.script = TAMPER("mount", "error=EPERM:when=3") "-r -p -f --mount-binfmt true";
		trial.hints[0] = NULL;
		attempt(&trial);
	}
	trial.script = TAMPER("mount", "error=ENODEV:when=3") "-r -p -f --mount-binfmt true";
	trial.error = FORMAT "No such device";
	trial.hints[0] = "this kernel has no binfmt_misc";
	attempt(&trial);
	trial.script = TAMPER("mount", "error=EINVAL:when=3") "-r -p -f --mount-binfmt true";
	trial.error = FORMAT "Invalid argument";
	trial.hints[0] = NULL;
	attempt(&trial);
}

/* Where none is mounted, none of its files can be opened. */
static void test_no_proc(void **state)
{
	static const struct {
		enum who who;
		const char *options, *error;
	} cases[] = {
	    {USER, "--map-users=auto", "cannot readlink(\"/proc/self\"*"},
	    {USER, "-r", "cannot open(\"/proc/self/uid_map\", *"},
	    {USER, "-U --setgroups deny", "cannot open(\"/proc/self/setgroups\", *"},
	    {ROOT, "--map-users 0:0:5", "cannot open(\"/proc/self\", *"},
	    {ROOT, "-T --boottime 5", "cannot open(\"/proc/self/timens_offsets\", *"},
	    {USER, "-r -f -p --mount-proc", "cannot open(\"/proc/self/uid_map\", *"},
	    {USER, "-a", "cannot list the kernel's namespaces in /proc/self/ns: *"},
	    {USER, "--map-users all", "cannot read /proc/self/uid_map: *"},
	    {ROOT, "--uts=pin", "cannot open(\"/proc/self\", *"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char script[128];

		snprintf(script, sizeof(script), "exec $N %s true", cases[i].options);
		attempt(&(struct trial){
		    .who = cases[i].who,
		    .prepare = "umount -R -l /proc",
		    .script = script,
		    .status = FAILED,
		    .error = cases[i].error,
		    .hints = {"no proc is mounted there"},
		});
	}
	/* What needs none goes on. */
	attempt(&(struct trial){.prepare = "umount -R -l /proc",
				.script = "exec $N -U -m -u -i -p -f true"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_setgroups_still_allowed),
	    cmocka_unit_test(test_file_that_cannot_be_opened),
	    cmocka_unit_test(test_no_subordinate_ids),
	    cmocka_unit_test(test_user_without_name),
	    cmocka_unit_test(test_other_faults_of_subordinate_ids),
	    /* valgrind's vfork(2) shares no memory: the launcher is not told. */
	    cmocka_unit_test_setup_teardown(test_mapper_missing, leave_valgrind, return_to_checker),
	    cmocka_unit_test(test_mapper_without_power),
	    cmocka_unit_test(test_mapper_that_gains_nothing),
	    cmocka_unit_test(test_mapper_in_many_groups),
	    cmocka_unit_test(test_mapper_refuses),
	    cmocka_unit_test(test_mapper_of_another_group),
	    cmocka_unit_test(test_range_of_no_one_range),
	    cmocka_unit_test(test_root_without_file_capabilities),
	    cmocka_unit_test(test_many_ranges_on_an_old_kernel),
	    cmocka_unit_test(test_group_cannot_be_dropped),
	    cmocka_unit_test(test_clock_below_zero),
	    cmocka_unit_test(test_clock_beyond_the_end),
	    cmocka_unit_test(test_clock_without_privilege),
	    cmocka_unit_test(test_binary_formats),
	    /* They read /proc/self/maps. */
	    cmocka_unit_test_setup_teardown(test_no_proc, leave_all_checkers, return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
