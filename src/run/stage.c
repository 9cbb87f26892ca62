#include "stage.h"

#include <errno.h>
#include <sys/mman.h>

#include "descriptors.h"
#include "message.h"

struct stage new_stage(const struct plan *plan, const struct step *step, enum mode mode)
{
	return (struct stage){
	    .mode = mode,
	    .actor = step->by,
	    .plan = plan,
	    .step = step,
	    .baton = -1,
	    .launcher = {-1, -1},
	    .signals = -1,
	    .news = -1,
	    .proc = -1,
	    .launcher_proc = -1,
	    .launcher_pidfd = -1,
	    .watch = {-1, -1},
	};
}

/* Its own function, so that the buffer is on the stack only where it is used. */
static void explain_call(const struct stage *stage, const char *format, va_list arguments)
{
	char buffer[16384];
	struct text call = text_in(buffer, sizeof(buffer));

	text_format(&call, format, arguments);
	stage->tell(stage->listener, text_end(&call));
}

static void tell(const struct stage *stage, long long result, const char *format, va_list arguments)
{
	if (stage->mode == TRACE)
		trace_call(actor_names[stage->actor], result, format, arguments);
	else if (stage->mode == EXPLAIN)
		explain_call(stage, format, arguments);
}

long long tell_call(const struct stage *stage, long long result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(stage, result, format, arguments);
	va_end(arguments);
	return result;
}

int settle(const struct stage *stage, long result, const char *format, ...)
{
	va_list arguments;

	if (stage->mode != PLAY) {
		va_start(arguments, format);
		tell(stage, result, format, arguments);
		va_end(arguments);
	}
	if (result >= 0 || result == NOT_RETURNED || errno == stage->step->tolerates)
		return (int)result;
	va_start(arguments, format);
	complain_of_call(errno, format, arguments);
	va_end(arguments);
	return (int)result;
}

int close_after(const struct stage *stage, int descriptor, int result)
{
	if (performs(stage))
		close_keeping_errno(descriptor);
	return result;
}

void *get_memory(size_t size, int sharing)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED)
		return memory;
	complain_of(errno, "cannot get memory for the helper");
	return NULL;
}
