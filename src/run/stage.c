#include "stage.h"

#include <errno.h>
#include <sys/mman.h>

#include "descriptors.h"
#include "message.h"

struct stage new_stage(const struct plan *plan, const struct step *step, struct journal *journal)
{
	return (struct stage){
	    .journal = journal,
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

long long tell_call(const struct stage *stage, long long result, const char *format, ...)
{
	va_list arguments;

	if (!stage->journal)
		return result;
	va_start(arguments, format);
	enter_call(stage->journal, actor_names[stage->actor], result, format, arguments);
	va_end(arguments);
	return result;
}

int settle(const struct stage *stage, long result, const char *format, ...)
{
	va_list arguments;

	if (stage->journal) {
		va_start(arguments, format);
		enter_call(stage->journal, actor_names[stage->actor], result, format, arguments);
		va_end(arguments);
	}
	if (result >= 0 || result == NOT_RETURNED || errno == stage->step->tolerates)
		return (int)result;
	va_start(arguments, format);
	complain_of_call(format, arguments);
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

	return memory == MAP_FAILED ? NULL : memory;
}
