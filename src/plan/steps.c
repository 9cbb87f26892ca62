#include "plan.h"

struct step *add_step(struct plan *plan, enum actor by, enum operation operation, const char *why)
{
	struct step *step = &plan->steps[plan->count++];

	*step = (struct step){.by = by, .operation = operation, .why = why};
	return step;
}

const struct step *find_step(const struct plan *plan, enum operation operation)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].operation == operation)
			return &plan->steps[i];
	}
	return NULL;
}
