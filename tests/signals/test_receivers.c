/*
 * Who is hit by a signal: the signal × who receives it × how nsrun was told to fork ×
 * how the caller has left the signal. A program in another group or session, or in a job of a
 * shell inside, by key, kill(2) or sigqueue(3), is in terminals/test_apart; one that is stopped,
 * continued and killed without nsrun also in test_news. The table holds what the manual pages say:
 *
 *  - signal(7): a signal's default action; an ignored one does nothing; a blocked one waits
 *    (is pending). SIGKILL and SIGSTOP can be neither ignored nor blocked.
 *  - execve(2), fork(2): ignored stays ignored and blocked stays blocked for the program.
 *  - kill(2): a process id means that process alone, a negative one its whole group. The
 *    program, its init and the launcher are one group.
 *  - nsrun(1): --fork holds back SIGINT and SIGTERM sent to the launcher; with
 *    --forward-signals they go on to the child; with --init every signal does that can be
 *    caught, whoever of launcher and init receives it. nsrun ends as the program did, with
 *    128+n under --init, where it also stops whenever the program does.
 *  - pid_namespaces(7): PID 1 gets no signal from outside that it has no handler for, save
 *    SIGKILL and SIGSTOP; when it ends, so do all others in the namespace.
 */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { WAYS = 4, RECEIVERS = 3, STATES = 3, CELLS = WAYS * RECEIVERS * STATES };

static const char *const ways[WAYS] = {"--fork", "--forward-signals", "--pid --fork", "--init"};
static const char *const receivers[RECEIVERS] = {"launcher", "child", "group"};
static const char *const states[STATES] = {"default", "ignored", "blocked"};

/*
 * D  the program dies, and nsrun reports the signal as its end
 * K  the same, and nsrun itself dies of it also under --init, since it was the init's end
 * L  the launcher alone dies
 * -  nothing: all live, the signal waits nowhere
 * P  all live, the signal waits in the program
 * H  all live, the signal waits in the launcher, not in the program
 * S  launcher and program stop
 * l  the launcher alone stops
 * c  the program alone stops
 * i  the init alone stops
 *
 * Receivers: launcher, child, group; for each: default, ignored, blocked.
 */
static const struct row {
	int signal;
	const char *outcomes[WAYS];
} table[] = {
    /*           --fork          --forward-signals  --pid --fork   --init */
    {SIGHUP, {"L-H D-P D-P", "L-H D-P D-P", "L-H --P L-P", "D-P D-P D-P"}},
    {SIGINT, {"HHH D-P DHP", "D-P D-P D-P", "HHH --P HHP", "D-P D-P D-P"}},
    {SIGQUIT, {"L-H D-P D-P", "L-H D-P D-P", "L-H --P L-P", "D-P D-P D-P"}},
    {SIGTERM, {"HHH D-P DHP", "D-P D-P D-P", "HHH --P HHP", "D-P D-P D-P"}},
    {SIGUSR1, {"L-H D-P D-P", "L-H D-P D-P", "L-H --P L-P", "D-P D-P D-P"}},
    {SIGALRM, {"L-H D-P D-P", "L-H D-P D-P", "L-H --P L-P", "D-P D-P D-P"}},
    {SIGWINCH, {"--H --P --P", "--H --P --P", "--H --P --P", "--P --P --P"}},
    {SIGTSTP, {"l-H c-P S-P", "l-H c-P S-P", "l-H --P l-P", "S-P S-P S-P"}},
    {SIGKILL, {"LLL KKK KKK", "LLL KKK KKK", "LLL KKK KKK", "LLL KKK KKK"}},
    {SIGSTOP, {"lll ccc SSS", "lll ccc SSS", "lll ccc SSS", "lll iii SSS"}},
    /* The first real-time signal of the C library, and the last of all. */
    {34, {"L-H D-P D-P", "L-H D-P D-P", "L-H --P L-P", "D-P D-P D-P"}},
    {64, {"L-H D-P D-P", "L-H D-P D-P", "L-H --P L-P", "D-P D-P D-P"}},
};

struct cell {
	struct process process;
	struct outcome outcome;
	pid_t child, program;
	unsigned way, receiver, state;
	int signal;
	char expected;
};

static struct cell cells[CELLS];

