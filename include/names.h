/* Namespaces, bits, signals and numbers, and how a person reads and writes them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The namespace types that Linux has: the one list of them (namespaces(7)). */
enum namespace_type {
	MOUNT_NAMESPACE,
	UTS_NAMESPACE,
	IPC_NAMESPACE,
	NETWORK_NAMESPACE,
	PID_NAMESPACE,
	USER_NAMESPACE,
	CGROUP_NAMESPACE,
	TIME_NAMESPACE,
	NAMESPACE_TYPES
};

struct namespace
{
	unsigned long bit;    /* for unshare(2) */
	const char *bit_name; /* as C spells it */
	const char *link;     /* its name in /proc/PID/ns */
	const char *new_link; /* the one that shows what unshare(2) made */
	const char *name;     /* in words */
};

extern const struct namespace namespace_types[NAMESPACE_TYPES];

static inline bool has_namespace(unsigned long namespaces, enum namespace_type type)
{
	return namespaces & namespace_types[type].bit;
}

/* The number of a signal that is given by its name, with or without SIG, in capitals or not, by
 * RTMIN+n or RTMAX-n, or by its number. Returns 0 where there is no such signal (signal(7)). */
__attribute__((cold)) int signal_number(const char *name);

struct named_signal {
	const char *name; /* without SIG */
	int number;
};

/* All signals that have a name, and a NULL. The first name of a number is the one to show. */
extern const struct named_signal named_signals[];

/* Reads the decimal number that string is, at most `most`. Returns false, and leaves *number alone,
 * where string is anything else: no sign, blank, overflow or trailing text gets through. */
bool read_number(const char *string, uint64_t most, uint64_t *number);

/* The same of a number at *position that ends before one of the characters of ends, behind which
 * it moves *position; "" stands for the string's end. */
bool read_number_until(const char **position, const char *ends, uint64_t most, uint64_t *number);
