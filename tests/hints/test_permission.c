/* No permission: no privilege, a filter, a switch of the kernel, a security module, a chroot. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trial.h"

#define UTS_DENIED "cannot unshare(CLONE_NEWUTS): Operation not permitted"
#define USER_DENIED "cannot unshare(CLONE_NEWUSER): Operation not permitted"

static const char no_privilege[] = "add -r to be root in a new one, or use sudo";
static const char filtered[] = "a seccomp filter is in force (Seccomp: 2 in /proc/self/status)";
static const char switched_off[] = "kernel.unprivileged_userns_clone is 0";
static const char in_chroot[] = "this process is in a chroot";
static const char without_power[] = "kernel.apparmor_restrict_unprivileged_userns is 1";

static void test_no_privilege(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {no_privilege}});
	attempt(&(struct trial){.who = USER, .script = "exec $N -r -u true"});
}

/* In a container root may lack just the capability that counts. */
static void test_root_without_capability(void **state)
{
	(void)state;
	attempt(&(struct trial){.script = "exec setpriv --bounding-set=-sys_admin $N -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {"add -r"}});
}

static void test_seccomp(void **state)
{
	static const struct filter no_unshare = {.call = SYS_unshare, .error = EPERM};

	(void)state;
	attempt(&(struct trial){.filter = no_unshare,
				.script = "exec $N -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {filtered}});
	attempt(&(struct trial){.who = USER,
				.filter = no_unshare,
				.script = "exec $N -U true",
				.status = FAILED,
				.error = USER_DENIED,
				.hints = {filtered}});
	attempt(&(struct trial){.who = USER,
				.filter = no_unshare,
				.script = "exec $N -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {filtered}});
}

/* Most programs of a desktop run below some filter, which has nothing to do with this. */
static void test_filter_of_other_calls(void **state)
{
	static const struct filter no_swap = {.call = SYS_swapon, .error = EPERM};

	(void)state;
	attempt(&(struct trial){.who = USER,
				.filter = no_swap,
				.script = "exec $N -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {no_privilege}});
}

/* Debian's kernels have this switch; elsewhere it takes a file and a failing call. */
static void test_switched_off(void **state)
{
	static const char script[] = TAMPER("unshare", "error=EPERM") "-U true";

	(void)state;
	attempt(&(struct trial){.who = USER,
				.prepare = SYSCTL("unprivileged_userns_clone", "0"),
				.script = script,
				.status = FAILED,
				.error = USER_DENIED,
				.hints = {switched_off}});
	attempt(&(struct trial){.who = USER,
				.prepare = SYSCTL("unprivileged_userns_clone", "1"),
				.script = script,
				.status = FAILED,
				.error = USER_DENIED});
	/* It is about user namespaces alone, */
	attempt(&(struct trial){.who = USER,
				.prepare = SYSCTL("unprivileged_userns_clone", "0"),
				.script = "exec $N -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {no_privilege}});
	/* and never about root. */
	attempt(&(struct trial){.prepare = SYSCTL("unprivileged_userns_clone", "0"),
				.script = script,
				.status = FAILED,
				.error = USER_DENIED});
}

/* Ubuntu's kernels have this one: what fails is what is done in the namespace. */
static void test_without_power_at_once(void **state)
{
	static const char script[] = TAMPER("unshare", "error=EPERM") "-U true";

	(void)state;
	attempt(&(struct trial){
	    .who = USER,
	    .prepare = SYSCTL("apparmor_restrict_unprivileged_userns", "1"),
	    .script = script,
	    .status = FAILED,
	    .error = USER_DENIED,
	    .hints = {without_power},
	});
	attempt(&(struct trial){.who = USER,
				.prepare = SYSCTL("apparmor_restrict_unprivileged_userns", "0"),
				.script = script,
				.status = FAILED,
				.error = USER_DENIED});
	attempt(&(struct trial){.prepare = SYSCTL("apparmor_restrict_unprivileged_userns", "1"),
				.script = script,
				.status = FAILED,
				.error = USER_DENIED});
}

static void test_without_power_later(void **state)
{
	static const char write[] = TAMPER_WRITING("uid_map", "error=EPERM") "-r true";
	static const char mount[] = TAMPER("mount", "error=EACCES") "-r -m true";
	static const char off[] = SYSCTL("apparmor_restrict_unprivileged_userns", "0");
	static const char on[] = SYSCTL("apparmor_restrict_unprivileged_userns", "1");
	struct trial trial = {.who = USER, .prepare = on, .script = write, .status = FAILED};

	(void)state;
	trial.error = "cannot write(file, \"0 1000 1*\", 9): Operation not permitted";
	trial.hints[0] = "the file was /proc/self/uid_map";
	trial.hints[1] = without_power;
	attempt(&trial);
	trial.prepare = off;
	trial.hints[1] = NULL;
	attempt(&trial);
	trial.script = mount;
	trial.error = "cannot mount(\"none\", \"/\", NULL, MS_REC|MS_PRIVATE, NULL): "
		      "Permission denied";
	trial.hints[0] = NULL;
	attempt(&trial);
	trial.prepare = on;
	trial.hints[0] = without_power;
	attempt(&trial);
	/* Whoever starts as root has power in the namespace. */
	trial.who = ROOT;
	trial.hints[0] = NULL;
	attempt(&trial);
}

/* Where newuidmap has written the maps, the first that fails is what is done inside. */
static void test_without_power_inside(void **state)
{
	static const struct {
		const char *script, *error;
	} cases[] = {
	    {TAMPER("sethostname", "error=EPERM") "-U --hostname inside true",
	     "cannot sethostname(*"},
	    {TAMPER("ioctl", "error=EPERM") "-U --loopback true", "cannot ioctl(*"},
	    {TAMPER("setuid,setuid32", "error=EPERM") "-U -S 5 true", "cannot setuid(5)*"},
	    {TAMPER("chroot", "error=EPERM") "-U --root=/ true", "cannot chroot(*"},
	    {TAMPER("pivot_root", "error=EPERM") "-U --pivot-root=/ true", "cannot pivot_root(*"},
	    {TAMPER("setns", "error=EPERM") "-U -T true", "cannot setns(*"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial trial = {.who = USER,
				      .prepare =
					  SYSCTL("apparmor_restrict_unprivileged_userns", "1"),
				      .script = cases[i].script,
				      .status = FAILED,
				      .error = cases[i].error,
				      .hints = {without_power}};

		attempt(&trial);
		trial.prepare = NULL;
		trial.hints[0] = NULL;
		attempt(&trial);
	}
}

/* What the process that becomes nsrun is taken for, which is $PPID. */
#define LABEL(label) "printf '" label "' >label && mount --bind label /proc/$PPID/attr/current"
#define DENYING(call) STRACE("-D", call, "error=EACCES")

static void test_label(void **state)
{
	static const char in_profile[] = LABEL("docker-default (enforce)\\n");
	static const char profile[] = "AppArmor takes this process for 'docker-default (enforce)'";
	struct trial trial = {.who = USER,
			      .prepare = in_profile,
			      .script = DENYING("unshare") "-r true",
			      .status = FAILED,
			      .error = "cannot unshare(CLONE_NEWUSER): Permission denied",
			      .hints = {profile}};

	(void)state;
	if (access("/proc/self/attr/current", F_OK) < 0)
		leave_out("needs a kernel that can have security modules");
	attempt(&trial);
	trial.prepare = LABEL("system_u:system_r:container_t:s0:c1,c2\\0");
	trial.hints[0] = "SELinux takes this process for 'system_u:system_r:container_t:s0:c1,c2'";
	attempt(&trial);
	/* Root is bound by it too, and by no switch for others. */
	trial.who = ROOT;
	attempt(&trial);
	trial.script = DENYING("mount") "-m true";
	trial.error = "cannot mount(\"none\", \"/\", *): Permission denied";
	attempt(&trial);
	trial.script = DENYING("pivot_root") "--pivot-root=/ true";
	trial.error = "cannot pivot_root(\".\", \".\"): Permission denied";
	attempt(&trial);
	/* Who is in no profile is not bound by one, nor by one that only gives a name. */
	trial.prepare = LABEL("unconfined\\n");
	trial.hints[0] = NULL;
	attempt(&trial);
	trial.prepare = LABEL("firefox (unconfined)\\n");
	attempt(&trial);
	trial.prepare = LABEL("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\\0");
	attempt(&trial);
}

/* What makes the label matter is said first, and what has nothing to do with it. */
static void test_label_is_not_the_cause(void **state)
{
	static const char both[] = LABEL("unprivileged_userns (enforce)\\n") "&&" SYSCTL(
	    "apparmor_restrict_unprivileged_userns", "1");
	struct trial trial = {.who = USER,
			      .prepare = both,
			      .script = DENYING("unshare") "-r true",
			      .status = FAILED,
			      .error = "cannot unshare(CLONE_NEWUSER): Permission denied",
			      .hints = {without_power}};

	(void)state;
	attempt(&trial);
	trial.prepare = "mkdir -m 700 closed && mkdir closed/proc";
	trial.script = "exec $N -r -p -f --mount-proc=closed/proc true";
	trial.error = "cannot mount(*, \"closed/proc\", *): Permission denied";
	trial.hints[0] = "'closed' may not be entered by this user";
	attempt(&trial);
	trial.script = "exec $N -r --root=closed true";
	trial.error = "cannot chroot(\"closed\"): Permission denied";
	attempt(&trial);
	trial.script = "exec $N -r --wd=closed/proc true";
	trial.error = "cannot chdir(\"closed/proc\"): Permission denied";
	attempt(&trial);
	trial.script = "exec $N -r --pivot-root=closed/proc true";
	trial.error = "cannot mount(\"closed/proc\", \"/\", *): Permission denied";
	attempt(&trial);
	/* A filter, whatever its answer. */
	trial.prepare = LABEL("docker-default (enforce)\\n");
	trial.filter = (struct filter){.call = SYS_unshare, .error = EACCES};
	trial.script = "exec $N -r true";
	trial.error = "cannot unshare(CLONE_NEWUSER): Permission denied";
	trial.hints[0] = filtered;
	attempt(&trial);
	trial.filter.error = ENOSYS;
	trial.error = "cannot unshare(CLONE_NEWUSER): Function not implemented";
	attempt(&trial);
}

#define MAKE_JAIL                                                                                  \
	"cp $B/nsrun jail && mkdir jail/proc && mount --rbind /proc jail/proc &&"                  \
	"for d in bin lib lib64 usr; do\n"                                                         \
	"	if [ -L /$d ]; then cp -P /$d jail\n"                                                    \
	"	elif [ -d /$d ]; then mkdir jail/$d && mount --bind /$d jail/$d; fi\n"                   \
	"done"

static void test_chroot(void **state)
{
	static const char script[] = "exec chroot jail /${N##*/} -U true";

	(void)state;
	attempt(&(struct trial){.prepare = "mkdir jail && " MAKE_JAIL,
				.script = script,
				.status = FAILED,
				.error = USER_DENIED,
				.hints = {in_chroot}});
	/* The usual chroot: a file system that was mounted for it. */
	attempt(&(struct trial){
	    .prepare = "mkdir jail && mount -t tmpfs none jail && " MAKE_JAIL,
	    .script = script,
	    .status = FAILED,
	    .error = USER_DENIED,
	    .hints = {in_chroot},
	});
}

static void test_root_needs_privilege(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N --root=/ true",
				.status = FAILED,
				.error = "cannot chroot(\"/\"): Operation not permitted",
				.hints = {"add -r to be root in a new one"}});
	attempt(&(struct trial){.who = USER, .script = "exec $N -r --root=/ true"});
}

/* The user is in the last of so many ranges that a page of the map does not show it. */
static void test_map_of_several_pages(void **state)
{
	(void)state;
	attempt(&(struct trial){
	    .prepare = "mkdir jail && " MAKE_JAIL,
	    .script = "for i in $(seq 300); do set -- \"$@\" --map-users $i:$i:1; done\n"
		      "exec ${N%% *} \"$@\" --map-users 900:0:1 --map-groups all --keep-caps "
		      "chroot jail /${N##*/} -U true",
	    .status = FAILED,
	    .error = USER_DENIED,
	    .hints = {in_chroot}});
}

/* In a chroot, but that is not why it fails. */
static void test_chroot_is_not_the_cause(void **state)
{
	static const char prepare[] = "mkdir jail && " MAKE_JAIL;

	(void)state;
	attempt(&(struct trial){.prepare = prepare,
				.filter = {.call = SYS_unshare, .error = EPERM},
				.script = "exec chroot jail /${N##*/} -u true",
				.status = FAILED,
				.error = UTS_DENIED,
				.hints = {filtered}});
	attempt(
	    &(struct trial){.prepare = prepare, .script = "exec chroot jail /${N##*/} -u true"});
}

/* Only a mount has a propagation. What the hint says goes. */
static void test_chroot_to_no_mount(void **state)
{
	struct trial trial = {
	    .prepare = "mkdir jail && " MAKE_JAIL,
	    .script = "exec chroot jail /${N##*/} -m true",
	    .status = FAILED,
	    .error = "cannot mount(\"none\", \"/\", *): Invalid argument",
	    .hints = {"the root of this chroot is no mount: before the chroot, mount "
		      "--bind its directory on itself, or add --propagation "
		      "unchanged"}};

	(void)state;
	attempt(&trial);
	trial.script = "exec chroot jail /${N##*/} -m --propagation slave true";
	attempt(&trial);
	trial.script = "exec chroot jail /${N##*/} --pivot-root=/usr true";
	trial.hints[0] = "mount --bind its directory on itself";
	trial.never = "--propagation";
	attempt(&trial);
	/* It is one, and something else is invalid. */
	attempt(&(struct trial){.script = TAMPER("mount", "error=EINVAL") "-m true",
				.status = FAILED,
				.error = "cannot mount(\"none\", \"/\", *): Invalid argument"});
	trial.status = SUCCEEDED;
	trial.error = trial.hints[0] = trial.never = NULL;
	trial.script = "exec chroot jail /${N##*/} -m --propagation unchanged true";
	attempt(&trial);
	trial.prepare = "mkdir jail && mount --bind jail jail && " MAKE_JAIL;
	trial.script = "exec chroot jail /${N##*/} -m true";
	attempt(&trial);
}

/* As most chroots are made. */
static void test_chroot_without_proc(void **state)
{
	struct trial trial = {.prepare = "mkdir jail && " MAKE_JAIL "; umount -R -l jail/proc",
			      .script = "exec chroot jail /${N##*/} -m true",
			      .status = FAILED,
			      .error = "cannot mount(\"none\", \"/\", *): Invalid argument",
			      .hints = {"the root of this chroot is no mount"}};

	(void)state;
	attempt(&trial);
	if (!is_linux(5, 8))
		leave_out("needs Linux 5.8: setns(2) takes a pidfd");
	trial.script = "exec chroot jail /${N##*/} -U true";
	trial.error = USER_DENIED;
	trial.hints[0] = in_chroot;
	attempt(&trial);
}

static void test_not_mapped(void **state)
{
	static const char unmapped[] =
	    "this user or group is not mapped in the present user namespace";
	struct trial trial = {.who = USER,
			      .script = "exec $N -U $N -U true",
			      .status = FAILED,
			      .error = USER_DENIED,
			      .hints = {unmapped}};

	(void)state;
	attempt(&trial);
	/* One of the two is enough to be refused, and the other does not help. */
	trial.script = "exec $N --map-user=0 $N -U true";
	attempt(&trial);
	trial.script = "exec $N --map-group=0 $N -U true";
	attempt(&trial);
	/* Refused for another reason. */
	trial.script = "exec $N -r "
		       "sh -c '" TAMPER("unshare", "error=EPERM") "-U true'";
	trial.hints[0] = NULL;
	attempt(&trial);
	trial.script = "exec $N -r $N -U true";
	trial.status = SUCCEEDED;
	trial.error = NULL;
	attempt(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_privilege),
	    cmocka_unit_test(test_root_without_capability),
	    cmocka_unit_test(test_seccomp),
	    cmocka_unit_test(test_filter_of_other_calls),
	    cmocka_unit_test(test_switched_off),
	    cmocka_unit_test(test_without_power_at_once),
	    cmocka_unit_test(test_without_power_later),
	    cmocka_unit_test(test_without_power_inside),
	    cmocka_unit_test(test_label),
	    cmocka_unit_test(test_label_is_not_the_cause),
	    /* valgrind is not in the chroot. */
	    cmocka_unit_test_setup_teardown(test_chroot, leave_valgrind, return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_map_of_several_pages, leave_valgrind,
					    return_to_checker),
	    cmocka_unit_test_setup_teardown(test_chroot_is_not_the_cause, leave_valgrind,
					    return_to_checker),
	    /* The same. */
	    cmocka_unit_test_setup_teardown(test_chroot_to_no_mount, leave_valgrind,
					    return_to_checker),
	    /* They read /proc/self/maps. */
	    cmocka_unit_test_setup_teardown(test_chroot_without_proc, leave_all_checkers,
					    return_to_checker),
	    cmocka_unit_test(test_not_mapped),
	    cmocka_unit_test(test_root_needs_privilege),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
