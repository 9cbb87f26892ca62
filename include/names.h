/* The kernel's names for bits and signals: what a person reads and writes. */
#pragma once

#include "text.h"

/* Adds "CLONE_NEWNS|CLONE_NEWPID", or "0". */
__attribute__((cold)) void add_namespace_flags(struct text *text, unsigned long flags);

/* Adds "MS_NOSUID|MS_NODEV", or "0"; bits without a name are added in decimal. */
__attribute__((cold)) void add_mount_flags(struct text *text, unsigned long flags);

/* Adds "SIGTERM", or the number of a signal that has no name of its own. */
__attribute__((cold)) void add_signal_name(struct text *text, int signal);

/*
 * The number of the signal that name stands for: a name with or without SIG, in
 * capitals or not, RTMIN+n, RTMAX-n, or a number. Returns 0 where there is no
 * such signal (signal(7)).
 */
__attribute__((cold)) int signal_number(const char *name);

/* The name of the i-th signal that has one, without SIG, or NULL past the last. */
__attribute__((cold)) const char *signal_name_at(unsigned i);
