# nsrun: a program in new Linux namespaces. `make help` lists what can be made.
VERSION = 0.1.0
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d

# make check SANITIZE=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer. What
# they link in exists for glibc only, and not for static binaries: this comes before the
# choices below, so that these follow it.
# SANITIZE=undefined needs nothing linked in, as it only traps: that runs everywhere.
ifeq ($(SANITIZE),undefined)
SANITIZE_FLAGS = -fsanitize=undefined -fsanitize-undefined-trap-on-error -g
OPTIMIZE = -O1 -fno-omit-frame-pointer
else ifdef SANITIZE
override LIBC = glibc
override LINK = dynamic
SANITIZE_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -g
OPTIMIZE = -O1 -fno-omit-frame-pointer
RUNTIME = $(BUILD)/checkers/sanitize/runtime.o $(BUILD)/checkers/clone.o
WRAP = -Wl,--wrap=clone
# In some tests AddressSanitizer, or valgrind, cannot do what they need. These run a build
# that traps.
PLAIN = build/trapping/nsrun
CHECKED_BY = NSRUN_CHECKED=address NSRUN_PLAIN=$(PLAIN)
else
OPTIMIZE = -Os -fomit-frame-pointer
endif

# For valgrind, which has to be told of a few things: see tests/checkers/valgrind.
ifdef VALGRIND
override LIBC = glibc
override LINK = dynamic
RUNTIME = $(BUILD)/checkers/valgrind/runtime.o $(BUILD)/checkers/clone.o
WRAP = -Wl,--wrap=clone -Wl,--wrap=execve
OPTIMIZE = -O1 -g
PLAIN = build/trapping/nsrun
endif

# make coverage counts which branches the tests take. clang keeps the counters in a file
# that is mapped as the program starts (%c), one for all runs of a program (%m): so they
# outlive an exec, a chroot and SIGKILL. Users write to it too, hence a place of its own.
COVERAGE_DATA = /tmp/nsrun-coverage-$(firstword $(shell echo '$(CURDIR)' | cksum))
ifdef COVERAGE
override CC = clang
override LIBC = glibc
override LINK = dynamic
INSTRUMENT = -fprofile-instr-generate=$(COVERAGE_DATA)/%m%c.profraw -fcoverage-mapping \
	-mllvm -runtime-counter-relocation
RUNTIME = $(BUILD)/checkers/coverage/runtime.o
WRAP = -Wl,--wrap=setenv
endif

# The C library decides how fast a start is: a static musl binary is the fastest by far.
# LIBC and LINK are found out unless they are given: make LIBC=glibc LINK=dynamic CC=clang
# Another compiler than these brings its own libc, as for another architecture:
# make CC=aarch64-linux-gnu-gcc
ifneq ($(filter default,$(origin CC))$(filter clang,$(notdir $(CC))),)
MUSL_CC = $(shell command -v musl-gcc)
endif
LIBC = $(if $(or $(MUSL_CC),$(findstring musl,$(CC))),musl,glibc)
ifeq ($(LIBC),musl)
LINK = static
ifeq ($(origin CC),default)
CC = musl-gcc
endif
ifeq ($(notdir $(CC)),clang)
# musl-gcc's own way of finding musl, told to clang.
MUSL_FLAGS = --target=$(shell gcc -dumpmachine) -nostdinc \
	-isystem /usr/include/$(shell uname -m)-linux-musl
MUSL_LIBRARY = /usr/lib/$(shell uname -m)-linux-musl
MUSL_LINK = -nostdlib -nostartfiles $(MUSL_LIBRARY)/crt1.o $(MUSL_LIBRARY)/crti.o \
	-L$(MUSL_LIBRARY) -Wl,--start-group -lc $(shell gcc -print-libgcc-file-name) \
	-Wl,--end-group $(MUSL_LIBRARY)/crtn.o
endif
endif
STATIC_WORKS = $(shell printf 'int main(void){return 0;}' | $(CC) -static -x c - -o /dev/null 2>/dev/null && echo yes)
LINK = $(if $(STATIC_WORKS),static,dynamic)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
HARDEN = -fstack-protector-strong
CFLAGS = $(OPTIMIZE) $(HARDEN)
# What a packager gives, in the environment or as an argument, goes along with what is needed.
override CPPFLAGS += -Iinclude -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-DNSRUN_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(WARNINGS) $(FUNCTION_SECTIONS) \
	-fno-asynchronous-unwind-tables $(CFLAGS) $(LINK_CFLAGS) $(MUSL_FLAGS) $(SANITIZE_FLAGS) \
	$(COUNTERS)

