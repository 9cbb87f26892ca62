#include "namespace.h"

#include <sched.h>

/* musl has no name for it, and glibc only a recent one (time_namespaces(7)). */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* In the order in which explanations and reports list them. */
const struct namespace namespace_types[NAMESPACE_TYPES] = {
    [MOUNT_NAMESPACE] = {CLONE_NEWNS, "CLONE_NEWNS", "mnt", "mnt", "mount"},
    [UTS_NAMESPACE] = {CLONE_NEWUTS, "CLONE_NEWUTS", "uts", "uts", "UTS"},
    [IPC_NAMESPACE] = {CLONE_NEWIPC, "CLONE_NEWIPC", "ipc", "ipc", "IPC"},
    [NETWORK_NAMESPACE] = {CLONE_NEWNET, "CLONE_NEWNET", "net", "net", "network"},
    [PID_NAMESPACE] = {CLONE_NEWPID, "CLONE_NEWPID", "pid", "pid_for_children", "PID"},
    [USER_NAMESPACE] = {CLONE_NEWUSER, "CLONE_NEWUSER", "user", "user", "user"},
    [CGROUP_NAMESPACE] = {CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "cgroup", "cgroup", "cgroup"},
    [TIME_NAMESPACE] = {CLONE_NEWTIME, "CLONE_NEWTIME", "time", "time_for_children", "time"},
};
