#!/bin/sh
# What make builds, and what it builds again: nothing that is there already, and all that other
# flags, a header or a step that failed have changed. A directory's name is never code to it.
# From the repository's root: tests/packaging/build.sh
set -u
. tests/harness/checks

# What the caller's make was told is not meant for these.
unset MAKEFLAGS MFLAGS CFLAGS CPPFLAGS LDFLAGS CC WERROR LIBC LINK SANITIZE VALGRIND COVERAGE

fails() {
	! "$@"
}

# Copies the source into the directory $1.
copy() {
	mkdir -p "$1" && cp -r Makefile src include man tests "$1"
}

# build ARGUMENT ...: makes nsrun with few efforts, with all that it says in the file "said".
build() {
	make -C "$tree" CC="$compiler" nsrun "$@" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
}

# has_made WORD ...: by the last build, just these were compiled or linked.
has_made() {
	printf '%s\n' "$@" | grep . | LC_ALL=C sort >"$work/expected"
	sed -n 's/.* -o build\/[^\/]*\/\([^ ]*\) .*/\1/p' "$work/said" | LC_ALL=C sort | diff "$work/expected" -
}

objects() {
	(cd "$tree" && find src -name '*.c' ! -name getpid.c) | sed 's/c$/o/'
}

# The objects of all sources that include the header $1, as the compiler says.
users_of() {
	for source in "$tree"/src/*.c "$tree"/src/*/*.c; do
		gcc -MM -I"$tree/include" -I"$tree/src" -I"$tree/build" -D_GNU_SOURCE "$source" |
			grep -q "/$1\\( \|\$\\)" && echo "$source" | sed "s|^$tree/||; s/c\$/o/"
	done
}

# --- again ----------------------------------------------------------------------------

tree=$work/tree
compiler='gcc -O0'
export CFLAGS=
copy "$tree"
check 'build' build
check 'build again' build
check 'nothing was made' has_made
check 'nothing is to be made' sh -c '! make -C "$1" -n CC="$2" nsrun | grep " -o "' sh "$tree" "$compiler"
cp "$tree/nsrun" "$work/nsrun"
for flag in CPPFLAGS=-DOTHER CFLAGS=-O1; do
	check "build with $flag" build "$flag"
	# shellcheck disable=SC2046 # no name has a blank
	check "$flag makes all again" has_made nsrun $(objects)
done
check 'build with LDFLAGS' build CFLAGS=-O1 LDFLAGS=-Wl,-O1
check 'LDFLAGS link again' has_made nsrun
check 'build as at first' build
check 'it is as at first' cmp "$tree/nsrun" "$work/nsrun"
for header in show.h idmap.h; do
	find "$tree" -name "$header" -exec touch {} +
	check "build after $header" build
	# shellcheck disable=SC2046
	check "$header makes its users again" has_made nsrun $(users_of "$header")
done
touch "$tree/src/layout.ld"
check 'build after layout.ld' build
check 'layout.ld links again' has_made nsrun
echo 'int more(void); int more(void) { return 1; }' >"$tree/src/text/more.c"
check 'build with a source more' build
check 'a source more links again' has_made nsrun src/text/more.o
rm "$tree/src/text/more.c"
check 'build with a source less' build
check 'a source less links again' has_made nsrun

# --- a step that fails ----------------------------------------------------------------

# What is broken leaves a part of what it was to make, as if it had been killed.
mkdir "$work/broken"
cat >"$work/broken/gcc" <<'END'
#!/bin/sh
PATH=${PATH#*:}
case "$* " in
*$BROKEN*) ;;
*) exec gcc "$@" ;;
esac
while [ "$1" != -o ]; do shift; done
echo 'int a_part;' >"$2"
exit 1
END
printf '#!/bin/sh\necho "int a_part;"\nexit 1\n' >"$work/broken/awk"
chmod +x "$work/broken/gcc" "$work/broken/awk"
for BROKEN in src/text/names.o /nsrun awk; do
	export BROKEN
	touch "$tree/src/text/names.c" "$tree/src/show/nsrun.bash"
	check "$BROKEN fails" fails env PATH="$work/broken:$PATH" make -C "$tree" CC="$compiler" nsrun
	check "build after $BROKEN" build
	check "$BROKEN leaves nothing" cmp "$tree/nsrun" "$work/nsrun"
done
unset CFLAGS

# --- compilers and flags --------------------------------------------------------------

mkdir "$work/bin"
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/ccache"
chmod +x "$work/bin/ccache"
for cc in 'gcc -m64' 'ccache gcc' 'ccache gcc -O1' 'gcc -DX=a:b%c' "gcc '-DX=a b'" "$work/bin/ccache gcc" clang; do
	check "CC=$cc" env PATH="$work/bin:$PATH" make -s -C "$tree" CC="$cc" getpid
	check "CC=$cc runs" sh -c '"$1" | grep "^pid:"' sh "$tree/getpid"
done
compiler=gcc
check 'flags of the environment' env CFLAGS='-O1 -DFIRST' CPPFLAGS=-DSECOND LDFLAGS=-Wl,-O1 \
	make -C "$tree" CC=gcc LINK=dynamic getpid
mv "$work/checked" "$work/environment"
check 'flags of the command line' \
	make -C "$tree" CC=gcc LINK=dynamic CFLAGS='-O1 -DFIRST' CPPFLAGS=-DSECOND LDFLAGS=-Wl,-O1 -W src/getpid.c getpid
mv "$work/checked" "$work/command"
for place in environment command; do
	for flag in '-O1 -DFIRST' -DSECOND -Wl,-O1 -std=c11 -fstack-protector-strong -Wl,-z,relro,-z,now; do
		check "$flag, of the $place" grep -e "$flag" "$work/$place"
	done
done
check 'link-time optimization' make -s -C "$tree" CFLAGS='-O2 -flto' nsrun
check 'it runs' "$tree/nsrun" true

# --- names of directories -------------------------------------------------------------

# make itself needs a line for a directory's name where it is told to go there, so cd does.
tree="$work/it's \"a\" \`touch $work/ran\` \$(touch $work/ran) \$\$ #1 %:;=
'; touch $work/ran; '"
copy "$tree"
touch "$work/it's" "$work/a" "$tree/mine"
check 'build in an odd place' sh -c 'cd "$1" && make -s CC=gcc CFLAGS=-O0' sh "$tree"
check 'it runs there' "$tree/nsrun" true
check 'pack there' sh -c 'cd "$1" && echo Makefile >.files && make -s dist && make -s dist DIST="a b"' sh "$tree"
check 'it is packed' sh -c 'cmp "$1"/build/*.gz "$1/a b"/*.gz' sh "$tree"
rm -r "$tree/a b" "$tree/.files"
check 'install from there' sh -c 'cd "$1" && make -s CC=gcc CFLAGS=-O0 install DESTDIR="$2"' sh "$tree" "$work/stage"
check 'it is installed' cmp "$tree/nsrun" "$work/stage/usr/local/bin/nsrun"
check 'clean' sh -c 'cd "$1" && make -s clean' sh "$tree"
check 'what make has not made is left' test "$(ls "$tree" | tr '\n' ' ')" = 'Makefile include man mine src tests '
check 'nothing of a name is run' test ! -e "$work/ran" -a -e "$work/it's" -a -e "$work/a"

finish
