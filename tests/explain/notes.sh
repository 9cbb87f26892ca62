#!/bin/bash
# Notes and colours are for people: the note on --pid without --fork appears on a terminal
# only, and so do colours, without NO_COLOR. Run as root, from the root of the repository.
set -u
nsrun=$(realpath "${NSRUN:-./nsrun}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
unset NO_COLOR
export TERM=xterm
escape=$(printf '\033')

check() {
	if "${@:2}"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $1"
		sed 's/^/    /' "$work/output"
	fi
}

has() { grep -q -- "$1" "$work/output"; }
lacks() { ! has "$1"; }
succeeded() { [ "$status" = 0 ]; }

# script(1) gives the command a terminal, also where this test has none.
on_terminal() {
	script -qec "$1" /dev/null </dev/null >"$work/output" 2>&1
	status=$?
}

elsewhere() {
	sh -c "$1" </dev/null >"$work/output" 2>&1
	status=$?
}

# The program writes a word, so that an empty output cannot pass for a quiet one.
run() { echo "'$nsrun' $* echo ran"; }

# noted|unnoted where name option ...
expect_note() {
	local expected=$1 where=$2 name=$3
	shift 3
	$where "$(run "$@")"
	check "$name: the program runs" succeeded
	check "$name: the program writes" has ran
	if [ "$expected" = noted ]; then
		check "$name: a note" has "$note"
		check "$name: the note is there once" [ "$(grep -c 'note: ' "$work/output")" = 1 ]
		check "$name: the note precedes the program" precedes "$note" '^ran'
	else
		check "$name: no note" lacks note:
	fi
}

# True if the first line with one pattern stands before that with the other.
precedes() {
	[ "$(grep -n -- "$1" "$work/output" | head -n 1 | cut -d: -f1)" -lt \
		"$(grep -n -- "$2" "$work/output" | head -n 1 | cut -d: -f1)" ]
}

note='note: .*without --fork'
expect_note noted on_terminal '-p on a terminal' -p
expect_note noted on_terminal '--pid on a terminal' --pid -m
expect_note noted on_terminal '-a on a terminal' -a
expect_note unnoted elsewhere '-p without a terminal' -p
expect_note unnoted on_terminal '-q -p on a terminal' -q -p
expect_note unnoted on_terminal '-p --quiet on a terminal' -p --quiet
expect_note unnoted on_terminal '-p -f on a terminal' -p -f
expect_note unnoted on_terminal '-p --kill-child on a terminal' -p --kill-child
expect_note unnoted on_terminal '--init on a terminal' --init
expect_note unnoted on_terminal 'no pid namespace on a terminal' -u
expect_note unnoted on_terminal 'nothing asked for on a terminal'

# It is standard error that counts, for that is where the note would go.
on_terminal "$(run -p) 2>/dev/null"
check '-p with standard error elsewhere: no note' lacks note:
on_terminal "$(run -p) >/dev/null"
check '-p with standard output elsewhere: a note' has "$note"
on_terminal "$(run -p --explain)"
check '--explain -p on a terminal: no note' lacks note:

# The same for the note, an error and a hint.
expect_colours() {
	local expected=$1 where=$2 name=$3 command=$4 word=$5
	$where "$command"
	check "$name: the message" has "$word"
	if [ "$expected" = coloured ]; then
		check "$name: colours" has "$escape\\[[0-9;]*m"
		check "$name: colours end" has "$escape\\[0*m"
	else
		check "$name: no colours" lacks "$escape"
	fi
}

failing="'$nsrun' -w /nonexistent/place true"
printf "#!/nonexistent/interpreter\n" >"$work/script"
chmod +x "$work/script"
hinting="'$nsrun' $work/script"
expect_colours coloured on_terminal 'a note on a terminal' "$(run -p)" note:
expect_colours coloured on_terminal 'an error on a terminal' "$failing" nonexistent
expect_colours coloured on_terminal 'a hint on a terminal' "$hinting" hint:
expect_colours coloured on_terminal 'an empty NO_COLOR' "NO_COLOR= $failing" nonexistent
expect_colours plain on_terminal 'NO_COLOR, a note' "NO_COLOR=1 $(run -p)" note:
expect_colours plain on_terminal 'NO_COLOR, an error' "NO_COLOR=1 $failing" nonexistent
expect_colours plain on_terminal 'NO_COLOR, a hint' "NO_COLOR=1 $hinting" hint:
expect_colours plain on_terminal 'TERM=dumb' "TERM=dumb $failing" nonexistent
expect_colours plain elsewhere 'an error without a terminal' "$failing" nonexistent
expect_colours plain elsewhere 'a hint without a terminal' "$hinting" hint:
expect_colours plain on_terminal 'standard error in a pipe' "{ $failing 2>&1 >/dev/null; } | cat" nonexistent
expect_colours plain on_terminal '--trace on a terminal' "$(run --trace -u)" 'launcher: '
expect_colours coloured on_terminal '--explain on a terminal' "$(run --explain -u)" unshare
expect_colours plain on_terminal 'NO_COLOR, --explain' "NO_COLOR=1 $(run --explain -u)" unshare
expect_colours plain elsewhere '--explain without a terminal' "$(run --explain -u)" unshare
expect_colours coloured on_terminal '--report on a terminal' "$(run --report -u)" new
expect_colours plain on_terminal 'nothing new in a --report' "$(run --report)" shared
expect_colours plain on_terminal 'NO_COLOR, --report' "NO_COLOR=1 $(run --report -u)" new
expect_colours plain on_terminal '--report=json on a terminal' "$(run --report=json -u)" new
expect_colours plain on_terminal '--report to a file' "$(run --report-fd 9 -u) 9>$work/report; cat $work/report" new
expect_colours plain elsewhere '--report without a terminal' "$(run --report -u)" new

# Quiet leaves out hints, too, but not the error.
on_terminal "'$nsrun' -q $work/script"
check "-q: the error stays" has "cannot run"
check '-q: no hint' lacks hint:

echo "$passed passed, $failed failed"
[ $failed = 0 ]
