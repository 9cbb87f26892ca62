#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage.h"

/* linux/capability.h, which a musl compiler does not see (capget(2)). */
struct capability_header {
	uint32_t version;
	int process;
};
enum { CAPABILITY_VERSION_3 = 0x20080522, CAPABILITY_WORDS = 2 };
struct capability_sets {
	uint32_t effective, permitted, inheritable;
};

static int raise_each(struct stage *stage, const struct capability_sets sets[CAPABILITY_WORDS])
{
	for (unsigned long i = 0; i < CAPABILITY_WORDS * 32UL; i++) {
		if (!(sets[i / 32].permitted >> (i % 32) & 1))
			continue;
		if (settle(
			stage,
			performs(stage) ? prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0UL, 0UL)
					: 0,
			"prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, %u, 0, 0)", (unsigned)i) < 0)
			return -1;
	}
	return 0;
}

/* Whoever makes a user namespace has all capabilities in it that the kernel knows. */
static void expect_all(struct capability_sets sets[CAPABILITY_WORDS])
{
	for (unsigned long i = 0; i < CAPABILITY_WORDS * 32UL; i++) {
		if (prctl(PR_CAPBSET_READ, i, 0UL, 0UL, 0UL) >= 0)
			sets[i / 32].permitted |= 1U << (i % 32);
	}
}

int call_raise_capabilities(struct stage *stage, bool dropped)
{
	struct capability_header header = {.version = CAPABILITY_VERSION_3};
	struct capability_sets sets[CAPABILITY_WORDS] = {{0}};
	long result = performs(stage) ? syscall(SYS_capget, &header, sets) : 0;

	if (settle(stage, result, "capget(&header, &sets)") < 0)
		return -1;
	if (!performs(stage) && !dropped)
		expect_all(sets);
	/* An ambient capability must be inheritable as well as permitted. */
	for (unsigned i = 0; i < CAPABILITY_WORDS; i++)
		sets[i].inheritable = sets[i].permitted;
	result = performs(stage) ? syscall(SYS_capset, &header, sets) : 0;
	if (settle(stage, result, "capset(&header, &sets)") < 0)
		return -1;
	return raise_each(stage, sets);
}
