#!/bin/sh
# Holds src/ and include/ to the rules of the house: a room leans only on rooms below it, as its
# #include lines show, and functions and files are short. From the repository's root, or with
# the folder in which src/ and include/ are: tests/tools/lint/rooms.sh [FOLDER]
set -eu
# From the top, as in src/README.md. What lies in src/ itself is in main.
rooms='main show request run hints plan facts system text'
longest_main=40
longest_function=50
longest_file=350

program=$(realpath "$(dirname "$0")/rooms.awk")
cd "${1:-.}"
found=$(mktemp)
trap 'rm -f "$found"' EXIT
trap 'exit 1' INT TERM HUP
# shellcheck disable=SC2046 # no name has a blank
set -- $(find src include -name '*.[ch]' | LC_ALL=C sort)

awk -v rooms="$rooms" -f "$program" "$@" >"$found"
ctags -x --kinds-C=f --_xformat='%N %F %n %e' "$@" |
	awk -v most_main=$longest_main -v most_others=$longest_function '
		{
			most = $1 == "main" ? most_main : most_others
			count = $4 - $3 + 1
			if (count > most)
				print $2 ":" $3 ": " $1 "() has " count " lines, more than " most
		}
		END { if (!NR) print "ctags knows no function" }' >>"$found"
wc -l "$@" | awk -v most=$longest_file '
	$2 != "total" && $1 > most { print $2 ": has " $1 " lines, more than " most }' >>"$found"
cat "$found"
[ ! -s "$found" ]
