#include "pins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "descriptors.h"
#include "launched.h"
#include "message.h"
#include "operations.h"
#include "stage.h"

/* What was at a pin's place before. */
struct place {
	const char *path;
	bool missing;
	dev_t device;
	ino_t inode;
};

enum progress {
	NOT_READY, /* whatever dies now, the pins must go */
	EXECUTING, /* only a look at the process tells whether its exec took place */
	EXECUTED   /* the pins stay */
};

/* In memory that all processes share, so that it outlives each of them. */
struct guard_state {
	volatile enum progress progress;
	volatile enum actor executing; /* who is */
	unsigned count;
	struct place places[NAMESPACE_TYPES];
};

/* Only to know later what was there before: what is mounted on is opened by make_pin(). */
static int note_place(struct guard_state *state, const char *path)
{
	struct place *place = &state->places[state->count++];
	struct stat now;
	int result = lstat(path, &now);

	/* What only cannot be looked at is not ours to remove. */
	place->path = path;
	place->missing = result < 0 && errno == ENOENT;
	place->device = result < 0 ? 0 : now.st_dev;
	place->inode = result < 0 ? 0 : now.st_ino;
	return result;
}

static int share_state(struct guard *guard)
{
	if (make_pipe(guard->watch) < 0 || make_pipe(guard->done) < 0)
		return complain_of(errno, "cannot make a pipe");
	guard->shared = mmap(NULL, sizeof(*guard->shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (guard->shared == MAP_FAILED) {
		guard->shared = NULL;
		return complain_of(errno, "cannot share memory with the helper");
	}
	return 0;
}

int open_guard(struct stage *stage)
{
	struct guard_state *state;

	if (performs(stage) && share_state(&stage->guard) < 0)
		return -1;
	state = stage->guard.shared;
	for (size_t i = 0; i < stage->plan->count; i++) {
		const struct step *step = &stage->plan->steps[i];

		if (step->operation == PIN)
			(void)tell_call(stage, state ? note_place(state, step->pin.file) : 0,
					"lstat(%q, &place)", step->pin.file);
	}
	return 0;
}

void leave_guards(struct guard *guard)
{
	close(guard->watch[0]);
	close(guard->done[1]);
}

/* Takes off what was bound on the place since, and removes the file if it is ours. No link
 * is followed: one that somebody puts there now can lead to no other mount. */
static void clear_place(const struct place *place)
{
	struct stat now;

	for (unsigned i = 0; i < NAMESPACE_TYPES && lstat(place->path, &now) == 0; i++) {
		if (!place->missing && now.st_dev == place->device && now.st_ino == place->inode)
			return;
		if (umount2(place->path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			break;
	}
	if (place->missing)
		unlink(place->path);
}

static void await_end(int descriptor)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	unsigned failures = 0;
	ssize_t length;
	char byte;

	/* A read that fails is no end, unless none succeeds any more. */
	while (failures < 10 && (length = read(descriptor, &byte, 1)) != 0) {
		if (length > 0 || errno == EINTR)
			continue;
		failures++;
		nanosleep(&pause, NULL);
	}
}

/* A child's exec is for its parent to confirm. One that was killed before it could has left
 * a program that runs: a child that fails says so before it ends. */
static bool has_executed(const struct guard_state *state, const struct launched *launcher)
{
	if (state->progress != EXECUTING)
		return state->progress == EXECUTED;
	return state->executing != LAUNCHER || runs_program(launcher);
}

/* before: what tells the second guard that the first has ended, or -1. */
static void stand_guard(const struct guard *guard, const struct launched *launcher, int before)
{
	bool keeps_pins;

	await_end(guard->watch[0]);
	if (before >= 0)
		await_end(before);
	keeps_pins = has_executed(guard->shared, launcher);
	for (unsigned i = 0; !keeps_pins && i < guard->shared->count; i++)
		clear_place(&guard->shared->places[i]);
	_exit(0);
}

static void become_guard(const struct stage *stage, const struct launched *launcher, int before)
{
	close(stage->baton);
	close(stage->guard.watch[1]);
	close(stage->guard.done[0]);
	stand_guard(&stage->guard, launcher, before);
}

/* The second guard. If there can be none, the first alone is as good unless it is killed. */
static void start_substitute(const struct stage *stage, const struct launched *launcher,
			     const int first[2])
{
	pid_t substitute = performs(stage) ? fork() : 1;

	if (substitute == 0) {
		close(first[1]);
		become_guard(stage, launcher, first[0]);
	}
	(void)tell_call(stage, substitute, "fork()");
}

/* A launcher that has died meanwhile has not announced a program, so that nobody will look. */
static struct launched open_launching(struct stage *stage, const char *path)
{
	struct launched launcher = {0};
	pid_t process;

	if (performs(stage))
		launcher.directory = open_process(path);
	(void)tell_call(stage, launcher.directory, "open(%q, O_RDONLY|O_DIRECTORY|O_CLOEXEC)",
			path);
	process = performs(stage) ? getppid() : 1;
	(void)tell_call(stage, process, "getppid()");
	if (performs(stage))
		launcher.pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	(void)tell_call(stage, launcher.pidfd, "pidfd_open(LAUNCHER, 0)");
	return launcher;
}

int start_guards(struct stage *stage, const struct step *step)
{
	int first[2] = {-1, -1};
	struct launched launcher = open_launching(stage, step->launcher);
	pid_t process;

	if (performs(stage) && make_pipe(first) < 0)
		return complain_of(errno, "cannot make a pipe");
	process = performs(stage) ? fork() : 1;
	if (process == 0) {
		close(first[0]);
		become_guard(stage, &launcher, -1);
	}
	(void)settle(stage, process, "fork()");
	if (process > 0)
		start_substitute(stage, &launcher, first);
	if (performs(stage)) {
		close(launcher.directory);
		close(launcher.pidfd);
		close(first[0]);
		close(first[1]);
		leave_guards(&stage->guard);
	}
	return process;
}

/* An explanation notes no places before, and looks now. */
static bool is_missing(const struct stage *stage, const char *path)
{
	const struct guard_state *state = stage->guard.shared;
	struct stat now;

	for (unsigned i = 0; state && i < state->count; i++) {
		if (state->places[i].path == path)
			return state->places[i].missing;
	}
	return lstat(path, &now) < 0 && errno == ENOENT;
}

/* A new file to mount on. */
static int create_file(struct stage *stage, const char *path)
{
	int result =
	    performs(stage) ? open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444) : 0;

	return settle(stage, result, "open(%q, O_RDONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0444)", path);
}

/* O_PATH opens a link itself, and the kernel would mount on that too. */
static int open_file(struct stage *stage, const char *path)
{
	int file = performs(stage) ? open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC) : 0;
	struct stat status = {.st_mode = S_IFREG};

	if (settle(stage, file, "open(%q, O_PATH|O_NOFOLLOW|O_CLOEXEC)", path) < 0)
		return -1;
	if (settle(stage, performs(stage) ? fstat(file, &status) : 0, "fstat(place, &status)") ==
		0 &&
	    !S_ISLNK(status.st_mode))
		return file;
	close_after(stage, file, -1);
	if (!S_ISLNK(status.st_mode))
		return -1;
	complain_of(ELOOP, "cannot open(%q, O_PATH|O_NOFOLLOW|O_CLOEXEC)", path);
	errno = ELOOP;
	return -1;
}

/* By its descriptor: whoever may write to its directory could put something else there
 * meanwhile, such as a link to a file of root's, which the mount would cover. */
static int bind_on(struct stage *stage, const char *source, int place, const char *name)
{
	char target[40] = "/proc/self/fd/PLACE";
	int result;

	if (performs(stage))
		print_into(target, sizeof(target), "/proc/self/fd/%d", place);
	result = performs(stage) ? mount(source, target, NULL, MS_BIND, NULL) : 0;
	return settle(stage, result, "mount(%q, %q /* %s */, NULL, MS_BIND, NULL)", source, target,
		      name);
}

int make_pin(struct stage *stage, const struct step *step)
{
	const char *path = step->pin.file;
	int place = is_missing(stage, path) ? create_file(stage, path) : open_file(stage, path);

	if (place < 0)
		return -1;
	return close_after(stage, place, bind_on(stage, step->pin.source, place, path));
}

void announce_program(struct stage *stage)
{
	int result = performs(stage) ? prctl(PR_SET_NAME, launching, 0, 0, 0) : 0;

	/* A failure would make a death look like an exec, no more. */
	(void)settle(stage, result, "prctl(PR_SET_NAME, %q, 0, 0, 0)", launching);
	if (!performs(stage))
		return;
	stage->guard.shared->executing = stage->actor;
	stage->guard.shared->progress = EXECUTING;
}

void withdraw_program(struct guard *guard)
{
	guard->shared->progress = NOT_READY;
}

void confirm_program(struct guard *guard, pid_t child)
{
	char path[32];
	struct launched process = {.pidfd = -1};

	if (guard->shared->progress != EXECUTING)
		return;
	print_into(path, sizeof(path), "/proc/%d", child);
	process.directory = open_process(path);
	guard->shared->progress = runs_program(&process) ? EXECUTED : NOT_READY;
	close_keeping_errno(process.directory);
}

void confirm_program_of_init(struct guard *guard, pid_t program)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	siginfo_t end;

	if (guard->shared->progress != EXECUTING)
		return;
	/* One that was killed before its exec is seen as dead after a moment. */
	for (int i = 0; i < 5; i++) {
		end.si_pid = 0;
		if (waitid(P_PID, (id_t)program, &end, WEXITED | WNOWAIT | WNOHANG) == 0 &&
		    end.si_pid == program && end.si_code != CLD_EXITED) {
			guard->shared->progress = NOT_READY;
			return;
		}
		nanosleep(&pause, NULL);
	}
	guard->shared->progress = EXECUTED;
}

bool program_is_confirmed(const struct guard *guard)
{
	return guard->shared && guard->shared->progress == EXECUTED;
}

void await_guards(struct guard *guard)
{
	close(guard->watch[1]);
	await_end(guard->done[0]);
}
