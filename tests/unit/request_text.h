/* A request as text, for comparing. */
#pragma once

#include "request.h"

/* "name=value" for each field that is not as it is without options, with a blank in
 * between. The text is good until the next call. */
const char *request_text(const struct request *request);
