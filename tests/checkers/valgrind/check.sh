#!/bin/sh
# Runs tests with nsrun under valgrind. They must pass, and valgrind must find nothing.
# As root, from the repository's root: tests/checkers/valgrind/check.sh OLDEST NSRUN PLAIN TEST ...
# where OLDEST is the oldest version of valgrind that will do, and PLAIN the nsrun for tests in
# which valgrind cannot do what they need.
set -eu
oldest=$1
nsrun=$2
plain=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM HUP
chmod 755 "$folder"
mkdir -m 1777 "$folder/found"
tests/checkers/valgrind/get.sh "$folder" "$oldest"
cp "$nsrun" "$folder/nsrun"
cp getpid tests/checkers/valgrind/suppressions "$folder"
for name in under trial; do
	cc -static -O1 -D_GNU_SOURCE "-DFOLDER=\"$folder\"" -o "$folder/$name" tests/checkers/valgrind/$name.c
done
chmod -R a+rX "$folder"

failed=
KEPT=$folder NSRUN=$folder/under NSRUN_PLAIN=$plain NSRUN_CHECKED=valgrind tests/run.sh "$@" || failed=yes
runs=$(find "$folder/found" -type f | wc -l)
if grep -h . -r "$folder/found" || [ "$runs" -eq 0 ]; then
	echo "failed: valgrind has found something, or there were no runs"
	exit 1
fi
version=$(VALGRIND_LIB=$folder/library "$folder/valgrind" --version)
echo "$runs runs of nsrun under $version, no error"
[ -z "$failed" ]
