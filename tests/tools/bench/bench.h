/* What the parts of the benchmark share. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>

enum { MOST_COMPETITORS = 12, MOST_SETS = 16, MOST_ARGUMENTS = 400 };

/* Programs that can start another one in new namespaces. */
enum kind { FLOOR, NSRUN, UNSHARE, BUSYBOX, TOYBOX, BUBBLEWRAP, CRUN, RUNC, KINDS };

struct competitor {
	enum kind kind;
	const char *name; /* the column's heading */
	char *path;
	int every; /* the slow take part only in every so many rounds */
};

struct option_set {
	const char *name;             /* the options, as nsrun and unshare(1) spell them */
	const char *arguments[KINDS]; /* in words; NULL where the program lacks the form */
	size_t ranges;                /* of user ids to map besides, or 0 */
};

/* A command line that can be started again and again. */
struct command {
	char *path;
	char *arguments[MOST_ARGUMENTS];
};

struct samples {
	size_t count;
	size_t capacity;
	double *values; /* microseconds */
};

/* sets.c */
extern const struct option_set option_sets[];
extern const size_t option_set_count;
/* False where the competitor has no such options. */
bool make_command(struct command *command, const struct competitor *competitor,
		  const struct option_set *set, const char *directory);
void free_command(struct command *command);
/* Finds by its options a set that a measurement of growth is made with. */
const struct option_set *find_option_set(const char *name);

/* competitors.c */
/* Those whose programs are there: the floor, nsrun and its variants, then the peers. */
size_t find_competitors(struct competitor *list, const char *directory, char **variants);

/* measure.c */
double now(void); /* microseconds */
/* How long the commands take, all started at once, until the last one has ended. */
double time_starts(const struct command *command, char **environment, unsigned at_once);
void add_sample(struct samples *samples, double value);
double median(struct samples *samples);
/* Starts each command in turn, in an order that changes, for so many seconds. */
void run_rounds(const struct command *commands, const struct competitor *competitors,
		struct samples *samples, size_t count, double seconds, unsigned at_once);
void keep_to_one_processor(void);

/* growth.c, ordinary.c: each prints a table */
void measure_growth(const struct competitor *competitors, size_t count, const char *directory,
		    double seconds);
void measure_ordinary_user(const struct competitor *competitors, size_t count,
			   const char *directory, double seconds);

/* table.c */
extern bool markdown;
void begin_table(const char *title, const char *first_column);
void table_column(const char *heading);
void table_row(const char *name);
__attribute__((format(printf, 1, 2))) void table_cell(const char *format, ...);
void end_table(void);

/* message.c */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
void *must_allocate(void *pointer);

#endif
