#!/bin/sh
# What rooms.sh must find, each in a small house that is right but for one thing.
# From the repository's root: tests/tools/lint/test_rooms.sh
set -eu
. tests/harness/checks

# write FILE LINE ...
write() {
	file=$work/$1
	shift
	mkdir -p "${file%/*}"
	printf '%s\n' "$@" >"$file"
}

# A function of that many lines: write_function FILE NAME LINES
write_function() {
	mkdir -p "$work/${1%/*}"
	{
		printf 'int %s(void)\n{\n' "$2"
		yes '	;' | head -n $(($3 - 4))
		printf '	return 0;\n}\n'
	} >>"$work/$1"
}

build() {
	rm -rf "$work/src" "$work/include"
	write src/main.c '#include "run/play.h"' '#include "request.h"' '#include <stdio.h>'
	write_function src/main.c main 40
	write include/request.h '#include "idmap.h"'
	write include/idmap.h 'struct id_map;'
	write include/message.h 'int complain(void);'
	write src/run/play.h 'int play(void);'
	write src/run/play.c '#include "play.h"' '#include "message.h"' '#include "hints/hint.h"'
	write_function src/run/play.c play 50
	write src/hints/hint.h '#include "../plan/steps.h"'
	write src/plan/steps.h '#include "request.h"'
	write src/system/idmap.c '#include "idmap.h"' '#include "message.h"'
	write src/text/message.c '#include "message.h"'
	yes '' | head -n 349 >>"$work/src/text/message.c"
}

# finds WHAT: exactly that is found, or nothing if it is empty.
finds() {
	status=0
	got=$(tests/tools/lint/rooms.sh "$work") || status=$?
	if [ "$got" = "$1" ] && [ $status = $((${#1} != 0)) ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED: status %s\n    expected: %s\n    got:      %s\n' "$status" "$1" "$got"
	fi
	build
}

build
finds ''
write src/text/names.c '' '#include "hints/hint.h"'
finds 'src/text/names.c:2: includes src/hints/hint.h, but hints is not below text'
write src/plan/plan.c '#include "../run/play.h"'
finds 'src/plan/plan.c:1: includes src/run/play.h, but run is not below plan'
write src/run/wait.h '#	include <hints/../run/play.h>'
write src/hints/fork.c '#include "run/wait.h"'
finds 'src/hints/fork.c:1: includes src/run/wait.h, but run is not below hints'
# The header of a room's file, and one that leans on such a header.
write src/text/names.c '#include "idmap.h"'
finds 'src/text/names.c:1: includes include/idmap.h, but system is not below text'
write src/text/names.c '#include "request.h"'
finds 'src/text/names.c:1: includes include/request.h, but system is not below text'
write include/all.h '#include "request.h"'
write src/text/names.c '#include "all.h"'
finds 'src/text/names.c:1: includes include/all.h, but system is not below text'
write include/message.h '#include "idmap.h"'
finds 'include/message.h:1: includes include/idmap.h, but system is not below text'
write src/attic/old.c '#include <stdio.h>'
finds "src/attic/old.c: its room is not one of $(sed -n "s/^rooms='\(.*\)'/\1/p" tests/tools/lint/rooms.sh)"

rm "$work/src/main.c"
write_function src/main.c main 41
finds 'src/main.c:1: main() has 41 lines, more than 40'
write_function src/run/wait.c wait_for 51
finds 'src/run/wait.c:1: wait_for() has 51 lines, more than 50'
echo >>"$work/src/text/message.c"
finds 'src/text/message.c: has 351 lines, more than 350'
yes '' | head -n 351 >"$work/include/long.h"
finds 'include/long.h: has 351 lines, more than 350'
rm "$work"/src/*.c "$work"/src/*/*.c
finds 'ctags knows no function'

finish
