#!/bin/bash
# Runs what README.md shows in its console blocks ("# " is root's prompt, "$ " anybody's)
# and compares the output. A number of four digits or more stands for any number, a line
# "..." for all the rest.
set -u
nsrun=${NSRUN:-./nsrun}
passed=0
failed=0
command=
expected=

# The expected output as an extended regular expression for the whole output.
pattern() {
	printf '%s' "$expected" | sed -E -e 's/[][().*+?{}|^$\\]/\\&/g' -e 's/[0-9]{4,}/[0-9]+/g' |
		sed -e '/^\\\.\\\.\\\.$/,$d'
}

check() {
	[ -n "$command" ] || return 0
	local output rest=
	output=$(eval "${command//.\/nsrun/$nsrun}" 2>&1 </dev/null)
	case $expected in *$'\n...'*) rest='.*' ;; esac
	if [[ $output =~ ^$(pattern)$rest ]] && { [ -n "$rest" ] || [[ $output =~ $(pattern)$ ]]; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'failed: %s\n%s\n' "$command" "$output"
	fi
	command=
	expected=
}

inside=
while IFS= read -r line; do
	case $inside$line in
	'```console') inside=console ;;
	console'```') check && inside= ;;
	console'# '* | console'$ '*) check && command=${line#??} ;;
	console*) expected+=${expected:+$'\n'}$line ;;
	esac
done <README.md
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
