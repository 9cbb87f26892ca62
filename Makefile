# nsrun: a program in new Linux namespaces. `make help` lists what can be made.
VERSION = 0.1.0
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man

# The C library decides how fast a start is: a static musl binary is the fastest by far.
# LIBC and LINK are found out unless they are given: make LIBC=glibc LINK=dynamic CC=clang
MUSL_CC = $(shell command -v musl-gcc)
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
OPTIMIZE = -Os -fomit-frame-pointer
HARDEN = -fstack-protector-strong
CFLAGS = $(OPTIMIZE) $(HARDEN)
CPPFLAGS = -Iinclude -D_GNU_SOURCE -DNSRUN_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(WARNINGS) $(FUNCTION_SECTIONS) \
	-fno-asynchronous-unwind-tables $(CFLAGS) $(LINK_CFLAGS) $(MUSL_FLAGS) $(SANITIZE_FLAGS)

# A static binary is not position-independent: relocating it at every start would cost
# page faults, and it has no network input whose bugs a random address would hinder.
# Code and constants share one read-only segment for the same reason.
ifeq ($(LINK),static)
LINK_CFLAGS = -fno-pie
LDFLAGS = -static -no-pie -Wl,--sort-section=name -Wl,-T,src/layout.ld -Wl,--section-start=.init_array=0x420000 -Wl,--gc-sections -Wl,-z,noseparate-code -Wl,-z,norelro \
	-Wl,--build-id=none -Wl,-z,noexecstack -s
else
LINK_CFLAGS = -fPIE
LDFLAGS = -pie -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,noexecstack
endif

ifdef SANITIZE
override LIBC = glibc
override LINK = dynamic
SANITIZE_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -g
endif

# What an ordinary start does not run through lies apart: see src/layout.ld.
COLD = capabilities database explain help hint hint_program idmap init look mappers message \
	names number plan_mounts report text

BUILD = build/$(LIBC)-$(LINK)-$(notdir $(CC))$(if $(SANITIZE),-sanitize)
$(COLD:%=$(BUILD)/%.o): FUNCTION_SECTIONS =
$(COLD:%=$(BUILD)/%.o): SET_APART = $(if $(filter static,$(LINK)),objcopy \
	--rename-section .text=.cold.text --rename-section .rodata=.cold.rodata \
	--rename-section .rodata.str1.1=.cold.rodata.str1.1 \
	--rename-section .rodata.str1.8=.cold.rodata.str1.8 $@)
FUNCTION_SECTIONS = -ffunction-sections -fdata-sections
SOURCES = $(filter-out src/getpid.c,$(wildcard src/*.c))
HEADERS = $(wildcard include/*.h)
OBJECTS = $(SOURCES:src/%.c=$(BUILD)/%.o)

.PHONY: all help choice check clean install uninstall
all: choice nsrun getpid

help:
	@echo 'make            build ./nsrun and ./getpid'
	@echo 'make check      run all tests'
	@echo 'make install    install to $$(DESTDIR)$(PREFIX)'
	@echo 'make clean      remove what was built'

choice:
	@echo "building with $(CC): $(LIBC), $(LINK)$(if $(filter musl,$(LIBC)),$(if $(filter static,$(LINK)), (the fastest start)), (for a faster start install musl-tools))"

# Which build ./nsrun is: relinked when another one is asked for.
nsrun: $(BUILD)/nsrun FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv $@.new $@; }

getpid: $(BUILD)/getpid FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv $@.new $@; }

FORCE:

$(BUILD)/nsrun: $(OBJECTS)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(MUSL_LINK)

$(BUILD)/getpid: $(BUILD)/getpid.o
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(MUSL_LINK)

$(BUILD)/%.o: src/%.c $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<
	$(SET_APART)

clean:
	rm -rf build nsrun getpid
