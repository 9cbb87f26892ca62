#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "plan.h"

enum { PRIVATE = MS_REC | MS_PRIVATE, NEW_FILE_SYSTEM = MS_NOSUID | MS_NODEV | MS_NOEXEC };

static struct step *add_mount(struct plan *plan, enum actor by, const char *source,
			      const char *target, const char *type, unsigned long flags,
			      const char *why)
{
	struct step *step = add_step(plan, by, MOUNT, why);

	step->mount = (struct mount_arguments){source, target, type, flags};
	return step;
}

/* True if the copied mounts pass on what is mounted on them. */
static bool mounts_are_shared(const struct request *request)
{
	return !(request->propagation & (MS_PRIVATE | MS_SLAVE));
}

static void plan_binfmt(struct plan *plan, enum actor runner, const char *target,
			const char *interpreter)
{
	add_mount(plan, runner, "binfmt_misc", target, "binfmt_misc", NEW_FILE_SYSTEM,
		  "a user namespace has a list of binary formats of its own once it mounts one");
	if (interpreter)
		add_step(plan, runner, REGISTER_FORMAT,
			 "a line in the file register makes a binary format known")
		    ->write = (struct write_arguments){target, interpreter};
}

/* The old root lies on top of the new one until plan_old_root(). */
static void plan_pivot(struct plan *plan, enum actor runner, const struct request *request)
{
	if (mounts_are_shared(request))
		add_mount(plan, runner, "none", "/", NULL, MS_SLAVE,
			  "what is mounted on it next must not show outside");
	add_mount(plan, runner, request->pivot_root, "/", NULL, MS_BIND | MS_REC,
		  "pivot_root(2) wants a mount, which the directory becomes on top of the root");
	add_step(plan, runner, CHANGE_DIRECTORY, "only .. leads to what is on top of the root")
	    ->directory = "/..";
	if (mounts_are_shared(request))
		add_mount(plan, runner, "none", ".", NULL, MS_SLAVE,
			  "the old root cannot be put on a shared mount (pivot_root(2))");
	add_step(plan, runner, PIVOT_ROOT,
		 "unlike chroot(2) it changes the mount at the root, so that nothing of the old "
		 "one can be reached (pivot_root(2))");
}

static void plan_old_root(struct plan *plan, enum actor runner, const struct request *request)
{
	if (mounts_are_shared(request))
		add_mount(plan, runner, "none", "/..", NULL, PRIVATE,
			  "what is unmounted here must stay mounted outside "
			  "(mount_namespaces(7))");
	add_step(plan, runner, DETACH_OLD_ROOT, "nothing of the old root shall be in reach");
	if (request->propagation & MS_SHARED)
		add_mount(plan, runner, "none", "/", NULL, MS_SHARED,
			  "as asked for; it passes on what is mounted from now on, but not to the "
			  "outside");
}

static void hide_mounts_on(struct plan *plan, enum actor runner, const char *directory)
{
	struct step *step =
	    add_step(plan, runner, HIDE_MOUNTS, "the new proc must not reach the host");

	step->directory = directory;
	step->tolerates = EINVAL;
}

static void plan_root(struct plan *plan, enum actor runner, const struct request *request)
{
	const char *directory = request->directory;

	if (request->root)
		add_step(plan, runner, CHANGE_ROOT, "what the program sees as / (chroot(2))")
		    ->directory = request->root;
	if (request->pivot_root)
		plan_pivot(plan, runner, request);
	if (request->root && directory && directory[0] != '/')
		add_step(plan, runner, CHANGE_DIRECTORY, "what follows is below the new root")
		    ->directory = "/";
	if (directory)
		add_step(plan, runner, CHANGE_DIRECTORY, "the working directory that was asked for")
		    ->directory = directory;
	else if (request->root || request->pivot_root)
		add_step(plan, runner, CHANGE_DIRECTORY,
			 "the working directory must not stay outside the new root")
		    ->directory = "/";
}

void plan_mounts(struct plan *plan, enum actor runner, const struct request *request,
		 const struct facts *facts)
{
	bool new_root = request->root || request->pivot_root;
	const char *interpreter = request->interpreter;
	const char *flags = interpreter ? strrchr(interpreter, ':') : NULL;
	/* An interpreter with the letter F is opened when it is registered, so that it may lie
	 * outside the new root (binfmt_misc in the kernel's admin guide). */
	bool lies_outside = new_root && flags && strchr(flags, 'F');
	/* A new user namespace's mounts only take what is mounted outside (mount_namespaces(7)). */
	bool host_would_see = request->proc && mounts_are_shared(request) &&
			      !has_namespace(facts->namespaces, USER_NAMESPACE);

	if (has_namespace(facts->namespaces, MOUNT_NAMESPACE) && request->propagation)
		add_mount(plan, runner, "none", "/", NULL, request->propagation,
			  "a copied mount may still pass mounts to and from the host "
			  "(mount_namespaces(7))");
	if (lies_outside)
		plan_binfmt(plan, runner, "/proc/sys/fs/binfmt_misc", interpreter);
	if (request->root && host_would_see)
		hide_mounts_on(plan, runner, request->root);
	plan_root(plan, runner, request);
	if (host_would_see)
		hide_mounts_on(plan, runner, request->proc);
	else if (request->proc && !new_root && request->propagation != PRIVATE)
		/* Where nothing is mounted there, nothing can pass through it. */
		add_mount(plan, runner, "none", request->proc, NULL, PRIVATE,
			  "the new proc must not reach the host")
		    ->tolerates = EINVAL;
	if (request->proc)
		add_mount(plan, runner, "proc", request->proc, "proc", NEW_FILE_SYSTEM,
			  "a proc shows the PID namespace of the process that mounts it "
			  "(pid_namespaces(7))");
	if (request->binfmt)
		plan_binfmt(plan, runner, request->binfmt, lies_outside ? NULL : interpreter);
	/* Only now: in a user namespace a new proc needs an old one in view, so that what
	 * is hidden there stays hidden (mount_namespaces(7)). */
	if (request->pivot_root)
		plan_old_root(plan, runner, request);
}
