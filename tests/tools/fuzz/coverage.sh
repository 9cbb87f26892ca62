#!/bin/sh
# Which lines of the option parser, and of what reads ids and reckons with them, do the
# corpus and a short run reach? Fails below 95 % of the lines of a file.
# From the repository's root, by `make fuzz-coverage`: tests/tools/fuzz/coverage.sh FOLDER TARGET ...
set -eu
folder=$1
rm -f "$folder"/*.profraw
LLVM_PROFILE_FILE=$folder/%p.profraw tests/tools/fuzz/run.sh "$@"
llvm-profdata merge -o "$folder/profile" "$folder"/*.profraw
shift
objects=$folder/$1
for target; do
	objects="$objects -object=$folder/$target"
done
# shellcheck disable=SC2046,SC2086 # several words
llvm-cov report $objects -instr-profile "$folder/profile" \
	$(find src -name command_line.c -o -name readers.c -o -name idmap.c -o -name names.c \
		-o -name database.c -o -name maps.c) |
	tee "$folder/report" | awk 'NF == 13 { printf "%-16s %6s lines of %5s covered: %s\n", $1, $8 - $9, $8, $10 }'
# The columns: file, regions (3), functions (3), lines, those missed, how many percent, branches.
awk '$1 ~ /(command_line|readers|idmap|names|maps)\.c$/ { files++; if ($10 + 0 <= 95) low = low " " $1 }
	END { if (low) print "failed: too few lines of" low; exit files != 5 || low != "" }' \
	"$folder/report"
