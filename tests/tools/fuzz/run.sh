#!/bin/sh
# Fuzzes with each of the programs at once, and says what they found.
# From the repository's root, by `make fuzz`: tests/tools/fuzz/run.sh FOLDER TARGET ...
#
# FUZZ_SECONDS  how long (20)
set -u
folder=$1
shift
seconds=${FUZZ_SECONDS:-20}

# New inputs go into the first corpus, below build/; standard error is closed to what is
# fuzzed, which complains all the time, but not to libFuzzer.
fuzz() {
	mkdir -p "$folder/corpus/$1"
	"$folder/$1" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=8192 \
		-close_fd_mask=2 -dict="$folder/words" -artifact_prefix="$folder/found-$1-" \
		"$folder/corpus/$1" "tests/tools/fuzz/corpus/$1" >"$folder/$1.log" 2>&1
	echo $? >"$folder/$1.status"
}

rm -f "$folder"/*.status
for target; do
	fuzz "$target" </dev/null &
done
wait
failed=0
for target; do
	runs=$(sed -nE 's/^Done ([0-9]+) runs .*/\1/p' "$folder/$target.log")
	if [ "$(cat "$folder/$target.status")" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "$target: $runs runs, no fault"
	else
		failed=$((failed + 1))
		echo "failed: $target"
		grep -v '^#' "$folder/$target.log" | tail -n 60
	fi
done
[ $failed = 0 ]
