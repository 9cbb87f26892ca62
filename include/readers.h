/* Readers of option arguments: each turns one string into a piece of the request. */
#ifndef NSRUN_READERS_H
#define NSRUN_READERS_H

#include "options.h"

option_reader read_flag, read_string, read_namespace, read_proc, read_binfmt, read_interpreter,
    read_propagation, read_kill_child, read_own_id, read_single_map, read_map_root,
    read_map_current, read_map_source, read_map_both, read_owner, read_setgroups, read_seconds,
    read_output, read_descriptor, read_hostname, read_quiet, read_help, read_completion,
    read_version;

#endif
