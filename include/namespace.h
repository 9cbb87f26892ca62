/* The namespace types that Linux has: the one list of them (namespaces(7)). */
#pragma once

#include <stdbool.h>

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