# A static binary is not position-independent: relocating it at every start would cost
# page faults, and it has no network input whose bugs a random address would hinder.
# Code and constants share one read-only segment for the same reason.
ifeq ($(LINK),static)
LINK_CFLAGS = -fno-pie
override LDFLAGS += -static -Wl,--gc-sections -Wl,-z,noseparate-code -Wl,--build-id=none \
	-Wl,-z,noexecstack -s
else
LINK_CFLAGS = -fPIE
override LDFLAGS += -pie $(WRAP) -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,noexecstack
endif
# Variables start on a page of their own, so that they need no second one. A static musl
# binary has no tables to be made read-only after a start (relro). The addresses are those
# of x86-64.
ifneq ($(and $(filter musl-static,$(LIBC)-$(LINK)),$(filter x86_64-%,$(shell $(CC) -dumpmachine))),)
LAYOUT = -Wl,-z,norelro -Wl,-T,src/layout.ld -Wl,--section-start=.init_array=0x420000
endif
# clang tells of compiler flags that linking has no use for, and the reverse.
ifneq ($(findstring clang,$(CC)),)
WARNINGS += -Wno-unused-command-line-argument
endif

# What an ordinary start does not run through lies apart: see src/layout.ld.
COLD = capabilities completion database descriptors explain guard help hint hint_fork \
	hint_program hint_unshare idmap init job journal launched look mappers maps message names report \
	scripts suggest trees

VARIANT = $(if $(SANITIZE),-sanitize-$(SANITIZE))$(if $(COVERAGE),-coverage)$(if $(VALGRIND),-valgrind)
BUILD = build/$(LIBC)-$(LINK)-$(notdir $(CC))$(VARIANT)
$(COLD:%=$(BUILD)/%.o): FUNCTION_SECTIONS =
$(COLD:%=$(BUILD)/%.o): SET_APART = $(if $(LAYOUT),objcopy \
	--rename-section .text=.cold.text --rename-section .rodata=.cold.rodata \
	--rename-section .rodata.str1.1=.cold.rodata.str1.1 \
	--rename-section .rodata.str1.8=.cold.rodata.str1.8 $@)
