# What tries nsrun beyond the tests, and what measures it.
## make stress     launch thousands, and see that nothing is left (SHORT=1: some)
## make faults     let each system call fail once, and each process be killed once
## make bench      measure how fast nsrun starts a program
.PHONY: stress faults bench

# Of each of six option sets: launches in a row, and each of 64 workers' launches at once.
STRESS_RUNS = $(if $(SHORT),500,10000)
STRESS_EACH = $(if $(SHORT),10,200)
stress: nsrun build/stress
	build/stress ./nsrun $(STRESS_RUNS) 64 $(STRESS_EACH)

build/stress: $(wildcard tests/tools/stress/*.c) tests/tools/stress/stress.h Makefile
	@mkdir -p $(@D)
	$(TEST_CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -static -o $@ $(filter %.c,$^)

# Each system call of a run fails once, and each process dies once at each of them.
FAULTS = build/faults
faults: nsrun $(FAULTS)/faults $(FAULTS)/program
	$(FAULTS)/faults ./nsrun $(FAULTS)/program

$(FAULTS)/faults: $(filter-out %/program.c,$(wildcard tests/tools/faults/*.c)) $(wildcard tests/tools/faults/*.h) Makefile
	@mkdir -p $(@D)
	$(TEST_CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -g -o $@ $(filter %.c,$^)

$(FAULTS)/program: tests/tools/faults/program.c tests/tools/faults/faults.h Makefile
	@mkdir -p $(@D)
	$(TEST_CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -static -o $@ $<

bench: nsrun
	tests/tools/bench/run.sh
