/* What each operation of a plan does, as a few calls (see stage.h). */
#ifndef NSRUN_PERFORMANCES_H
#define NSRUN_PERFORMANCES_H

#include "stage.h"

/* Returns -1 with errno set, after a complaint, where the step has failed. */
typedef int performance(struct stage *stage, const struct step *step);

/* operations.c: what was read for facts, and is only told here; what one process does to itself and
 * its namespaces */
performance tell_facts, drop_groups, set_group, set_user, unshare_namespaces, write_file,
    register_format, mount_file_system, change_root, pivot_root, detach_old_root, change_directory,
    set_hostname, raise_loopback, keep_capabilities, pin;

/* processes.c: what passes between processes */
performance reset_child_signal, start_helper, guard_pins, tell_other, await_other, open_launcher,
    block_signals, fork_child, restore_signals, reap_helper, die_with_launcher, open_signals,
    start_program, execute_program, wait_for_child;

/* mappers.c: newuidmap(1) and newgidmap(1), at the same time, since each writes a file
 * of its own. A program that is missing or fails is complained about. */
performance run_mappers;

/* report.c */
performance note_namespaces, report;

/* init.c: PID 1 for --init. Does not return. */
performance be_init;

#endif
