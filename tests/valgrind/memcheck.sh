#!/bin/sh
# Runs test programs with nsrun under valgrind, and looks at nothing but what valgrind finds.
# Many of them fail: valgrind does not know pidfd_open(2), opens descriptors, takes signals,
# and needs a /proc and memory that they take away. As root, from the repository's root:
# tests/valgrind/memcheck.sh NSRUN PROGRAM ...
set -eu
nsrun=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM HUP
mkdir "$folder/found"
chmod 1777 "$folder/found"
# Each process that executes nsrun has a file of its own.
tests/valgrind/make.sh "$nsrun" "$folder" --log-file="$folder/found/%p" >"$folder/run"
chmod 755 "$folder/run"

for program; do
	before=$(ls "$folder/found" | wc -l)
	NSRUN=$folder/run "$program" >"$folder/log" 2>&1 </dev/null || true
	echo "$(($(ls "$folder/found" | wc -l) - before)) runs in $program"
done
runs=$(ls "$folder/found" | wc -l)
# "==" starts an error, "--" a note. That an execve(2) may fail is beyond valgrind 3.19.
if cat "$folder"/found/* | grep '^==' |
	grep -v -e ' execve(.*) failed, errno' -e 'EXEC FAILED' -e 'more stringent tests in PRE' ||
	[ "$runs" -eq 0 ]; then
	echo "failed: valgrind has found something in $runs runs, or there are none"
	exit 1
fi
echo "$runs runs of nsrun, no error"
