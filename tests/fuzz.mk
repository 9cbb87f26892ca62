## make fuzz       look for input that upsets nsrun, for $FUZZ_SECONDS (20)
## make fuzz-coverage
##                 say which lines that reaches
.PHONY: fuzz fuzz-programs fuzz-coverage

# Fuzzing, with clang's libFuzzer: FUZZ_SECONDS=600 make fuzz
FUZZ_BUILD = build/fuzz
FUZZ_TARGETS = options idmap subordinate signals maps explain
# Without the large files of CPPFLAGS, for which glibc has other names, such as open64().
FUZZ_CFLAGS = $(addprefix -I,$(wildcard src/*/)) -U_FILE_OFFSET_BITS -U_TIME_BITS -std=c11 $(WARNINGS) -O1 -g \
	-fno-omit-frame-pointer -Itests/tools/fuzz
FUZZ_SANITIZE = -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
# What would reach the system goes to tests/tools/fuzz/fuzz.c instead, but for libFuzzer itself:
# hence a link of its own for these.
FUZZ_WRAP = $(foreach call,open stat getauxval vfork fork clone execve unshare mount umount2 unlink kill,\
	--wrap=$(call))
FUZZ_SOURCES = $(filter-out src/main.c,$(SOURCES)) tests/tools/fuzz/fuzz.c tests/tools/fuzz/json.c

$(FUZZ_BUILD)/%.o: %.c Makefile tests/fuzz.mk | build/scripts.h
	@mkdir -p $(@D)
	clang $(ALL_CPPFLAGS) $(FUZZ_CFLAGS) $(FUZZ_SANITIZE) -MMD -MP -c -o $@ $<
-include $(wildcard $(FUZZ_BUILD)/*/*.d $(FUZZ_BUILD)/*/*/*.d)

$(FUZZ_BUILD)/fuzzed.o: $(FUZZ_SOURCES:%.c=$(FUZZ_BUILD)/%.o)
	ld -r $(FUZZ_WRAP) -o $@ $^

$(FUZZ_TARGETS:%=$(FUZZ_BUILD)/%): $(FUZZ_BUILD)/%: $(FUZZ_BUILD)/tests/tools/fuzz/%.o \
		$(FUZZ_BUILD)/fuzzed.o
	clang $(FUZZ_SANITIZE) -o $@ $^

# A dictionary for the fuzzer: the names of all options, and some words that they take.
$(FUZZ_BUILD)/words: $(wildcard src/options.c src/*/options.c) tests/tools/fuzz/words Makefile
	@mkdir -p $(@D)
	sed -nE 's/^ +\{"([a-z-]+)", .*/"--\1"/p' $< | cat - tests/tools/fuzz/words >$@

fuzz-programs: $(FUZZ_TARGETS:%=$(FUZZ_BUILD)/%) $(FUZZ_BUILD)/words

fuzz: fuzz-programs
	@tests/tools/fuzz/run.sh $(FUZZ_BUILD) $(FUZZ_TARGETS)

# The same without the sanitizers, counting lines.
fuzz-coverage:
	@$(MAKE) -s FUZZ_BUILD=build/fuzz-coverage FUZZ_SANITIZE='-fsanitize=fuzzer \
		-fprofile-instr-generate -fcoverage-mapping' fuzz-programs
	@tests/tools/fuzz/coverage.sh build/fuzz-coverage $(FUZZ_TARGETS)
