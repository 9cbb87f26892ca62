#!/bin/sh
# The source archive of make dist: the same bytes from every copy of the source, and all that
# a build and a unit test need. As root, from the repository's root: tests/packaging/archive.sh
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
passed=0

fail() {
	echo "FAILED  $*"
	echo "$passed passed, 1 failed"
	exit 1
}

# check NAME COMMAND: the command must succeed.
check() {
	title=$1
	shift
	"$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "$title"; }
	passed=$((passed + 1))
}

fails() {
	! "$@"
}

# Packs the source in the directory $1 into the directory $2.
pack() {
	make -s -C "$1" dist DIST="$2"
}

is_like_first() {
	cmp "$archive" "$work/$1/$(basename "$archive")"
}

check 'dist' pack . "$work/first"
archive=$(echo "$work"/first/*)
name=$(basename "$archive" .tar.gz)
case $name in
nsrun-[0-9]*) ;;
*) fail "its name is $name" ;;
esac

# A name in which tar would see another host.
check 'a place with a colon' pack . "$work/a:b"
check 'the same there' is_like_first a:b

# The same again from here, after files have got other times, modes and owners.
mkdir "$work/copy"
tar --exclude=./build --create . | tar --extract --directory "$work/copy"
find "$work/copy" -path "$work/copy/.git" -prune -o -type f -exec touch {} +
chmod -R go-rwx "$work/copy"
chown 65534:65534 "$work/copy/Makefile" "$work/copy/LICENSE"
[ -e .git ] || touch -r .files "$work/copy/.files"
check 'from a copy' pack "$work/copy" "$work/second"
check 'the same from a copy' is_like_first second
check 'in build' make -s dist
check 'the same in build' cmp "$archive" "build/$name.tar.gz"

# Nothing but the source, and all of it.
tar -tzf "$archive" | sed "s|^$name/||" >"$work/list"
check 'one directory' sh -c 'tar -tzf "$1" | grep -v "^$2/" | grep . && exit 1 || exit 0' sh "$archive" "$name"
if [ -e .git ]; then
	{ git ls-files | LC_ALL=C sort && echo .files; } >"$work/expected"
	check 'what git knows' diff "$work/expected" "$work/list"
fi
check 'owners and modes' sh -c 'tar --numeric-owner -tvzf "$1" |
	grep -v "^-rw[x-]r-[x-]r-[x-] 0/0 " && exit 1 || exit 0' sh "$archive"

# Somebody else's repository above it is none of its business.
mkdir "$work/above"
git init -q "$work/above"
tar -xzf "$archive" -C "$work/above"
cd "$work/above/$name"
check 'build' make -s
check 'version' sh -c 'test "$(./nsrun --version)" = "$1"' sh "nsrun ${name#nsrun-}"
check 'a unit test' make -s check-unit 'UNIT_TESTS=$(TEST_BUILD)/unit/test_plan'
# What lies around is not packed: an editor's copy, an archive, what was installed on trial.
touch Makefile~ src/main.c.orig tests/mounts/test_mine.c .mine "$name.tar.gz"
make -s install DESTDIR=stage
check 'from the archive' pack . "$work/third"
check 'the same from the archive' is_like_first third
# Where one of its files is missing there is no archive, not the one from before either.
cd "$work/copy"
rm README.md
check 'a file is missing' fails pack . "$work/second"
mv "$work/log" "$work/said"
check 'it says which' grep -q README.md "$work/said"
check 'no archive of before' test -z "$(ls "$work/second")"
echo "$passed passed, 0 failed"
