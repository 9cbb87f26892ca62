#!/bin/sh
# What calls.sh must find, in small programs. From the repository's root: tests/tools/lint/test_calls.sh
set -eu
. tests/harness/checks

# compile ROOM/FILE CODE
compile() {
	mkdir -p "$work/${1%/*}"
	printf '%s\n' "$2" | cc -x c -c -o "$work/$1.o" -
}

# finds WHAT: exactly that is found, or nothing if it is empty.
finds() {
	status=0
	tests/tools/lint/calls.sh "$work" >"$work/got" || status=$?
	got=$(tr -s '\n ' ' ' <"$work/got" | sed 's/ $//')
	if [ "$got" = "$1" ] && [ $status = $((${#1} != 0)) ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED: status %s\n    expected: %s\n    got:      %s\n' "$status" "$1" "$got"
	fi
}

finds 'no file uses another'
compile run/play 'int look(void); static int hide(void) { return 1; } int play(void) { return look() + hide(); }'
compile system/look 'static int hide(void) { return 2; } int look(void) { return hide(); }'
compile main 'int play(void); int main(void) { return play(); }'
finds ''
# By way of a table, within a room.
compile run/table 'int play(void); int (*table[])(void) = {play};'
compile run/play 'int look(void); extern int (*table[])(void); int play(void) { return look() + table[0](); }'
finds 'these files use each other: run/play run/table'
# Between rooms, though no two files use each other.
compile run/play 'int look(void); int play(void) { return look(); }'
compile run/wait 'int wait_for(void) { return 3; }'
compile system/look 'int wait_for(void); int look(void) { return wait_for(); }'
finds 'these rooms use each other: run system'

finish
