#!/bin/sh
# How many branches of each file of src/ the tests took. Fails unless it is more than 85 %
# of them all. From the repository's root, by `make coverage`:
# tests/checkers/coverage/report.sh FOLDER PROGRAM ...  (of the counters; instrumented)
set -eu
folder=$1
shift
llvm-profdata merge -o "$folder/profile" "$folder"/*.profraw
first=$1
shift
for program; do
	set -- "$@" "-object=$program"
	shift
done
llvm-cov report "$first" "$@" -instr-profile="$folder/profile" src >"$folder/report"
# The columns: file, regions (3), functions (3), lines (3), branches, those missed, percent.
awk 'NF == 13 && $11 ~ /^[0-9]+$/ {
		printf "%-16s %5s of %5s branches, %6s; %6s of its lines\n", $1, $11 - $12, $11, $13, $10
	}
	$1 == "TOTAL" { total = $13 + 0 }
	END { if (total <= 85) print "failed: too few branches"; exit total <= 85 }' "$folder/report"
