# The tests: how their programs are built, and what is run.
## make check      run all tests
## make check-core run those that depend on the libc and the compiler
## make check-unit run those that need no root
## make check-valgrind
##                 run nsrun under valgrind in all tests, for twenty minutes
## make coverage   say which branches the tests take
.PHONY: check check-core check-unit check-valgrind check-nsrun-under-valgrind coverage report-coverage

ifeq ($(SANITIZE),undefined)
build/trapping/nsrun: $(BUILD)/nsrun
	@mkdir -p $(@D)
	cp $< $@
else
build/trapping/nsrun: FORCE
	@$(MAKE) -s SANITIZE=undefined VALGRIND= $@
endif

# Tests are built against the system's libc, where cmocka is; what the integration tests
# run is ./nsrun, or the binary that NSRUN names.
HEADERS = $(wildcard include/*.h src/*/*.h) build/scripts.h
TEST_CC = $(if $(findstring musl,$(CC)),gcc,$(CC))
TEST_BUILD = build/tests-$(call compiler_name,$(TEST_CC))$(VARIANT)
TEST_CFLAGS = -std=c11 $(WARNINGS) -O1 -g $(SANITIZE_FLAGS) $(COUNTERS)
TEST_CPPFLAGS = $(ALL_CPPFLAGS) $(addprefix -I,$(wildcard src/*/)) -Itests/checked -Itests/unit -Itests/integration -Itests/lastmile -Itests/hints
CMOCKA = -lcmocka
TEST_OBJECTS = $(patsubst src/%.c,$(TEST_BUILD)/src/%.o,$(filter-out src/main.c,$(SOURCES)))
test_programs = $(patsubst tests/$(1)/%.c,$(TEST_BUILD)/$(1)/%,$(wildcard tests/$(1)/test_*.c))
test_helpers = $(patsubst tests/$(1)/%.c,$(TEST_BUILD)/$(1)/%.o,\
	$(filter-out %/probe.c,$(filter-out tests/$(1)/test_%,$(wildcard tests/$(1)/*.c))))
UNIT_TESTS = $(call test_programs,unit)
CHECKED = $(TEST_BUILD)/checked/checked.o
INTEGRATION_TESTS = $(foreach folder,integration lastmile hints,$(call test_programs,$(folder)))

# Not for the other tests, which also run where there is no place for counters.
$(TEST_OBJECTS) $(UNIT_TESTS): COUNTERS = $(if $(COVERAGE),$(INSTRUMENT))

$(TEST_BUILD)/src/%.o: src/%.c $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(TEST_CC) $(TEST_CPPFLAGS) $(TEST_CFLAGS) -c -o $@ $<

$(TEST_BUILD)/%.o: tests/%.c $(HEADERS) $(wildcard tests/*/*.h) Makefile
	@mkdir -p $(@D)
	$(TEST_CC) $(TEST_CPPFLAGS) $(TEST_CFLAGS) -c -o $@ $<

# These copy themselves into roots without /proc, where the sanitizers' runtime cannot start.
$(TEST_BUILD)/lastmile/% $(CHECKED): SANITIZE_FLAGS =

# Bound at the start: some architectures have the table of functions among the variables,
# which test_vfork watches.
$(call test_programs,unit): %: %.o $(call test_helpers,unit) $(TEST_OBJECTS)
	$(TEST_CC) $(TEST_CFLAGS) -Wl,-z,now -o $@ $^ $(CMOCKA)

$(call test_programs,integration): %: %.o $(call test_helpers,integration) $(CHECKED)
	$(TEST_CC) $(TEST_CFLAGS) -o $@ $^ $(CMOCKA)

$(call test_programs,lastmile): %: %.o $(call test_helpers,lastmile) $(CHECKED)
	$(TEST_CC) $(TEST_CFLAGS) -o $@ $^ $(CMOCKA) -lutil

$(call test_programs,hints): %: %.o $(call test_helpers,hints) $(CHECKED)
	$(TEST_CC) $(TEST_CFLAGS) -o $@ $^ $(CMOCKA)

build/probe: tests/integration/probe.c Makefile
	@mkdir -p $(@D)
	$(TEST_CC) $(TEST_CPPFLAGS) -std=c11 $(WARNINGS) -O1 -static -o $@ $<

# What a test run is: every program and script, each of which says what it found.
LIMITS = $(if $(and $(LAYOUT),$(if $(VARIANT),,usual)),$(if $(findstring clang,$(CC)),,tests/bench/limits.sh))
# Counters make system calls of their own, which --explain cannot know.
SCRIPTS = $(wildcard tests/completion/*.sh) \
	$(filter-out $(if $(COVERAGE),%/compare.sh %/effects.sh),\
		$(wildcard tests/explain/*.sh tests/manual/*.sh))
CHECKS = $(UNIT_TESTS) $(INTEGRATION_TESTS) $(LIMITS) \
	tests/packaging/install.sh tests/packaging/archive.sh \
	$(SCRIPTS)
check: all build/probe $(UNIT_TESTS) $(INTEGRATION_TESTS) $(PLAIN)
	@$(CHECKED_BY) tests/run.sh $(CHECKS)

# What depends on the libc and the compiler: for builds beside the usual one.
CORE_TESTS = $(UNIT_TESTS) $(call test_programs,integration)
check-core: all build/probe $(CORE_TESTS) $(PLAIN)
	@$(CHECKED_BY) tests/run.sh $(CORE_TESTS)

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
VALGRIND_TESTS = $(if $(SHORT),$(patsubst %,$(TEST_BUILD)/%,integration/test_maps \
	integration/test_namespaces hints/test_not_found hints/test_command_line hints/test_note), \
	$(INTEGRATION_TESTS) $(SCRIPTS))
check-nsrun-under-valgrind: $(BUILD)/nsrun $(PLAIN) getpid build/probe $(VALGRIND_TESTS)
	@tests/valgrind/check.sh $(if $(SHORT),3.19,3.27) $(BUILD)/nsrun $(PLAIN) $(VALGRIND_TESTS)

# The first run of nsrun makes its file, which all users shall write to.
coverage:
	rm -rf $(COVERAGE_DATA)
	mkdir -m 777 $(COVERAGE_DATA)
	@$(MAKE) -s COVERAGE=1 all
	@./nsrun --version && chmod 666 $(COVERAGE_DATA)/*
	@$(MAKE) -s COVERAGE=1 check report-coverage

report-coverage:
	@tests/coverage/report.sh $(COVERAGE_DATA) $(BUILD)/nsrun $(UNIT_TESTS)
