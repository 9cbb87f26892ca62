#include "hint.h"

#include "message.h"

void hint_subordinate_ids(const char *path, const char *login, uint32_t user)
{
	const char *what = path[sizeof("/etc/sub") - 1] == 'u' ? "uids" : "gids";

	if (login)
		hint("give %s some, as root: usermod --add-sub%s 100000-165535 %s", login, what,
		     login);
	else
		hint("add a line to %s, as root: %u:100000:65536", path, user);
}

void hint_failure(const struct step *step, int error)
{
	(void)step, (void)error;
}
