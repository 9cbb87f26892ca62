/* Failures of mount(2): a new proc, and a pin at a place that cannot hold it. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "trial.h"

#define PROC "cannot mount(\"proc\", \"/proc\", \"proc\", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL): "
#define PIN(target)                                                                                \
	"cannot move_mount(tree, \"\", place /* " target                                           \
	" */, \"\", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH): "

static const char apparmor_on[] = SYSCTL("apparmor_restrict_unprivileged_userns", "1");

static void test_covered_proc(void **state)
{
	static const char script[] = "exec $N -r -p -f --mount-proc true";

	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = "mount -t tmpfs none /proc/sys",
				.script = script,
				.status = FAILED,
				.error = PROC "Operation not permitted",
				.hints = {"/proc/sys covers a part of /proc"}});
	attempt(&(struct trial){.who = USER,
				.prepare = "mount --bind /dev/null /proc/kallsyms",
				.script = script,
				.status = FAILED,
				.error = PROC "Operation not permitted",
				.hints = {"/proc/kallsyms covers a part of /proc"}});
	attempt(&(struct trial){.who = USER, .script = script});
	/* Root's new proc uncovers nothing that root may not see. */
	attempt(&(struct trial){.prepare = "mount -t tmpfs none /proc/sys",
				.script = "exec $N -p -f --mount-proc true"});
}

/* Directories of /proc that are there to be mounted on, as every desktop does, hide
 * nothing: alone they do not stop a proc, and beside a real cover they are not it. */
static void test_harmless_cover(void **state)
{
	static const char script[] = "exec $N -r -p -f --mount-proc true";

	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = "mount -t tmpfs none /proc/sys/fs/binfmt_misc",
				.script = script});
	attempt(&(struct trial){.who = USER,
				.prepare = "mount -t tmpfs none /proc/sys/fs/binfmt_misc &&"
					   "mount --bind /dev/null /proc/kallsyms",
				.script = script,
				.status = FAILED,
				.error = PROC "Operation not permitted",
				.hints = {"/proc/kallsyms covers a part of /proc"}});
}

/* No proc is in view at all, so nothing covers it. */
static void test_no_proc(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = "umount -l /proc",
				.script = "exec $N -U -p -f --mount-proc true",
				.status = FAILED,
				.error = PROC "Operation not permitted"});
}

static void test_proc_without_pid(void **state)
{
	struct trial trial = {.who = USER,
			      .script = "exec $N -r --mount-proc true",
			      .status = FAILED,
			      .error = PROC "Operation not permitted",
			      .hints = {"add --pid --fork"}};

	(void)state;
	attempt(&trial);
	/* A cover is not the cause, */
	trial.prepare = "mount -t tmpfs none /proc/irq";
	attempt(&trial);
	/* and without --fork the process that mounts is still outside. */
	trial.script = "exec $N -r -p --mount-proc true";
	trial.hints[0] = "--fork";
	attempt(&trial);
	trial.prepare = NULL;
	attempt(&trial);
}

static void test_proc_without_privilege(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N --mount-proc true",
				.status = FAILED,
				.error = "cannot unshare(CLONE_NEWNS): Operation not permitted",
				.hints = {"add -r to be root in a new one, or use sudo"}});
	attempt(&(struct trial){.script = "exec $N --mount-proc true"});
}

/* Refused before anything happens; with what the hints say it goes. */
static void test_shared_place(void **state)
{
	static const char shared[] = "mount -t tmpfs none . && mount --make-shared . && cd $PWD &&"
				     "mkdir 'a b' && chmod 777 .";
	struct trial trial = {.prepare = shared,
			      .status = FAILED,
			      .error = "cannot pin a mount namespace to 'a b/pin': it is on a "
				       "shared mount"};

	(void)state;
	trial.script = "cd $PWD; $N --mount='a b/pin' touch ran; status=$?;"
		       "[ -e 'a b/pin' ] || [ -e ran ] || exit $status";
	trial.hints[0] = "make its directory a private mount first:";
	trial.hints[1] = "  mount --bind 'a b' 'a b'";
	trial.hints[2] = "  mount --make-private 'a b'";
	attempt(&trial);
	attempt(&(struct trial){.prepare = shared,
				.script =
				    "cd $PWD; mount --bind 'a b' 'a b' &&"
				    "mount --make-private 'a b' && $N --mount='a b/pin' true"});
	/* Other types may lie on a shared mount. */
	attempt(&(struct trial){.prepare = shared, .script = "cd $PWD; $N --uts='a b/pin' true"});
}