/* The one that is being started. */
static const struct cell *starting;

static void leave_signal(void)
{
	if (starting->state == 1)
		signal(starting->signal, SIG_IGN);
	if (starting->state == 2)
		set_raw_mask(signal_bit(starting->signal));
}

static void start_cell(struct cell *cell)
{
	starting = cell;
	start(&cell->process, &cell->outcome,
	      &(struct launch){.is_job = true, .prepare = leave_signal}, "nsrun %s role stay",
	      ways[cell->way]);
}

/* All live, so far as they are there. */
static char look_at_living(const struct cell *cell)
{
	uint64_t bit = signal_bit(cell->signal);
	bool launcher_stops = state_of(cell->process.id) == 'T';
	bool child_stops = state_of(cell->child) == 'T';
	bool program_stops = state_of(cell->program) == 'T';

	if (launcher_stops)
		return program_stops ? 'S' : 'l';
	/* A stopped init is one that does not do its work. */
	if (child_stops && !program_stops)
		return 'i';
	if (program_stops)
		return 'c';
	if ((signals_of(cell->program, "ShdPnd") | signals_of(cell->program, "SigPnd")) & bit)
		return 'P';
	return (signals_of(cell->process.id, "ShdPnd") & bit) ? 'H' : '-';
}

static char look(const struct cell *cell)
{
	bool is_init = strcmp(ways[cell->way], "--init") == 0;
	siginfo_t end = {.si_pid = 0};
	char program = state_of(cell->program);

	waitid(P_PID, (id_t)cell->process.id, &end, WEXITED | WNOHANG | WNOWAIT);
	if (end.si_pid == 0)
		return program == 0 || program == 'Z' ? '?' : look_at_living(cell);
	if (end.si_code == CLD_EXITED)
		return is_init && end.si_status == 128 + cell->signal && !program ? 'D' : '?';
	if (end.si_status != cell->signal)
		return '?';
	if (program && program != 'Z')
		return 'L';
	return is_init || cell->expected == 'K' ? 'K' : 'D';
}

static unsigned count_unexpected(void)
{
	unsigned unexpected = 0;

	for (unsigned i = 0; i < CELLS; i++)
		unexpected += look(&cells[i]) != cells[i].expected;
	return unexpected;
}

static void prepare_cells(const struct row *row)
{
	for (unsigned i = 0; i < CELLS; i++) {
		struct cell *cell = &cells[i];

		cell->way = i / (RECEIVERS * STATES);
		cell->receiver = i / STATES % RECEIVERS;
		cell->state = i % STATES;
		cell->signal = row->signal;
		cell->expected =
		    row->outcomes[cell->way][cell->receiver * (STATES + 1) + cell->state];
		start_cell(cell);
	}
	for (unsigned i = 0; i < CELLS; i++) {
		await_output(&cells[i].process, "ready");
		cells[i].child = child_of(cells[i].process.id);
		cells[i].program = program_of(cells[i].process.id, "role");
	}
}

static void send_signals(int number)
{
	for (unsigned i = 0; i < CELLS; i++) {
		pid_t launcher = cells[i].process.id;
		pid_t targets[RECEIVERS] = {launcher, cells[i].child, -launcher};

		assert_int_equal(kill(targets[cells[i].receiver], number), 0);
	}
}

static unsigned check_row(const struct row *row)
{
	unsigned unexpected;

	prepare_cells(row);
	send_signals(row->signal);
	settle();
	unexpected = count_unexpected();
	for (unsigned i = 0; i < CELLS; i++) {
		const struct cell *cell = &cells[i];

		if (look(cell) != cell->expected)
			print_error("signal %d to the %s, %s, %s by the caller: %c, not %c\n",
				    row->signal, receivers[cell->receiver], ways[cell->way],
				    states[cell->state], look(cell), cell->expected);
	}
	for (unsigned i = 0; i < CELLS; i++)
		break_off(&cells[i].process);
	return unexpected;
}

static void test_table(void **state)
{
	unsigned unexpected = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		unexpected += check_row(&table[i]);
	if (unexpected > 0)
		fail_msg("%u cells are not as the table says", unexpected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    /* valgrind ignores a signal that stops by default. */
	    cmocka_unit_test_setup_teardown(test_table, leave_valgrind, return_to_checker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
