## make check      run all tests (TIMES=1: say how long each took)
## make check-core run those that depend on the libc and the compiler
## make check-unit run those that need no root
## make check-valgrind
##                 run nsrun under valgrind in all tests, for twenty minutes
## make coverage   say which branches the tests take
.PHONY: check programs list-tests check-core check-unit check-valgrind check-nsrun-under-valgrind coverage report-coverage

# The tests of `make check`: how their programs are built, and which there are. Where a test
# lies, and how one is added: see tests/README.md.

# Test programs are built against the system's libc, where cmocka is; what they run is ./nsrun,
# or the binary that NSRUN names. A *.c of a folder that is no test_*.c belongs to all programs
# of that folder.
TEST_CC = $(if $(findstring musl,$(CC)),gcc,$(CC))
TEST_BUILD = build/tests-$(call compiler_name,$(TEST_CC))$(VARIANT)
TEST_CFLAGS = -std=c11 $(WARNINGS) -O1 -g $(SANITIZE_FLAGS) $(COUNTERS)
TEST_CPPFLAGS = $(ALL_CPPFLAGS) $(patsubst %/,-I%,$(wildcard src/*/)) -Itests/harness -Itests/unit
TEST_COMPILE = $(TEST_CC) $(TEST_CPPFLAGS) $(TEST_CFLAGS)
CMOCKA = -lcmocka

# The folders of test programs. What depends on the libc and the compiler, for builds beside the
# usual one, is in the core of them.
CORE_FOLDERS = command_line environment failures ids mounts namespaces pins processes roots \
	security signals unshare
FOLDERS = $(CORE_FOLDERS) terminals hints explain manual
test_programs = $(patsubst tests/%.c,$(TEST_BUILD)/%,$(wildcard $(1:%=tests/%/test_*.c)))
UNIT_TESTS = $(call test_programs,unit)
PROGRAM_TESTS = $(call test_programs,$(FOLDERS))

TEST_OBJECTS = $(patsubst %.c,$(TEST_BUILD)/%.o,$(filter-out src/main.c,$(SOURCES)))
UNIT_HELPERS = $(patsubst tests/%.c,$(TEST_BUILD)/%.o,\
	$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
HARNESS = $(TEST_BUILD)/harness.a
HARNESS_OBJECTS = $(patsubst tests/%.c,$(TEST_BUILD)/%.o,\
	$(filter-out %/probe.c %/role.c,$(wildcard tests/harness/*.c)))

# Counters are for nsrun, and for its functions in the unit tests.
$(TEST_OBJECTS) $(UNIT_TESTS): COUNTERS = $(if $(COVERAGE),$(INSTRUMENT))

$(TEST_BUILD)/src/%.o: src/%.c $(TEST_BUILD)/compile | build/scripts.h
	@mkdir -p $(@D)
	$(TEST_COMPILE) -MMD -MP -c -o $@ $<

$(TEST_BUILD)/%.o: tests/%.c $(TEST_BUILD)/compile | build/scripts.h
	@mkdir -p $(@D)
	$(TEST_COMPILE) -MMD -MP -c -o $@ $<
-include $(wildcard $(TEST_BUILD)/*/*.d $(TEST_BUILD)/*/*/*.d)

# Other warnings alone are no reason to make them again.
TEST_COMMAND = $(filter-out -W%,$(TEST_COMPILE))
$(TEST_BUILD)/compile: private COUNTERS =
$(TEST_BUILD)/compile: $(call remembered,$(TEST_COMMAND),$(TEST_BUILD)/compile)
	@$(call remember,$(TEST_COMMAND))

$(HARNESS): $(HARNESS_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

# Bound at the start: some architectures have the table of functions among the variables,
# which test_vfork watches.
$(UNIT_TESTS): %: %.o $(UNIT_HELPERS) $(TEST_OBJECTS) $(HARNESS)
	$(TEST_CC) $(TEST_CFLAGS) -Wl,-z,now -o $@ $^ $(CMOCKA)

$(PROGRAM_TESTS): %: %.o $(HARNESS)
	$(TEST_CC) $(TEST_CFLAGS) -o $@ $^ $(CMOCKA) -lutil

# What nsrun is to run: they also run in a root that has nothing else.
EXECUTED = build/probe build/role
$(EXECUTED): build/%: tests/harness/%.c Makefile tests/check.mk
	@mkdir -p $(@D)
	$(TEST_CC) $(TEST_CPPFLAGS) -std=c11 $(WARNINGS) -O1 -static -o $@ $<

# What a test run is: every program and script, each of which says what it found.
LIMITS = $(if $(and $(LAYOUT),$(if $(VARIANT),,usual)),$(if $(findstring clang,$(CC)),,tests/tools/bench/limits.sh))
# Counters make system calls of their own, which --explain cannot know.
SCRIPTS = $(wildcard tests/completion/*.sh) \
	$(filter-out $(if $(COVERAGE),%/compare.sh %/effects.sh),\
		$(wildcard tests/explain/*.sh tests/manual/*.sh))
# Those that take longest come first, so that no processor waits for one of them at the end.
LONGEST = tests/explain/compare.sh tests/packaging/archive.sh tests/packaging/install.sh \
	$(wildcard tests/completion/*_names.sh) tests/manual/run_readme.sh $(TEST_BUILD)/unshare/test_same_as_unshare \
	tests/manual/run_examples.sh tests/explain/report.sh $(TEST_BUILD)/failures/test_limits
longest_first = $(filter $(1),$(LONGEST)) $(filter-out $(LONGEST),$(1))
CHECKS = $(call longest_first,$(UNIT_TESTS) $(PROGRAM_TESTS) $(LIMITS) $(SCRIPTS) \
	tests/packaging/install.sh tests/packaging/archive.sh)
check: all
	@$(MAKE) -s -j "$$(nproc)" programs $(PLAIN)
	@$(CHECKED_BY) tests/run.sh $(CHECKS)

CORE_TESTS = $(call longest_first,$(UNIT_TESTS) $(call test_programs,$(CORE_FOLDERS)))
check-core: all $(EXECUTED) $(CORE_TESTS) $(PLAIN)
	@$(CHECKED_BY) tests/run.sh $(CORE_TESTS)

# For make mutants: all tests but those of what is installed and packed.
programs: all $(EXECUTED) $(UNIT_TESTS) $(PROGRAM_TESTS)
list-tests:
	@printf '%s\n' $(call longest_first,$(UNIT_TESTS) $(PROGRAM_TESTS) $(SCRIPTS))

# The unit tests alone: they need no root.
check-unit: $(UNIT_TESTS)
	@tests/run.sh $(UNIT_TESTS)

# Under valgrind: no error, no descriptor left open.
VALGRIND_UNIT = valgrind --quiet --error-exitcode=1 --track-fds=yes --child-silent-after-fork=yes
check-valgrind: $(UNIT_TESTS)
	@UNDER='$(VALGRIND_UNIT)' tests/run.sh $(UNIT_TESTS)
	@$(MAKE) -s VALGRIND=1 check-nsrun-under-valgrind

# nsrun itself, run by the other tests. valgrind 3.27 is the first that knows all of its
# system calls. SHORT=1: some of the tests, for which Debian 12's will do.
VALGRIND_TESTS = $(if $(SHORT),$(patsubst %,$(TEST_BUILD)/%,ids/test_maps \
	namespaces/test_namespaces hints/test_not_found hints/test_command_line hints/test_cannot_run), \
	$(PROGRAM_TESTS) $(SCRIPTS))
check-nsrun-under-valgrind: $(BUILD)/nsrun $(PLAIN) getpid $(EXECUTED) $(VALGRIND_TESTS)
	@tests/checkers/valgrind/check.sh $(if $(SHORT),3.19,3.27) $(BUILD)/nsrun $(PLAIN) $(VALGRIND_TESTS)

ifeq ($(SANITIZE),undefined)
build/trapping/nsrun: $(BUILD)/nsrun
	@mkdir -p $(@D)
	cp $< $@
else
build/trapping/nsrun: FORCE
	@$(MAKE) -s SANITIZE=undefined VALGRIND= $@
endif

# The first run of nsrun makes its file, which all users shall write to.
coverage:
	rm -rf $(COVERAGE_DATA)
	mkdir -m 777 $(COVERAGE_DATA)
	@$(MAKE) -s COVERAGE=1 all
	@./nsrun --version && chmod 666 $(COVERAGE_DATA)/*
	@$(MAKE) -s COVERAGE=1 check report-coverage

report-coverage:
	@tests/checkers/coverage/report.sh $(COVERAGE_DATA) $(BUILD)/nsrun $(UNIT_TESTS)