/* A name may not forge lines or move the cursor. */
static void test_shared_place_of_odd_name(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .prepare = "mount -t tmpfs none . && mount --make-shared . && cd $PWD &&"
		       "mkdir \"$(printf 'a\\033b')\"",
	    .script = "cd $PWD; exec $N --mount=\"$(printf 'a\\033b/pin')\" true",
	    .status = FAILED,
	    .error = "cannot pin a mount namespace to 'a\\033b/pin': it is on a shared mount",
	    .hints = {"make its directory a private mount first:", "a\\033b", "a\\033b"},
	});
}

/* The directory of the lines is right for a plain name and for one in the root too. */
static void test_shared_place_without_directory(void **state)
{
	struct trial trial = {.prepare = "mount -t tmpfs none . && mount --make-shared .",
			      .script = "cd $PWD; exec $N --mount=pin true",
			      .status = FAILED,
			      .error = "cannot pin a mount namespace to 'pin': it is on a shared "
				       "mount",
			      .hints = {"make its directory a private mount first:",
					"  mount --bind . .", "  mount --make-private ."}};

	(void)state;
	attempt(&trial);
	trial.prepare = "mount --make-shared /";
	trial.script = "exec $N --mount=/nsrun-hints-pin true";
	trial.error = "cannot pin a mount namespace to '/nsrun-hints-pin': it is on a shared mount";
	trial.hints[1] = "  mount --bind / /";
	trial.hints[2] = "  mount --make-private /";
	attempt(&trial);
}

/* A place in the mount namespace of another process, as its root shows it. */
#define BESIDE                                                                                     \
	"mkdir place; unshare -m sh -c 'mount -t tmpfs none place && : >place/ready &&"            \
	" exec sleep 1000' & P=$!; F=/proc/$P/root$PWD/place; until [ -e $F/ready ]; do :; done;"

static void test_foreign_place(void **state)
{
	struct trial trial = {.script = BESIDE "exec $N --uts=$F/pin true",
			      .status = FAILED,
			      .error = PIN("/proc/*/root/*/place/pin") "Invalid argument",
			      .hints = {"is on a mount of another mount namespace"}};

	(void)state;
	attempt(&trial);
	trial.script = BESIDE "exec $N --mount=$F/pin true";
	attempt(&trial);
	trial.script = BESIDE "exec $N -m --uts=$F/ready true";
	trial.error = PIN("/proc/*/root/*/place/ready") "Invalid argument";
	attempt(&trial);
}

/* Linux 6.18 numbers mount namespaces with a supply for each processor, and one with a
 * lower number cannot be pinned: where two processors have that, a hint says so. */
static void test_age_of_namespaces(void **state)
{
	static const char rest[] = "case $N in *-q) exit 0; esac\n"
				   "mount --make-private . && cd $PWD\n"
				   "for cpus in \"$1 $2\" \"$2 $1\"; do\n"
				   "	set -- $cpus\n"
				   "	taskset -p -c $1,$2 $$ || exit 1\n"
				   "	taskset -c $1 unshare -m --propagation unchanged "
				   "taskset -c $2 $N --mount=pin$1 true 2>said <&- ||\n"
				   "	grep 'hint: .*taskset(1)' said || { cat said >&2; exit 1; }\n"
				   "done >/dev/null 2>&1";
	char script[sizeof(rest) + 64];
	int first, second;

	(void)state;
	need_root();
	if (!have_two_processors(&first, &second))
		leave_out("needs a second processor: the age of mount namespaces");
	snprintf(script, sizeof(script), "set -- %d %d\n%s", first, second, rest);
	attempt(&(struct trial){.script = script});
}

/* Invalid for another reason, at a place that is as good as any. */
static void test_good_place(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .filter = {.call = SYS_move_mount, .error = EINVAL},
	    .script = "exec $N --uts=pin true",
	    .status = FAILED,
	    .error = PIN("pin") "Invalid argument",
	});
	/* Nor is the namespace older than this one. */
	attempt(&(struct trial){
	    .prepare = "mount --make-private .",
	    .filter = {.call = SYS_move_mount, .error = EINVAL},
	    .script = "exec $N --mount=pin true",
	    .status = FAILED,
	    .error = PIN("pin") "Invalid argument",
	});
}

