/* Descriptors of nsrun's own, which must be none of the caller's 0, 1 and 2. */
#pragma once

#include <stddef.h>

/* Where the caller has closed standard error, the next file that is opened gets its number, and
 * nsrun's messages would go into that file. The same holds for the other two. Returns a descriptor
 * above these for the same file, or -1 with errno set; the old one is closed. -1 stays -1. */
int keep_off_standard(int descriptor);

/* pipe2(2) with O_CLOEXEC, and both ends above the standard descriptors. Where that fails both are
 * -1, and it returns -1 after a complaint. */
int make_pipe(int ends[2]);

/* Closes all descriptors above the standard ones but those of the list, which may be -1. */
__attribute__((cold)) void close_all_but(const int *kept, size_t count);

/* Closes the descriptor, unless it is -1, and keeps errno. The second makes it -1. */
void close_keeping_errno(int descriptor);
void close_for_good(int *descriptor);
