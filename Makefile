# nsrun: a program in new Linux namespaces. `make help` lists what can be made.
## make            build ./nsrun and ./getpid
VERSION = 1.0
all: choice nsrun getpid

$(if $(wildcard src/layout.ld),,$(error make works in nsrun's own directory: make -C DIRECTORY))
# Builds that are instrumented: SANITIZE=1, SANITIZE=undefined, VALGRIND=1, COVERAGE=1.
include tests/variants.mk

# --- what libc ---
# It decides how fast a start is: static musl is the fastest by far. All are found out unless they
# are given: make LIBC=glibc LINK=dynamic CC=clang. Others bring a libc: CC=aarch64-linux-gnu-gcc
CLANG := $(filter clang,$(notdir $(CC)))
MUSL_GCC := $(if $(CLANG)$(filter default,$(origin CC)),$(word 2,$(shell command -v gcc; command -v musl-gcc)))
LIBC := $(if $(MUSL_GCC)$(findstring musl,$(CC)),musl,glibc)
CC := $(if $(filter default,$(origin CC)),$(if $(filter musl,$(LIBC)),musl-gcc,$(notdir \
	$(shell command -v cc || command -v gcc || command -v clang))),$(CC))
LINK := $(or $(and $(filter musl,$(LIBC)),static),$(shell printf 'int main(void){return 0;}' | \
	$(CC) -static -x c - -o /dev/null 2>/dev/null && echo static),dynamic)
ifeq ($(LIBC)$(CLANG),muslclang)
# musl-gcc's own way of finding musl, told to clang.
MUSL := $(shell uname -m)-linux-musl
MUSL_CFLAGS := --target=$(shell gcc -dumpmachine) -nostdinc -isystem /usr/include/$(MUSL)
MUSL_LIBS := -nostdlib -nostartfiles $(addprefix /usr/lib/$(MUSL)/,crt1.o crti.o) \
	-L/usr/lib/$(MUSL) -Wl,--start-group -lc $(shell gcc -print-libgcc-file-name) \
	-Wl,--end-group /usr/lib/$(MUSL)/crtn.o
endif
CHOICE := $(if $(VARIANT),$(VARIANT:-%=%),$(if $(filter glibc,$(LIBC)),for a faster start install \
	musl-tools,$(if $(filter static,$(LINK)),the fastest start)))

# --- build ---
# CFLAGS, CPPFLAGS and LDFLAGS are the user's or a packager's, from the environment too.
CFLAGS ?= $(OPTIMIZE)
# make lint and CI make errors of them, by WERROR=-Werror: each compiler has warnings of its own.
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(WERROR) \
	$(if $(findstring clang,$(CC)),-Wno-unused-command-line-argument)
ALL_CPPFLAGS = -Iinclude -Isrc -Ibuild -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-DNSRUN_VERSION='"$(VERSION)"' $(CPPFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) -std=c11 $(WARNINGS) -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fstack-protector-strong \
	$(if $(filter static,$(LINK)),-fno-pie,-fPIE) $(CFLAGS) $(MUSL_CFLAGS) $(INSTRUMENT)
# A static binary is not position-independent: relocating it at every start would cost
# page faults, and it has no network input whose bugs a random address would hinder.
# Code and constants share one read-only segment for the same reason.
LDFLAGS_static = -static -Wl,-z,noseparate-code -Wl,--build-id=none -s
LDFLAGS_dynamic = -pie -Wl,-z,relro,-z,now $(WRAP)
ALL_LDFLAGS = $(LDFLAGS) -Wl,--gc-sections -Wl,-z,noexecstack $(LDFLAGS_$(LINK))
# Variables start on a page of their own, and need no second one. A static musl binary has no
# tables to be made read-only after a start (relro). The addresses are those of x86-64.
ifeq ($(LIBC)-$(LINK)-$(firstword $(subst -, ,$(shell $(CC) -dumpmachine))),musl-static-x86_64)
LAYOUT := -Wl,-z,norelro -Wl,-T,src/layout.ld -Wl,--section-start=.init_array=0x420000
endif

compiler_name = $(subst :,_,$(subst %,_,$(subst $() $(),_,$(strip $(notdir $(1))))))
BUILD := build/$(LIBC)-$(LINK)-$(call compiler_name,$(CC))$(VARIANT)
SOURCES := $(filter-out src/getpid.c,$(wildcard src/*.c src/*/*.c))
OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(SOURCES) $(RUNTIME_SOURCES))
LINK_NSRUN = $(COMPILE) $(ALL_LDFLAGS) $(LAYOUT) -o $(BUILD)/nsrun $(OBJECTS) $(MUSL_LIBS)

nsrun getpid: %: $(BUILD)/% FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv $@.new $@; }

$(BUILD)/nsrun: $(OBJECTS) $(BUILD)/link src/layout.ld
	$(LINK_NSRUN)

# This also runs where the sanitizers' runtime cannot.
$(BUILD)/getpid $(BUILD)/src/getpid.o: private INSTRUMENT =
$(BUILD)/getpid: $(BUILD)/src/getpid.o $(BUILD)/link
	$(COMPILE) $(ALL_LDFLAGS) -o $@ $< $(MUSL_LIBS)

