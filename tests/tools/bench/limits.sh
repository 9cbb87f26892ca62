#!/bin/sh
# What a start may cost, counted and not timed, so that it can be a test: under "-p -f",
# from nsrun's first instruction to the program's exec. Only the static musl build by gcc is
# held to it (see the Makefile): other libcs have start-up code of their own.
set -eu
nsrun=${NSRUN:-./nsrun}
make -s -C tests/tools/bench
failed=0
# An empty environment, since its size decides how many pages of the stack are in use.
env -i build/bench/steps instructions=3000 cpuid=0 calls=10 faults=15 resident=64 \
	-- "$nsrun" -p -f build/bench/target || failed=1
# Almost a half of the file lies apart and is never read by a start: help, hints, completion.
size=$(wc -c <"$nsrun")
echo "size=$size"
[ "$size" -lt 116000 ] || failed=1
echo "$((1 - failed)) passed, $failed failed"
exit $failed
