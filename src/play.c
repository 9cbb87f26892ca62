#include "play.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hint.h"
#include "message.h"
#include "performances.h"

static const struct {
	const char *name;
	performance *perform;
} operations[OPERATIONS] = {
    [READ_FACTS] = {"read", tell_facts},
    [RESET_CHILD_SIGNAL] = {"default SIGCHLD", reset_child_signal},
    [START_HELPER] = {"start helper", start_helper},
    [GUARD_PINS] = {"guard pins", guard_pins},
    [TELL] = {"tell", tell_other},
    [AWAIT] = {"await", await_other},
    [DROP_GROUPS] = {"drop groups", drop_groups},
    [SET_GROUP] = {"set group", set_group},
    [SET_USER] = {"set user", set_user},
    [UNSHARE] = {"unshare", unshare_namespaces},
    [WRITE_FILE] = {"write", write_file},
    [REGISTER_FORMAT] = {"register format", register_format},
    [RUN_MAPPERS] = {"map ids", run_mappers},
    [OPEN_LAUNCHER] = {"open launcher", open_launcher},
    [BLOCK_SIGNALS] = {"block signals", block_signals},
    [FORK] = {"fork", fork_child},
    [RESTORE_SIGNALS] = {"restore signals", restore_signals},
    [PIN] = {"pin", pin},
    [REAP_HELPER] = {"reap helper", reap_helper},
    [MOUNT] = {"mount", mount_file_system},
    [CHANGE_ROOT] = {"change root", change_root},
    [PIVOT_ROOT] = {"pivot root", pivot_root},
    [DETACH_OLD_ROOT] = {"detach old root", detach_old_root},
    [CHANGE_DIRECTORY] = {"change directory", change_directory},
    [SET_HOSTNAME] = {"set hostname", set_hostname},
    [RAISE_LOOPBACK] = {"raise loopback", raise_loopback},
    [KEEP_CAPABILITIES] = {"keep capabilities", keep_capabilities},
    [DIE_WITH_LAUNCHER] = {"die with launcher", die_with_launcher},
    [NOTE_NAMESPACES] = {"note namespaces", note_namespaces},
    [REPORT] = {"report", report},
    [OPEN_SIGNALS] = {"open signals", open_signals},
    [START_PROGRAM] = {"start program", start_program},
    [EXECUTE] = {"execute", execute_program},
    [BE_INIT] = {"be init", be_init},
    [WAIT_FOR_CHILD] = {"wait", wait_for_child},
};

const char *operation_name(enum operation operation)
{
	return operations[operation].name;
}

static int perform(struct stage *stage, const struct step *step)
{
	return operations[step->operation].perform(stage, step);
}

/* The launcher leaves only when all that it started has ended and been undone. */
static void clear_up(struct stage *stage)
{
	int status;

	if (stage->actor != LAUNCHER)
		return;
	close_descriptors(stage);
	if (stage->helper > 0) {
		while (waitpid(stage->helper, &status, 0) < 0 && errno == EINTR)
			continue;
		complain_if_killed(status);
	}
	if (stage->guard.shared)
		await_guards(&stage->guard);
}

int play_from(struct stage *stage, const struct step *first)
{
	const struct step *end = stage->plan->steps + stage->plan->count;

	for (const struct step *step = first; step < end; step++) {
		if (step->by != stage->actor)
			continue;
		stage->step = step;
		if (perform(stage, step) >= 0 || (step->tolerates && errno == step->tolerates))
			continue;
		hint_failure(stage->plan, step, errno);
		clear_up(stage);
		return stage->status ? stage->status : EXIT_NSRUN;
	}
	return stage->status;
}

static bool has_operation(const struct plan *plan, enum operation operation)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].operation == operation)
			return true;
	}
	return false;
}

int play(const struct plan *plan, enum mode mode)
{
	struct stage stage = {
	    .mode = mode,
	    .actor = LAUNCHER,
	    .plan = plan,
	    .pins = has_operation(plan, PIN),
	    .baton = -1,
	    .launcher = -1,
	    .signals = -1,
	    .news = -1,
	    .proc = -1,
	};

	return play_from(&stage, plan->steps);
}

/* What RESET_CHILD_SIGNAL would find. */
static bool resets_ignored_child_signal(const struct plan *plan)
{
	struct sigaction now;

	return has_operation(plan, RESET_CHILD_SIGNAL) && sigaction(SIGCHLD, NULL, &now) == 0 &&
	       now.sa_handler == SIG_IGN;
}

void tell_step(const struct plan *plan, const struct step *step,
	       void (*tell)(void *listener, const char *call), void *listener)
{
	struct stage stage = {
	    .mode = EXPLAIN,
	    .plan = plan,
	    .pins = has_operation(plan, PIN),
	    .actor = step->by,
	    .step = step,
	    .baton = -1,
	    .launcher = -1,
	    .signals = -1,
	    .news = -1,
	    .proc = -1,
	    .child_signal_was_ignored = resets_ignored_child_signal(plan),
	    .tell = tell,
	    .listener = listener,
	};

	perform(&stage, step);
}
