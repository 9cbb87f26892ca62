/* An ordinary user with subordinate ids: the set-user-ID helpers have their part. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static const char user[] = "nobody";

/* Covers the system's file with one that grants the user a range. */
static void grant_range(const char *directory, const char *path)
{
	char granted[512];
	FILE *file;

	snprintf(granted, sizeof(granted), "%s/granted", directory);
	file = fopen(granted, "w");
	if (!file || fprintf(file, "%s:100000:65536\n", user) < 0 || fclose(file) != 0)
		fail("%s: %s", granted, strerror(errno));
	if (mount(granted, path, NULL, MS_BIND, NULL) < 0)
		fail("%s: %s", path, strerror(errno));
}

static void become_user(void)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry || setgroups(0, NULL) < 0 || setgid(entry->pw_gid) < 0 ||
	    setuid(entry->pw_uid) < 0)
		fail("becoming %s: %s", user, strerror(errno));
}

static void measure(const struct competitor *competitors, size_t count, const char *directory,
		    double seconds)
{
	static const struct option_set set = {
	    .name = "--map-auto -r",
	    .arguments = {[NSRUN] = "--map-auto -r", [UNSHARE] = "--map-auto -r"}};
	static struct command commands[MOST_COMPETITORS];
	struct samples samples[MOST_COMPETITORS] = {0};

	for (size_t i = 0; i < count; i++)
		make_command(&commands[i], &competitors[i], &set, directory);
	run_rounds(commands, competitors, samples, count, seconds, 1);
	begin_table("--map-auto -r as an ordinary user", "");
	table_column("µs per start");
	table_column("multiple of nsrun's");
	for (size_t i = 0; i < count; i++) {
		if (samples[i].count == 0)
			continue;
		table_row(competitors[i].name);
		table_cell("%.0f", median(&samples[i]));
		table_cell("%.2f", median(&samples[i]) / median(&samples[1]));
	}
	end_table();
}

void measure_ordinary_user(const struct competitor *competitors, size_t count,
			   const char *directory, double seconds)
{
	int status;
	pid_t process;

	fflush(stdout);
	process = fork();
	if (process < 0)
		fail("fork: %s", strerror(errno));
	if (process == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			fail("a private mount namespace: %s", strerror(errno));
		grant_range(directory, "/etc/subuid");
		grant_range(directory, "/etc/subgid");
		become_user();
		measure(competitors, count, directory, seconds);
		exit(0);
	}
	if (waitpid(process, &status, 0) < 0 || status != 0)
		puts("\n--map-auto -r could not be measured as an ordinary user.");
}
