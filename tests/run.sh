#!/bin/sh
# Runs test programs and scripts one after the other, and says which of them failed.
# UNDER: a command to run each of them under, such as valgrind.
failed=
count=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test; do
	count=$((count + 1))
	echo "== $test"
	# shellcheck disable=SC2086 # UNDER is a command with its options
	${UNDER:-} "./$test" </dev/null >"$log" 2>&1 || failed="$failed $test"
	cat "$log"
	# valgrind lists descriptors that are open at the end, but does not call them errors.
	if grep -A1 'Open .*file descriptor' "$log" | grep -v 'Open\|^--' |
		grep -qv 'inherited from parent'; then
		failed="$failed $test(descriptors)"
	fi
	# As root nothing may be left out: a test that is skipped shows nothing.
	if [ "$(id -u)" = 0 ] && [ -z "${UNDER:-}" ] && grep -q 'SKIPPED' "$log"; then
		failed="$failed $test(skipped)"
	fi
done
for test in $failed; do
	echo "failed: $test"
done
set -- $failed
echo "$((count - $#)) passed, $# failed"
[ $# = 0 ]
