# Builds of nsrun that are instrumented. The Makefile reads this first, as some of them decide
# which compiler, which libc and which way of linking they need.

# What the plain build has. Tables of jumps would be larger than the compares in their place.
OPTIMIZE = -Os -fomit-frame-pointer -fno-jump-tables
INSTRUMENT =
RUNTIME_SOURCES =
WRAP =
VARIANT =
PLAIN =
CHECKED_BY =

# make check SANITIZE=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer. What
# they link in exists for glibc only, and not for static binaries.
# SANITIZE=undefined needs nothing linked in, as it only traps: that runs everywhere.
ifeq ($(SANITIZE),undefined)
VARIANT = -sanitize-undefined
INSTRUMENT = -fsanitize=undefined -fsanitize-undefined-trap-on-error -g
OPTIMIZE = -O1 -fno-omit-frame-pointer
else ifdef SANITIZE
override LIBC = glibc
override LINK = dynamic
VARIANT = -sanitize-$(SANITIZE)
INSTRUMENT = -fsanitize=address,undefined -fno-sanitize-recover=all -g
OPTIMIZE = -O1 -fno-omit-frame-pointer
RUNTIME_SOURCES = tests/checkers/sanitize/runtime.c tests/checkers/clone.c
WRAP = -Wl,--wrap=clone
# In some tests AddressSanitizer, or valgrind, cannot do what they need. These run a build
# that traps.
PLAIN = build/trapping/nsrun
CHECKED_BY = NSRUN_CHECKED=address NSRUN_PLAIN=$(PLAIN)
endif
SANITIZE_FLAGS := $(INSTRUMENT)

# For valgrind, which has to be told of a few things: see tests/valgrind.
ifdef VALGRIND
override LIBC = glibc
override LINK = dynamic
VARIANT = -valgrind
OPTIMIZE = -O1 -g
RUNTIME_SOURCES = tests/checkers/valgrind/runtime.c tests/checkers/clone.c
WRAP = -Wl,--wrap=clone -Wl,--wrap=execve
PLAIN = build/trapping/nsrun
endif

# make coverage counts which branches the tests take. clang keeps the counters in a file
# that is mapped as the program starts (%c), one for all runs of a program (%m): so they
# outlive an exec, a chroot and SIGKILL. Users write to it too, hence a place of its own.
COVERAGE_DATA = /tmp/nsrun-coverage-$(firstword $(shell pwd | cksum))
ifdef COVERAGE
override CC = clang
override LIBC = glibc
override LINK = dynamic
VARIANT = -coverage
INSTRUMENT := -fprofile-instr-generate=$(COVERAGE_DATA)/%m%c.profraw -fcoverage-mapping \
	-mllvm -runtime-counter-relocation
RUNTIME_SOURCES = tests/checkers/coverage/runtime.c
WRAP = -Wl,--wrap=setenv
CHECKED_BY = KEPT=$(COVERAGE_DATA)
endif
