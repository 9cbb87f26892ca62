/* Leaves a test out, and looks at the kernel's version for it. */
#include "leave_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/utsname.h>

#include <cmocka.h>

void leave_out(const char *reason)
{
	print_message("left out: %s\n", reason);
	skip();
}

bool is_linux(int major, int minor)
{
	int own_major = 0, own_minor = 0;
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%d.%d", &own_major, &own_minor), 2);
	return own_major > major || (own_major == major && own_minor >= minor);
}
