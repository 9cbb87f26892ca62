#include "steps.h"

struct step *add_step(struct plan *plan, enum actor by, enum operation operation, const char *why)
{
	struct step *step = &plan->steps[plan->count++];

	*step = (struct step){.by = by, .operation = operation, .why = why};
	return step;
}

struct step *pass_baton(struct plan *plan, enum actor from, enum actor to, const char *why)
{
	struct step *step = add_step(plan, from, PASS_BATON, why);

	step->other = to;
	add_step(plan, to, AWAIT_BATON, why)->other = from;
	return step;
}

void add_write(struct plan *plan, enum actor by, const char *path, const char *text,
	       const char *why)
{
	add_step(plan, by, WRITE_FILE, why)->write = (struct write_arguments){path, text};
}

const struct step *find_step(const struct plan *plan, enum operation operation)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].operation == operation)
			return &plan->steps[i];
	}
	return NULL;
}