$(BUILD)/%.o: %.c $(BUILD)/compile | build/scripts.h
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<
-include $(OBJECTS:.o=.d) $(BUILD)/src/getpid.d

# The scripts for completion, as a part of show.c.
build/scripts.h: src/show/scripts.awk $(addprefix src/show/nsrun.,bash zsh fish)
	mkdir -p build && LC_ALL=C awk -f $^ >$@

# What was made in another way is made again, and nothing otherwise. make 4.3 may leave a newline.
remembered = $(if $(and $(findstring $(strip $(1)),$(strip $(file <$(2)))),$(findstring $(strip $(file <$(2))),$(strip $(1)))),,FORCE)
remember = mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(1))' >$@
$(BUILD)/compile: $(call remembered,$(COMPILE),$(BUILD)/compile)
	@$(call remember,$(COMPILE))
$(BUILD)/link: $(call remembered,$(LINK_NSRUN),$(BUILD)/link)
	@$(call remember,$(LINK_NSRUN))

.PHONY: all choice install install-unshare uninstall dist clean help FORCE
.DELETE_ON_ERROR:
choice:
	@echo "building with $(CC): $(LIBC), $(LINK)$(if $(CHOICE), ($(CHOICE)))"

include tests/check.mk tests/trials.mk tests/kernels.mk tests/fuzz.mk tests/lint.mk tests/mutants.mk

## make install    install to $(DESTDIR)$(PREFIX), which is /usr/local
## make install-unshare  the same, and beside it the name unshare, a link
## make uninstall  remove the files that these have made
prefix = /usr/local
PREFIX = $(prefix)
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
# The shell has paths from its environment, so that nothing in a path is code to it.
export DESTDIR BINDIR MANDIR BASHDIR ZSHDIR FISHDIR DIST
INSTALLED = "$$DESTDIR$$BINDIR/nsrun" "$$DESTDIR$$MANDIR/man1/nsrun.1" \
	"$$DESTDIR$$MANDIR/man7/nsrun-labs.7" "$$DESTDIR$$MANDIR/zh_CN/man1/nsrun.1" \
	"$$DESTDIR$$MANDIR/zh_CN/man7/nsrun-labs.7" "$$DESTDIR$$BASHDIR/nsrun" \
	"$$DESTDIR$$ZSHDIR/_nsrun" "$$DESTDIR$$FISHDIR/nsrun.fish"
# nsrun prints the completion scripts. One that is for another machine (the shell ends with 126,
# or without a loader 127) goes without, or needs what runs it: make install RUN=qemu-arm-static
RUN =
# Root takes what another user has built as it is, and leaves no file of its own in build.
install: $(shell [ -e nsrun ] && [ ! -O nsrun ] || echo all)
	set -e -- $(INSTALLED); install -DT -m 755 -- nsrun "$$1"; for page in nsrun.1 nsrun-labs.7 \
		zh_CN/nsrun.1 zh_CN/nsrun-labs.7; do install -DT -m 644 -- man/$$page "$$2"; shift; done
	@$(RUN) ./nsrun --version >/dev/null 2>&1; case $$?'$(RUN)' in 126 | 127) \
		echo 'nsrun cannot run here: no completion is installed (RUN=... runs it)'; exit ;; esac; \
	set -e -- $(INSTALLED); shift 5; for shell in bash zsh fish; do \
		install -DT -m 644 -- /dev/null "$$1"; $(RUN) ./nsrun --completion $$shell >"$$1"; shift; done

LINKED = $$(readlink -- "$$DESTDIR$$BINDIR/unshare")
install-unshare: install
	[ "$(LINKED)" = nsrun ] || ln -s -- nsrun "$$DESTDIR$$BINDIR/unshare"
uninstall:
	rm -f -- $(INSTALLED)
	[ "$(LINKED)" != nsrun ] || rm -- "$$DESTDIR$$BINDIR/unshare"

## make dist       pack the source into build, or into the directory DIST
# The same bytes from the same source, wherever and by whomever it is packed. The archive has a
# list of its files, .files, by which it is packed again whatever else lies there then.
DIST = build
NAME = nsrun-$(VERSION)
SOURCE_DATE_EPOCH ?= $(shell if [ -e .git ]; then git log -1 --format=%ct; else stat -c %Y .files; fi)
dist:
	mkdir -p -- build "$$DIST" && rm -f -- "$$DIST/$(NAME).tar.gz"
	if [ -e .git ]; then git ls-files; else cat .files; fi >build/files
	tar -c -I 'gzip -9n' -f "$$DIST/$(NAME).tar.gz.new" --force-local --format=ustar --owner=0 --group=0 \
		--numeric-owner --mode=u+w,go-w,a+rX --mtime=@$(SOURCE_DATE_EPOCH) --no-recursion \
		--transform='s|^build/files$$|.files|;s|^|$(NAME)/|' -T build/files build/files || \
		{ rm -- "$$DIST/$(NAME).tar.gz.new"; exit 1; }
	mv -- "$$DIST/$(NAME).tar.gz.new" "$$DIST/$(NAME).tar.gz"

## make clean      remove what was built
clean:
	rm -rf build nsrun getpid nsrun.new getpid.new $(COVERAGE_DATA)

help:
	@sed -n 's/^## //p' Makefile tests/*.mk
