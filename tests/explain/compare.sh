#!/bin/bash
# Does --explain tell the truth? For each option set of the list below, the calls that
# --explain=json lists are, actor by actor and in order, those that strace sees between the
# start of nsrun and the program's exec, argument by argument; and --trace prints those
# that strace sees in the same run, with their results. It shows as many processes as strace sees.
# Left out are libc's start-up, memory, descriptors and signal masks; messages, and pipes by which
# processes only wait for each other; and of newuidmap(1), newgidmap(1) and getent(1), which are not
# nsrun, all but their exec.
# Run as root, from the root of the repository.
set -u
. tests/harness/script
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

# A run without --trace and one with it, which strace sees both: "twice WORK COMMAND ...", where
# the word TRACE is left out or becomes --trace.
cat >"$work/twice" <<'END'
work=$1
shift
run() {
	trace=$1
	shift
	for word; do
		shift
		case $word in
		TRACE) set -- "$@" $trace ;;
		*) set -- "$@" "$word" ;;
		esac
	done
	"$@" </dev/null
}
run '' "$@" >"$work/out" 2>&1
echo $? >"$work/status"
for kept in "$work"/pins/*; do
	while umount "$kept" 2>/dev/null; do :; done
	rm -f "$kept"
done
: >"$work/pins/there"
run --trace "$@" >"$work/out2" 2>"$work/errors2"
END

# What strace has seen of the first run goes to plain, of the second to traced, each from the
# start of nsrun on. The rest is the shell that runs both, and what else it starts.
split_runs() {
	awk -v nsrun="execve(\"$work/nsrun\"" -v work="$work" '
		NR == 1 { shell = $1 }
		{ line[NR] = $0; pid[NR] = $1 }
		$1 == shell && /(fork|clone)/ && match($0, /= [0-9]+$/) { other[substr($0, RSTART + 2)] = 1 }
		index($0, nsrun) { start[++runs] = NR; launcher[runs] = $1 }
		END {
			for (i = start[1]; i <= NR; i++) {
				run = i < start[2] ? 1 : 2
				if (pid[i] != shell && (pid[i] == launcher[run] || !(pid[i] in other)))
					print line[i] >(work (run == 1 ? "/plain" : "/traced"))
			}
		}' "$work/strace"
}

# One line for each call that is told, after the word "told" or, for the time after the
# program's exec, "later"; what the plan has, for the comparison; and how many processes the
# explanation has, some of which are "2 guards".
read_plan() {
	jq -r '"processes \([.processes[].process | (capture("^(?<number>[0-9]+) ") // {number: 1}).number |
			tonumber] | add)",
		(.steps | length > 0 or error("no steps"),
		"init \(any(.[]; .step == "be init"))",
		"helper \(any(.[]; .step == "start helper"))",
		"becomes \(.[] | select(.step == "execute") | .actor)",
		((map(.step) | index("execute")) as $last | to_entries[] |
			(if .key <= $last then "told" else "later" end) as $when |
			.value.actor as $actor | .value.calls[] | "\($when) \($actor) \(.)"))' <"$work/json"
}

# same NAME RESULT: RESULT is of a comparison of two lists, whose differences are in difference.
same() {
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		fail "$1" "$work/difference"
	fi
}

# compare root|user|shell|unlisted|ignoring option ...: root runs /bin/true, the user a
# program that PATH leads to, shell none at all, so that /etc/passwd has the word, nor does
# unlisted, whom it does not have; and ignoring ignores SIGCHLD.
compare() {
	local who=$1 as=() helper=0 init=0 becomes seen name="$1: nsrun ${*:2}" program=(/bin/true)
	shift
	listed+=" $*"
	case $who in
	user)
		program=(true)
		as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
		;;
	shell) program=() ;;
	unlisted)
		program=()
		as=(setpriv --reuid 54321 --regid 54321 --clear-groups --)
		;;
	ignoring) as=(env --ignore-signal=CHLD) ;;
	esac
	"${as[@]}" "$work/nsrun" --explain=json "$@" "${program[@]}" </dev/null >"$work/json" 2>"$work/error" ||
		{ fail "$name: --explain=json" "$work/error"; return; }
	read_plan >"$work/plan" 2>"$work/error" || { fail "$name: JSON" "$work/error"; return; }
	! grep -qx 'init true' "$work/plan" || init=1
	! grep -qx 'helper true' "$work/plan" || helper=1
	becomes=$(sed -n 's/^becomes //p' "$work/plan")
	sed -n 's/^told //p' "$work/plan" | canonical explain 0 >"$work/told"
	sed -n 's/^later //p' "$work/plan" | canonical explain 0 >"$work/told_later"

	rm -f "$work/plain" "$work/traced" "$work/status"
	strace -f -qq -s 9999 -v -o "$work/strace" sh "$work/twice" "$work" \
		"${as[@]}" "$work/nsrun" TRACE "$@" "${program[@]}"
	clear_pins
	# mawk 1.3.4 was seen to die of SIGSEGV here once, and never in 11 000 runs on files like
	# that. Nothing else is tried twice.
	split_runs || split_runs
	if [ "$(cat "$work/status")" != 0 ]; then
		fail "$name: exit status $(cat "$work/status")" "$work/out"
		return
	fi
	canonical strace 0 <"$work/plain" | diff "$work/told" - >"$work/difference"
	same "$name: --explain (<) and strace (>) differ" $?

	# A login shell starts others.
	if [ ${#program[@]} != 0 ]; then
		seen=$(seen_processes)
		grep -x 'processes .*' "$work/plan" | diff - <(echo "processes $seen") >"$work/difference"
		same "$name: --explain (<) and strace (>) differ" $?
	fi

	grep -E '^(launcher|helper|child|program): ' "$work/errors2" | name_pids >"$work/trace"
	canonical trace 0 <"$work/trace" >"$work/told_by_trace"
	# An init never returns from the poll in which it waits, and so does not trace it.
	cat "$work/told" "$work/told_later" | by_actor | grep -vxF 'child poll(3, -1)' |
		diff "$work/told_by_trace" - >"$work/difference"
	same "$name: --trace (<) and --explain (>) differ" $?
	canonical strace 1 <"$work/traced" >"$work/seen"
	canonical trace 1 <"$work/trace" | before_exec | diff - "$work/seen" >"$work/difference"
	same "$name: the results of --trace (<) and strace (>) differ" $?
}

# How many strace has seen, without getent(1), which runs before there is a plan.
seen_processes() {
	awk '{ seen[$1] } /execve\("\/usr\/bin\/getent"/ { getent[$1] }
		END { for (pid in getent) delete seen[pid]; print length(seen) }' "$work/plain"
}

# The launcher's pid, which --trace shows as it is.
name_pids() {
	local pid
	pid=$(head -n 1 "$work/traced" | cut -d' ' -f1)
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
