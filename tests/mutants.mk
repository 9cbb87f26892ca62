## make mutants    put small faults into src, and see that tests notice them (MUTANTS=100 SEED=1)
.PHONY: mutants
MUTANTS = 100
SEED = 1
mutants:
	tests/tools/mutants/run.sh $(MUTANTS) $(SEED)
