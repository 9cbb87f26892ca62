#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "facts/database.h"
#include "hint.h"
#include "message.h"

/* The first file of that name whose execution would fail with that error, or succeed for 0. */
static const char *find_in_path(const char *name, const char *directories, int error,
				char path[PATH_MAX])
{
	struct stat file;

	while (next_candidate(&directories, name, path)) {
		int result = access(path, X_OK) < 0 ? errno : 0;

		if (result == 0 && stat(path, &file) == 0 && S_ISDIR(file.st_mode))
			result = EACCES;
		if (result == error)
			return path;
	}
	return NULL;
}

/* An interpreter, as in "#!/bin/sh -e", may be a script in turn, five deep (execve(2)). */
static bool hint_missing_interpreter(const char *path)
{
	char start[256] = "", interpreter[sizeof(start)];

	for (int depth = 0; read_start(path, start, sizeof(start)) > 0 &&
			    strncmp(start, "#!", 2) == 0 && depth < 5;
	     depth++) {
		const char *name = start + 2 + strspn(start + 2, " \t");

		path = print_into(interpreter, sizeof(interpreter), "%r", name,
				  strcspn(name, " \t\n"));
		if (access(path, F_OK) < 0)
			return hint("the file is there, but its interpreter '%s' (after #!) is not",
				    path);
	}
	return strncmp(start, ELFMAG, SELFMAG) == 0 &&
	       hint("%s is there, but the dynamic loader that it names is not: the root lacks its "
		    "libraries, or it is for another system",
		    path == interpreter ? path : "the file");
}

static bool hint_not_found(const struct plan *plan, const char *found)
{
	const char *path = getenv("PATH");

	if (found && access(found, F_OK) == 0)
		return hint_missing_interpreter(found);
	if (find_step(plan, CHANGE_ROOT) || find_step(plan, PIVOT_ROOT))
		return hint("it is looked for below the new root, where it does not exist");
	return !found && hint("no directory of PATH has it: %s", path ? path : "PATH is not set");
}

/* The kernel has gone this way, so it is shorter than PATH_MAX. */
bool hint_closed_directory(const char *path)
{
	char directory[PATH_MAX];
	struct stat status;

	for (size_t length = 1; path[length - 1]; length++) {
		if (path[length] && path[length] != '/' && path[length - 1] != '/')
			continue;
		print_into(directory, sizeof(directory), "%r", path, length);
		if (access(directory, X_OK) < 0 && errno == EACCES &&
		    stat(directory, &status) == 0 && S_ISDIR(status.st_mode))
			return hint("'%s' may not be entered by this user: inside a user "
				    "namespace, even root is outside just the user who made it",
				    directory);
	}
	return false;
}

static bool hint_denied(const char *path)
{
	struct statvfs mount;
	struct stat file;

	if (stat(path, &file) < 0)
		return hint_closed_directory(path);
	if (S_ISDIR(file.st_mode))
		return hint("it is a directory");
	if (!(file.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return hint("it is not marked as executable: chmod +x %s", path);
	if (statvfs(path, &mount) == 0 && mount.f_flag & ST_NOEXEC)
		return hint("it is on a mount with the option noexec");
	return access(path, X_OK) < 0 &&
	       hint("it is executable for some users, but not for this one: its mode is %o",
		    (unsigned)(file.st_mode & 07777));
}

/* The machine that a program is for. A file that is no program, or too short, names none. */
static Elf32_Half find_machine(const char *path)
{
	Elf64_Ehdr header = {0};

	(void)read_start(path, (char *)&header, sizeof(header));
	return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 ? header.e_machine : EM_NONE;
}

/* Compares with nsrun itself, which runs here. */
static bool hint_format(const char *path)
{
	Elf32_Half machine = find_machine(path), own = find_machine("/proc/self/exe");

	return machine != EM_NONE && own != EM_NONE && machine != own &&
	       hint("it is a program for another architecture: ELF machine %u, not %u (see "
		    "--load-interp and qemu-user)",
		    (unsigned)machine, (unsigned)own);
}

bool hint_program(const struct plan *plan, const struct step *step, int error)
{
	const char *found = step->execute.file;
	char path[PATH_MAX];

	if (!strchr(found, '/'))
		found = find_in_path(found, find_path(), error == EACCES ? error : 0, path);
	if (error == ENOENT)
		return hint_not_found(plan, found);
	if (error == EACCES)
		return found && hint_denied(found);
	return error == ENOEXEC && found && hint_format(found);
}

bool hint_missing_mapper(const char *name)
{
	static const char usual[] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
	char path[PATH_MAX];

	return !find_in_path(name, find_path(), 0, path) &&
	       (find_in_path(name, usual, 0, path)
		    ? hint("it is %s, which is in no directory of PATH", path)
		    : hint("the package uidmap usually has it: apt-get install uidmap"));
}

/* A mapper serves a user only in the group that passwd(5) has, not in the user's others. */
static bool hint_login_group(const char *mapper)
{
	enum { GROUP_FIELD = 3 };
	struct record user;
	const char *digits =
	    find_user(NULL, getuid(), &user) > 0 ? cut_field(&user, GROUP_FIELD) : NULL;
	uint64_t group;

	return digits && read_number(digits, HIGHEST_ID, &group) && group != getgid() &&
	       hint("this process has the group %u, and %s wants that of the user's line in "
		    "/etc/passwd, %u, to which newgrp(1) goes back",
		    (unsigned)getgid(), mapper, (unsigned)group);
}

bool hint_mapper(const char *name, const char *map)
{
	char path[PATH_MAX];
	struct statvfs mount;
	struct stat file;

	if (advise_proc(ENOENT))
		return true;
	if (!find_in_path(name, find_path(), 0, path) || stat(path, &file) < 0)
		return false;
	if (!(file.st_mode & S_ISUID) && getxattr(path, "security.capability", NULL, 0) < 0)
		return hint("%s is not set-user-ID, so it has no power to map ids. As root: chmod "
			    "u+s %s",
			    path, path);
	if (statvfs(path, &mount) == 0 && mount.f_flag & ST_NOSUID)
		return hint("%s is on a mount with the option nosuid, so it has no power to map "
			    "ids",
			    path);
	if (file_says("/proc/self/status", "NoNewPrivs:\t1"))
		return hint("no_new_privs is set (NoNewPrivs: 1 in /proc/self/status), as in many "
			    "containers, so %s has no power to map ids",
			    path);
	return hint_login_group(path) || hint_map(strcmp(name, "newuidmap") == 0, map);
}
