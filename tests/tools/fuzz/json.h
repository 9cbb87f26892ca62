/* Is it JSON (RFC 8259)? */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* True if text, which ends with a NUL, is UTF-8 without control characters but newlines. */
bool is_clean(const char *text);

/* True if text is one JSON value and white space. */
bool is_json(const char *text);