static void test_pin_without_privilege(void **state)
{
	static const struct filter no_pin = {.call = SYS_move_mount, .error = EPERM};

	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -r --uts=pin true",
				.status = FAILED,
				.error = "cannot mount(\"/proc/self/fd/*/ns/uts\", "
					 "\"/proc/self/fd/*\" /* pin */, NULL, MS_BIND, NULL): "
					 "Operation not permitted",
				.hints = {"only root may pin a namespace to a file"}});
	attempt(&(struct trial){.filter = no_pin,
				.script = "exec $N --uts=pin true",
				.status = FAILED,
				.error = PIN("pin") "Operation not permitted"});
}

/* The launcher's links are covered by those that a kernel before 4.12 has, which uname26 makes of
 * this one (personality(2)). $PPID is what executes nsrun. */
static void test_pin_on_an_old_kernel(void **state)
{
	static const char links[] = "cd .. && mkdir -p ns && for i in mnt uts ipc net pid user; do "
				    ": >ns/$i; done && mount --bind ns /proc/$PPID/ns";
	struct trial trial = {.prepare = links,
			      .script = "exec setarch --uname-2.6 $N -f --pid=pin true",
			      .status = FAILED,
			      .error = "cannot *: No such file or directory",
			      .hints = {"Linux 4.12 and later can pin a PID namespace"}};

	(void)state;
	attempt(&trial);
	trial.script = "exec $N -f --pid=pin true";
	trial.hints[0] = NULL;
	attempt(&trial);
}

/* A mount that fails for no reason of these: nothing is made up. */
static void test_other_mount(void **state)
{
	static const struct filter no_mount = {
	    .call = SYS_mount, .error = EPERM, .fourth = MS_REC | MS_PRIVATE};
	struct trial trial = {.who = USER,
			      .prepare = "mount -t tmpfs none /proc/sys",
			      .filter = no_mount,
			      .script = "exec $N -r -m true",
			      .status = FAILED,
			      .error = "cannot mount(\"none\", \"/\", NULL, MS_REC|MS_PRIVATE, "
				       "NULL): Operation not permitted"};

	(void)state;
	attempt(&trial);
	trial.prepare = apparmor_on;
	trial.hints[0] = "kernel.apparmor_restrict_unprivileged_userns is 1";
	attempt(&trial);
}

/* Linux says just that a line is invalid. */
static void test_line_of_binary_format(void **state)
{
	static const char *const lines[] = {"nonsense", ":", ":x:M:::/bin/true:",
					    ":x:M::x::/bin/true", ":x:m::x::/bin/true:",
					    ":x:EM::x::/bin/true:", ":x::M::x::/bin/true:"};
	struct trial trial = {.who = USER,
			      .status = FAILED,
			      .error = "cannot write(file, *): Invalid argument",
			      .hints = {"the file was /proc/sys/fs/binfmt_misc/register",
					"binfmt_misc takes ':NAME:M:OFFSET:MAGIC:MASK:INTERPRETER:"
					"FLAGS' or ':NAME:E::EXTENSION::INTERPRETER:FLAGS'"}};
	char script[128];

	(void)state;
	if (!is_linux(6, 7))
		leave_out("needs Linux 6.7: binfmt_misc in a user namespace");
	trial.script = script;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(script, sizeof(script), "exec $N -rpf --load-interp=%s true", lines[i]);
		attempt(&trial);
	}
	/* It has all fields, and none in one that must not be empty: of that nothing is known. */
	trial.script = "exec $N -rpf --load-interp=:x:M::::/bin/true: true";
	trial.hints[1] = NULL;
	attempt(&trial);
	trial.script = "exec $N -rpf --load-interp=,x,M,,x,,/bin/true, true";
	trial.status = SUCCEEDED;
	trial.error = trial.hints[0] = NULL;
	attempt(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_covered_proc),
	    cmocka_unit_test(test_harmless_cover),
	    /* They read /proc/self/maps. */
	    cmocka_unit_test_setup_teardown(test_no_proc, leave_all_checkers, return_to_checker),
	    cmocka_unit_test(test_proc_without_pid),
	    cmocka_unit_test(test_proc_without_privilege),
	    cmocka_unit_test(test_shared_place),
	    cmocka_unit_test(test_shared_place_of_odd_name),
	    cmocka_unit_test(test_shared_place_without_directory),
	    cmocka_unit_test(test_foreign_place),
	    cmocka_unit_test(test_age_of_namespaces),
	    cmocka_unit_test(test_good_place),
	    cmocka_unit_test(test_pin_without_privilege),
	    cmocka_unit_test(test_pin_on_an_old_kernel),
	    cmocka_unit_test(test_other_mount),
	    cmocka_unit_test(test_line_of_binary_format),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
