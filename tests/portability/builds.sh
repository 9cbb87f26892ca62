#!/bin/sh
# Builds nsrun as packagers do, with flags of their own and with warnings as errors, each time
# from an unpacked source archive, and lets it run. From the repository's root:
# tests/portability/builds.sh
set -eu
. tests/harness/checks

# In the environment, where dpkg-buildpackage(1) and others put flags; the rest are words for make.
try() {
	flags=$1
	shift
	make -s clean >/dev/null
	if (export CFLAGS="$flags" && make -s -j"$(nproc)" WERROR=-Werror "$@") >"$work/log" 2>&1 &&
		[ "$(./nsrun -r -p --fork ./getpid)" = pid:1 ] &&
		grep -qe "$flags" build/*/compile; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: CFLAGS='$flags' make $*"
		sed 's/^/    /' "$work/log" | head -n 20
	fi
}

# A directory with all programs that there are but for some.
path_without() {
	rm -rf "${work:?}/bin"
	mkdir "$work/bin"
	for program in /usr/bin/* /bin/*; do
		ln -sf "$program" "$work/bin" 2>/dev/null || :
	done
	for program; do
		rm -f "$work/bin/$program"
	done
}

make -s dist DIST="$work"
tar -C "$work" -xzf "$work"/nsrun-*.tar.gz
cd "$work"/nsrun-*/

for level in 0 1 2 3; do
	try -O$level
	try -O$level LIBC=glibc LINK=static CC=gcc
	try -O$level LIBC=glibc LINK=dynamic CC=gcc
	try -O$level LIBC=glibc LINK=dynamic CC=clang
done
try '-O2 -flto'
try '-O2 -flto' LIBC=glibc CC=gcc
try '-O2 -flto' LIBC=glibc LINK=dynamic CC=clang

if command -v dpkg-buildflags >/dev/null; then
	for options in hardening=+all hardening=-all; do
		export DEB_BUILD_MAINT_OPTIONS=$options
		CPPFLAGS=$(dpkg-buildflags --get CPPFLAGS)
		LDFLAGS=$(dpkg-buildflags --get LDFLAGS)
		export CPPFLAGS LDFLAGS
		flags=$(dpkg-buildflags --get CFLAGS)
		try "$flags"
		try "$flags" LIBC=glibc LINK=dynamic CC=gcc
		try "$flags" LIBC=glibc LINK=dynamic CC=clang
		unset CPPFLAGS LDFLAGS
	done
fi

# What finds a compiler by itself finds the one that there is.
PATH=$(path_without cc gcc c89 c99 musl-gcc && echo "$work/bin")
export PATH
try '-O1'
grep -q "^clang" build/*/compile || { failed=$((failed + 1)) && echo 'failed: only clang'; }
finish
