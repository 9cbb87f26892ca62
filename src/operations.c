#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "performances.h"
#include "text.h"

/* Only for explanations: in other runs it has happened by now. */
int tell_facts(struct stage *stage, const struct step *step)
{
	for (const char *call = step->calls; *call; call += strlen(call) + 1)
		tell_call(stage, 0, "%r", call, strlen(call));
	return 0;
}

int drop_groups(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_setgroups_none(stage);
}

int set_group(struct stage *stage, const struct step *step)
{
	return call_setgid(stage, step->id);
}

int set_user(struct stage *stage, const struct step *step)
{
	return call_setuid(stage, step->id);
}

int unshare_namespaces(struct stage *stage, const struct step *step)
{
	return call_unshare(stage, step->namespaces);
}

static int write_to(struct stage *stage, const char *path, const char *text)
{
	int file = call_open_for_writing(stage, path);
	int result, error;

	if (file < 0)
		return -1;
	result = call_write(stage, file, text);
	error = errno;
	/* What these files refuse they have refused by now. */
	if (performs(stage))
		close(file);
	errno = error;
	return result < 0 ? -1 : 0;
}

int write_file(struct stage *stage, const struct step *step)
{
	return write_to(stage, step->write.path, step->write.text);
}

int register_format(struct stage *stage, const struct step *step)
{
	char path[PATH_MAX];
	struct text text = {.start = path, .capacity = sizeof(path) - 1, .descriptor = -1};

	/* The option reader has seen to it that the two fit. */
	text_raw(&text, step->write.path, strlen(step->write.path));
	text_raw(&text, "/register", strlen("/register"));
	path[text.length] = '\0';
	return write_to(stage, path, step->write.text);
}

int mount_file_system(struct stage *stage, const struct step *step)
{
	return call_mount(stage, step->mount.source, step->mount.target, step->mount.type,
			  step->mount.flags);
}

int change_root(struct stage *stage, const struct step *step)
{
	return call_chroot(stage, step->path);
}

int change_directory(struct stage *stage, const struct step *step)
{
	return call_chdir(stage, step->path);
}

int keep_capabilities(struct stage *stage, const struct step *step)
{
	return call_raise_capabilities(stage, step->flag);
}

int pin(struct stage *stage, const struct step *step)
{
	return make_pin(stage, step);
}

/*
 * The path is walked twice, and somebody may exchange what it leads to in between. Then the
 * tree that was cloned first is mounted elsewhere, in a mount namespace that nobody else
 * sees, and is the root all the same.
 *
 * pivot_root(2) wants a mount, which the directory becomes here. It is entered by its
 * descriptor: "." would stay below what has just been mounted there. With "." twice the
 * old root ends up on top of the new one and needs no directory to hang from.
 */
int pivot_root(struct stage *stage, const struct step *step)
{
	int tree = call_clone_tree(stage, step->path);
	int result = -1;
	int error;

	if (tree < 0)
		return -1;
	if (call_move_tree(stage, tree, step->path) >= 0 && call_enter_tree(stage, tree) >= 0)
		result = call_pivot_root(stage);
	error = errno;
	if (performs(stage))
		close(tree);
	errno = error;
	return result;
}

int detach_old_root(struct stage *stage, const struct step *step)
{
	(void)step;
	return call_detach_root(stage);
}

int set_hostname(struct stage *stage, const struct step *step)
{
	return call_sethostname(stage, step->hostname);
}

int raise_loopback(struct stage *stage, const struct step *step)
{
	int socket = call_open_socket(stage);
	int result, error;

	(void)step;
	if (socket < 0)
		return -1;
	result = call_raise_loopback(stage, socket);
	error = errno;
	if (performs(stage))
		close(socket);
	errno = error;
	return result;
}
