#!/bin/bash
# Does --explain tell the truth? For each option set of the list below, the calls that
# --explain=json lists are, actor by actor and in order, those that strace sees between the
# start of nsrun and the program's exec, argument by argument; and --trace prints those
# that strace sees in the same run, with their results. It shows as many processes as strace sees. Left out are libc's start-up, memory,
# descriptors and signal masks; messages, and pipes by which processes only wait for each
# other; and of newuidmap(1), newgidmap(1) and getent(1), which are not nsrun, all but their
# exec.
# Run as root, from the root of the repository.
set -u
. tests/harness/user
. tests/harness/one_processor
here=$(dirname "$0")
# Sanitizers and valgrind make system calls of their own.
nsrun=${NSRUN_PLAIN:-${NSRUN:-./nsrun}}
unset SHELL
PATH=/usr/sbin:/usr/bin:/sbin:/bin
work=$(mktemp -d)
passed=0
failed=0
listed=

clear_pins() {
	local kept
	for kept in "$work"/pins/*; do
		while umount "$kept" 2>/dev/null; do :; done
		rm -f "$kept"
	done
	: >"$work/pins/there"
}

finish() {
	clear_pins
	umount "$work/pins" 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

# A mount namespace can be kept only on a private mount.
prepare_places() {
	chmod 755 "$work"
	: >"$work/strace"
	chmod 666 "$work/strace"
	mkdir -p "$work/pins" "$work/root/bin" "$work/root/proc"
	mount -t tmpfs none "$work/pins"
	mount --make-private "$work/pins"
	chmod 755 "$work/pins"
	cp "$nsrun" "$work/nsrun"
	cp /bin/busybox "$work/root/bin/true"
	cp /bin/busybox "$work/root/bin/sh"
}

fail() {
	failed=$((failed + 1))
	echo "failed: $1"
	[ $# -lt 2 ] || sed 's/^/    /' "$2" | head -n 40
}

# Each actor has an order of its own; between actors the kernel decides.
by_actor() {
	LC_ALL=C sort -s -k1,1
}

canonical() {
	awk -v from="$1" -v results="$2" -v helper="$helper" -v init="$init" \
		-v program="$becomes" -f "$here/calls.awk" | by_actor
}

# compare root|user|shell|unlisted|ignoring option ...: root runs /bin/true, the user a
# program that PATH leads to, shell none at all, so that /etc/passwd has the word, nor does
# unlisted, whom it does not have; and ignoring ignores SIGCHLD.
compare() {
	local who=$1 as=() tracer=(strace -f -qq -s 9999 -v -o "$work/strace")
	local helper=0 init=0 becomes name="$1: nsrun ${*:2}" program=(/bin/true) status
	shift
	listed+=" $*"
	if [ "$who" = user ]; then
		as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
		tracer+=(-u "$user")
	fi
	case $who in
	user) program=(true) ;;
	shell) program=() ;;
	unlisted)
		program=()
		as=(setpriv --reuid 54321 --regid 54321 --clear-groups --)
		tracer=("${as[@]}" "${tracer[@]}")
		;;
	ignoring)
		as=(env --ignore-signal=CHLD)
		tracer=("${as[@]}" "${tracer[@]}")
		;;
	esac
	"${as[@]}" "$work/nsrun" --explain=json "$@" "${program[@]}" </dev/null >"$work/json" 2>"$work/error" ||
		{ fail "$name: --explain=json" "$work/error"; return; }
	jq -e '.steps | length > 0' <"$work/json" >/dev/null 2>"$work/error" ||
		{ fail "$name: JSON" "$work/error"; return; }
	jq -e 'any(.steps[]; .step == "be init")' <"$work/json" >/dev/null && init=1
	jq -e 'any(.steps[]; .step == "start helper")' <"$work/json" >/dev/null && helper=1
	becomes=$(jq -r '.steps[] | select(.step == "execute") | .actor' <"$work/json")
	# shellcheck disable=SC2016 # $last is for jq
	told_calls '.[:$last + 1]' >"$work/told"
	# shellcheck disable=SC2016
	told_calls '.[$last + 1:]' >"$work/told_later"

	"${tracer[@]}" -- "$work/nsrun" "$@" "${program[@]}" </dev/null >"$work/out" 2>&1
	status=$?
	clear_pins
	canonical strace 0 <"$work/strace" >"$work/seen"
	if [ $status != 0 ]; then
		fail "$name: exit status $status" "$work/out"
	elif ! diff "$work/told" "$work/seen" >"$work/difference"; then
		fail "$name: --explain (<) and strace (>) differ" "$work/difference"
	else
		passed=$((passed + 1))
	fi

	# A login shell starts others.
	if [ ${#program[@]} = 0 ] || [ "$(told_processes)" = "$(seen_processes)" ]; then
		passed=$((passed + 1))
	else
		fail "$name: other processes than strace's $(seen_processes)" "$work/json"
	fi

	"${tracer[@]}" -- "$work/nsrun" --trace "$@" "${program[@]}" </dev/null 2>&1 >/dev/null |
		grep -E '^(launcher|helper|child|program): ' >"$work/trace"
	clear_pins
	name_pids <"$work/trace" | canonical trace 0 >"$work/traced"
	# An init never returns from the poll in which it waits, and so does not trace it.
	if ! cat "$work/told" "$work/told_later" | by_actor |
		grep -vxF 'child poll(2, -1)' | diff "$work/traced" - >"$work/difference"; then
		fail "$name: --trace (<) and --explain (>) differ" "$work/difference"
	else
		passed=$((passed + 1))
	fi
	canonical strace 1 <"$work/strace" >"$work/seen"
	name_pids <"$work/trace" | canonical trace 1 | before_exec >"$work/traced"
	if ! diff "$work/traced" "$work/seen" >"$work/difference"; then
		fail "$name: the results of --trace (<) and strace (>) differ" "$work/difference"
	else
		passed=$((passed + 1))
	fi
}

# The calls of the steps up to the program's exec, or of those after it.
told_calls() {
	jq -r '.steps | (map(.step) | index("execute")) as $last | '"$1"' |
		.[] | .actor as $actor | .calls[] | "\($actor) \(.)"' <"$work/json" | canonical explain 0
}

# How many processes the explanation has, some of which are "2 guards".
told_processes() {
	jq '[.processes[].process | (capture("^(?<number>[0-9]+) ") // {number: 1}).number |
		tonumber] | add' <"$work/json"
}

# How many strace has seen, without getent(1), which runs before there is a plan.
seen_processes() {
	awk '{ seen[$1] } /execve\("\/usr\/bin\/getent"/ { getent[$1] }
		END { for (pid in getent) delete seen[pid]; print length(seen) }' "$work/strace"
}

# The launcher's pid, which --trace shows as it is.
name_pids() {
	local pid
	pid=$(head -n 1 "$work/strace" | cut -d' ' -f1)
	sed -e "s:/proc/$pid\([/\"]\):/proc/LAUNCHER\1:g" -e "s:\"$pid\":\"LAUNCHER\":g"
}

# Of what is traced, that which is not told for the time after the exec.
before_exec() {
	awk 'FILENAME != "-" { later[$0] = 1; next } { call = $0; sub(/ = [^=]*$/, "", call) } !(call in later)' \
		"$work/told_later" -
}

prepare_places
# shellcheck disable=SC2034 # the sets use it
pins=$work/pins

# shellcheck source=/dev/null # option sets, which are shell commands
. "$here/sets"

# No option of the list in --help may be forgotten here.
"$nsrun" --help | sed -nE 's/^  (-([A-Za-z]), |    )--([a-z-]+).*/\2 \3/p' >"$work/options"
while read -r letter long; do
	[ -n "$long" ] || { long=$letter; letter=; }
	case $long in explain | trace | help | version) continue ;; esac
	if [[ $listed =~ \ --$long(\ |=|$) ]] || { [ -n "$letter" ] && [[ $listed =~ \ -$letter(\ |$) ]]; }; then
		passed=$((passed + 1))
	else
		fail "the list lacks --$long"
	fi
done <"$work/options"
[ -s "$work/options" ] || fail 'nsrun --help lists no options'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
