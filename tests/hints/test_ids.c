/* Failures to become another user or group. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "trial.h"

#define USER_DENIED(id) "cannot setuid(" id "): Operation not permitted"
#define GROUPS_DENIED "cannot setgroups(0, NULL): Operation not permitted"

static const char use_sudo[] =
    "it takes root's CAP_SETUID in the present user namespace: use sudo, or map "
    "ids of your own with -r --map-auto";

static void test_without_privilege(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -S 33 true",
				.status = FAILED,
				.error = USER_DENIED("33"),
				.hints = {use_sudo}});
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -S 0 true",
				.status = FAILED,
				.error = USER_DENIED("0"),
				.hints = {use_sudo}});
	attempt(
	    &(struct trial){.who = USER,
			    .script = "exec $N -S 33 -G 33 true",
			    .status = FAILED,
			    .error = GROUPS_DENIED,
			    .hints = {"it takes root's CAP_SETGID in the present user namespace"}});
	/* Root may lack just these: then neither sudo nor a new namespace has them. */
	attempt(
	    &(struct trial){.script = "exec setpriv --bounding-set=-setuid $N -S 33 true",
			    .status = FAILED,
			    .error = USER_DENIED("33"),
			    .hints = {"root lacks CAP_SETUID in the present user namespace: start "
				      "the container with it"}});
	attempt(&(struct trial){
	    .script = "exec setpriv --bounding-set=-setgid $N --owner 33:33 true",
	    .status = FAILED,
	    .error = GROUPS_DENIED,
	    .hints = {"root lacks CAP_SETGID in the present user namespace: start "}});
	/* With what the hint says it goes. */
	attempt(&(struct trial){.who = USER, .script = "exec $N -r --map-auto -S 33 -G 33 true"});
	attempt(&(struct trial){.script = "exec $N -S 33 -G 33 true"});
	attempt(&(struct trial){.who = USER, .script = "exec $N -S 1000 true"});
}

/* What is outside of the namespace is not mended by a map in it. */
static void test_owner_without_privilege(void **state)
{
	(void)state;
	attempt(&(struct trial){.who = USER,
				.script = "exec $N --owner 33:33 true",
				.status = FAILED,
				.error = GROUPS_DENIED,
				.hints = {"CAP_SETGID in the present user namespace: use sudo"},
				.never = "--map-auto"});
}

/* Only what maps this id, and can be given as it stands, is named. */
#define NOT_MAPPED(id, advice) id " is not mapped in its user namespace: map it there with " advice

static void test_not_mapped(void **state)
{
	static const struct {
		const char *options, *call, *hint;
	} cases[] = {
	    {"-r -S 5", "setuid(5)", NOT_MAPPED("user 5", "--map-auto or --map-users")},
	    {"-U -S 0", "setuid(0)", NOT_MAPPED("user 0", "--map-auto or --map-users")},
	    {"--map-auto -S 70000", "setuid(70000)", NOT_MAPPED("user 70000", "--map-users")},
	    {"-r --map-auto -G 70000", "setgid(70000)", NOT_MAPPED("group 70000", "--map-groups")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char script[128], error[128];

		snprintf(script, sizeof(script), "exec $N %s true", cases[i].options);
		snprintf(error, sizeof(error), "cannot %s: Invalid argument", cases[i].call);
		attempt(&(struct trial){.who = USER,
					.script = script,
					.status = FAILED,
					.error = error,
					.hints = {cases[i].hint}});
	}
	attempt(&(struct trial){.script = "exec $N -r -S 5 true",
				.status = FAILED,
				.error = "cannot setuid(5): Invalid argument",
				.hints = {"user 5 is not mapped in its user namespace"}});
	/* No group at all is mapped, and so none may be dropped. */
	attempt(&(struct trial){.who = USER,
				.script = "exec $N -U -G 5 true",
				.status = FAILED,
				.error = GROUPS_DENIED,
				.hints = {NOT_MAPPED("group 5", "--map-auto or --map-groups")}});
	attempt(&(struct trial){.who = USER, .script = "exec $N -U --map-auto -G 5 true"});
	/* No /proc below the new root says so. */
	attempt(&(struct trial){.who = USER,
				.prepare = "mkdir root && cp $B/getpid root",
				.script = "exec $N -r --root=root -S 5 /getpid",
				.status = FAILED,
				.error = "cannot setuid(5): Invalid argument",
				.hints = {"user 5 is not mapped in its user namespace"}});
}

/* It has the power, and is refused for a reason that is not known. */
static void test_other_reason(void **state)
{
	(void)state;
	attempt(&(struct trial){.filter = {.call = SYS_setuid, .error = EPERM},
				.script = "exec $N -S 33 true",
				.status = FAILED,
				.error = USER_DENIED("33")});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_without_privilege),
	    cmocka_unit_test(test_owner_without_privilege),
	    cmocka_unit_test(test_not_mapped),
	    cmocka_unit_test(test_other_reason),
	};

	return cmocka_run_group_tests(tests, set_up_trials, tear_down);
}