FUNCTION_SECTIONS = -ffunction-sections -fdata-sections
SOURCES = $(filter-out src/getpid.c,$(wildcard src/*.c))
HEADERS = $(wildcard include/*.h)
OBJECTS = $(SOURCES:src/%.c=$(BUILD)/%.o)

CHOICE = $(if $(filter musl-static,$(LIBC)-$(LINK)), (the fastest start))
ifneq ($(LIBC),musl)
CHOICE = $(if $(VARIANT), ($(VARIANT:-%=%)), (for a faster start install musl-tools))
endif

.PHONY: all help choice check check-core check-unit check-valgrind lint bench install \
	install-completion uninstall dist clean stress faults fuzz fuzz-programs fuzz-coverage \
	coverage report-coverage check-nsrun-under-valgrind
all: choice nsrun getpid

help:
	@echo 'make            build ./nsrun and ./getpid'
	@echo 'make check      run all tests'
	@echo 'make stress     launch thousands, and see that nothing is left (SHORT=1: some)'
	@echo 'make faults     let each system call fail once, and each process be killed once'
	@echo 'make check-valgrind'
	@echo '                run nsrun under valgrind in all tests, for twenty minutes'
	@echo 'make fuzz       look for input that upsets nsrun, for $$FUZZ_SECONDS (20)'
	@echo 'make coverage   say which branches the tests take'
	@echo 'make bench      measure how fast nsrun starts a program'
	@echo 'make lint       run the linters'
	@echo 'make install    install to $$(DESTDIR)$(PREFIX)'
	@echo 'make uninstall  remove what that has made'
	@echo 'make dist       pack the source into build, or into the directory DIST'
	@echo 'make clean      remove what was built'

choice:
	@echo "building with $(CC): $(LIBC), $(LINK)$(CHOICE)"

# Which build ./nsrun is: relinked when another one is asked for.
nsrun: $(BUILD)/nsrun FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv $@.new $@; }

getpid: $(BUILD)/getpid FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv $@.new $@; }

FORCE:

$(BUILD)/nsrun: $(OBJECTS) $(RUNTIME)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(LAYOUT) -o $@ $(OBJECTS) $(RUNTIME) $(MUSL_LINK)

# This also runs where the sanitizers' runtime cannot.
$(BUILD)/getpid: SANITIZE_FLAGS =
$(BUILD)/getpid: $(BUILD)/getpid.o
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(MUSL_LINK)

$(BUILD)/%.o: src/%.c $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<
	$(SET_APART)

$(BUILD)/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

ifeq ($(SANITIZE),undefined)
build/trapping/nsrun: $(BUILD)/nsrun
	@mkdir -p $(@D)
	cp $< $@
else
build/trapping/nsrun: FORCE
	@$(MAKE) -s SANITIZE=undefined VALGRIND= $@
endif

include tests/check.mk

# Of each of five option sets: launches in a row, and each of 64 workers' launches at once.
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

$(FAULTS)/faults: $(filter-out %/program.c,$(wildcard tests/tools/faults/*.c)) tests/tools/faults/faults.h Makefile
	@mkdir -p $(@D)
	$(TEST_CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -g -o $@ $(filter %.c,$^)

$(FAULTS)/program: tests/tools/faults/program.c tests/tools/faults/faults.h Makefile
	@mkdir -p $(@D)
	$(TEST_CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -static -o $@ $<

# Fuzzing, with clang's libFuzzer: FUZZ_SECONDS=600 make fuzz
FUZZ_BUILD = build/fuzz
FUZZ_TARGETS = options idmap subordinate signals maps explain
# Without the large files of CPPFLAGS, for which glibc has other names, such as open64().
FUZZ_CFLAGS = -U_FILE_OFFSET_BITS -U_TIME_BITS -std=c11 $(WARNINGS) -O1 -g \
	-fno-omit-frame-pointer -Itests/tools/fuzz
FUZZ_SANITIZE = -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
# What would reach the system goes to tests/tools/fuzz/fuzz.c instead, but for libFuzzer itself:
# hence a link of its own for these.
FUZZ_WRAP = $(foreach call,open getauxval vfork fork clone execve unshare mount umount2 unlink kill,\
	--wrap=$(call))
FUZZ_SOURCES = $(filter-out src/main.c,$(SOURCES)) tests/tools/fuzz/fuzz.c tests/tools/fuzz/json.c
FUZZ_HEADERS = $(HEADERS) $(wildcard tests/tools/fuzz/*.h)

$(FUZZ_BUILD)/%.o: %.c $(FUZZ_HEADERS) Makefile
	@mkdir -p $(@D)
	clang $(CPPFLAGS) $(FUZZ_CFLAGS) $(FUZZ_SANITIZE) -c -o $@ $<

$(FUZZ_BUILD)/fuzzed.o: $(FUZZ_SOURCES:%.c=$(FUZZ_BUILD)/%.o)
	ld -r $(FUZZ_WRAP) -o $@ $^

$(FUZZ_TARGETS:%=$(FUZZ_BUILD)/%): $(FUZZ_BUILD)/%: $(FUZZ_BUILD)/tests/tools/fuzz/%.o \
		$(FUZZ_BUILD)/fuzzed.o
	clang $(FUZZ_SANITIZE) -o $@ $^

# A dictionary for the fuzzer: the names of all options, and some words that they take.
$(FUZZ_BUILD)/words: src/options.c tests/tools/fuzz/words Makefile
	@mkdir -p $(@D)
	sed -nE 's/^ +\{"([a-z-]+)", .*/"--\1"/p' src/options.c | cat - tests/tools/fuzz/words >$@

fuzz-programs: $(FUZZ_TARGETS:%=$(FUZZ_BUILD)/%) $(FUZZ_BUILD)/words

fuzz: fuzz-programs
	@tests/tools/fuzz/run.sh $(FUZZ_BUILD) $(FUZZ_TARGETS)

# The same without the sanitizers, counting lines.
fuzz-coverage:
	@$(MAKE) -s FUZZ_BUILD=build/fuzz-coverage FUZZ_SANITIZE='-fsanitize=fuzzer \
		-fprofile-instr-generate -fcoverage-mapping' fuzz-programs
	@tests/tools/fuzz/coverage.sh build/fuzz-coverage $(FUZZ_TARGETS)

# The first run of nsrun makes its file, which all users shall write to.
coverage:
	rm -rf $(COVERAGE_DATA)
	mkdir -m 777 $(COVERAGE_DATA)
	@$(MAKE) -s COVERAGE=1 all
	@./nsrun --version && chmod 666 $(COVERAGE_DATA)/*
	@$(MAKE) -s COVERAGE=1 check report-coverage

report-coverage:
	@tests/checkers/coverage/report.sh $(COVERAGE_DATA) $(BUILD)/nsrun $(UNIT_TESTS)

lint:
	clang-format --dry-run --Werror src/*.c include/*.h
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--suppress=missingIncludeSystem $(CPPFLAGS) src
	clang-tidy --quiet src/*.c -- $(CPPFLAGS) -std=c11
	tests/manual/check_options.sh

bench: nsrun
	tests/tools/bench/run.sh

COMPLETIONS = $(BASHDIR)/nsrun $(ZSHDIR)/_nsrun $(FISHDIR)/nsrun.fish
INSTALLED = $(BINDIR)/nsrun $(MANDIR)/man1/nsrun.1 $(MANDIR)/man7/nsrun-labs.7 $(COMPLETIONS)
DIRECTORIES = $(patsubst %/,%,$(sort $(dir $(INSTALLED))))

# Completion is printed by the nsrun that is installed. One that is for another machine (which
# the shell cannot execute: 126, or lacks a loader here: 127) goes without, or needs what runs
# it here: make install RUN=qemu-aarch64-static
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man7
	install -m 755 nsrun $(DESTDIR)$(BINDIR)/nsrun
	install -m 644 man/nsrun.1 $(DESTDIR)$(MANDIR)/man1/nsrun.1
	install -m 644 man/nsrun-labs.7 $(DESTDIR)$(MANDIR)/man7/nsrun-labs.7
	@$(RUN) ./nsrun --version >/dev/null 2>&1; case "$$?$(RUN)" in \
	126 | 127) echo 'nsrun cannot run here: no completion is installed (RUN=... runs it)' ;; \
	*) $(MAKE) install-completion ;; \
	esac

install-completion:
	mkdir -p build
	for shell in bash zsh fish; do \
		$(RUN) ./nsrun --completion $$shell >build/nsrun.$$shell || exit 1; done
	install -d $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	install -m 644 build/nsrun.bash $(DESTDIR)$(BASHDIR)/nsrun
	install -m 644 build/nsrun.zsh $(DESTDIR)$(ZSHDIR)/_nsrun
	install -m 644 build/nsrun.fish $(DESTDIR)$(FISHDIR)/nsrun.fish

# Directories that are left empty go too, up to DESTDIR or to the parent of PREFIX. A
# system's own ones stay: others expect to find them.
ROOT = $(or $(DESTDIR),$(patsubst %/,%,$(dir $(PREFIX))))
BELOW_ROOT = $(patsubst $(ROOT)/%,%,$(filter $(ROOT)/%,$(DIRECTORIES:%=$(DESTDIR)%)))
OWN_DIRECTORIES = $(if $(DESTDIR)$(filter-out /usr /usr/local,$(PREFIX)),$(BELOW_ROOT))
uninstall:
	rm -f $(INSTALLED:%=$(DESTDIR)%)
	for directory in $(OWN_DIRECTORIES); do \
		[ ! -d "$(ROOT)/$$directory" ] || (cd "$(ROOT)" && \
			rmdir -p --ignore-fail-on-non-empty "$$directory") || exit 1; \
	done

# The same bytes from the same source, wherever and by whomever it is packed: names in
# order, one owner, one time (that of the commit, or of the archive this was unpacked from),
# and modes that do not depend on the umask. Without git it is all but what was made here.
DIST = build
NAME = nsrun-$(VERSION)
SOURCE_DATE_EPOCH ?= $(shell if [ -e .git ]; then git log -1 --format=%ct; \
	else stat -c %Y Makefile; fi)
dist:
	mkdir -p build $(DIST)
	if [ -e .git ]; then git ls-files >build/files; else find * .[!.]* -type f \
		! -path 'build/*' ! -path nsrun ! -path getpid >build/files; fi
	LC_ALL=C sort -o build/files build/files
	tar --create --file=build/$(NAME).tar --format=ustar --transform='s|^|$(NAME)/|' \
		--owner=0 --group=0 --numeric-owner --mode=u+w,go-w,a+rX --sort=name \
		--mtime=@$(SOURCE_DATE_EPOCH) --no-recursion --files-from=build/files
	gzip -9n <build/$(NAME).tar >$(DIST)/$(NAME).tar.gz.new
	mv $(DIST)/$(NAME).tar.gz.new $(DIST)/$(NAME).tar.gz
	rm build/$(NAME).tar build/files

clean:
	rm -rf build nsrun getpid $(COVERAGE_DATA)
