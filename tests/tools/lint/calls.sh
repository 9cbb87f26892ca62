#!/bin/sh
# Fails if files use each other's functions or tables in a circle, or rooms do, as the symbols of
# their objects show: tests/tools/lint/calls.sh FOLDER, where FOLDER has the objects of src/
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

find . -name '*.o' -exec nm --print-file-name --extern-only {} + | awk '
	{
		file = $1
		sub(/^\.\//, "", file)
		sub(/\.o:.*/, "", file)
		if ($(NF - 1) == "U")
			uses[file " " $NF]
		else
			owner[$NF] = file
	}
	END {
		for (use in uses) {
			split(use, part, " ")
			if (part[2] in owner && owner[part[2]] != part[1])
				print part[1], owner[part[2]]
		}
	}' | LC_ALL=C sort -u >"$work/files"
[ -s "$work/files" ] || { echo 'no file uses another'; exit 1; }
# A file in src/ itself is a room of its own.
awk '{ sub(/\/.*/, "", $1); sub(/\/.*/, "", $2) } $1 != $2' "$work/files" | LC_ALL=C sort -u >"$work/rooms"

failed=0
for what in files rooms; do
	tsort "$work/$what" >"$work/order" 2>"$work/circles" || failed=1
	sed "s/^tsort: [^ ]*$what: input contains a loop:/these $what use each other:/; s/^tsort: /    /" "$work/circles"
done
exit $failed
