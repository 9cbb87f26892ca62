#!/bin/bash
# Puts small faults into src, one at a time, and sees whether a test notices each.
#
#     tests/tools/mutants/run.sh [COUNT [SEED]]
#
# COUNT places are drawn at random (100), the same ones for the same SEED and source. Prints
# those faults that no test noticed, and the score, which must be 90 % or more. Works on a copy
# below build/mutants, which also keeps what was found out: when it is started again, only faults
# that were not tried yet, or went unnoticed, are tried, and those in a file that has changed.
set -eu
count=${1:-100}
seed=${2:-1}
work=$PWD/build/mutants
tree=$work/tree
log=$work/log
original=$work/original
# Lines of: noticed or refused, and the place, with a tab between them.
found=$work/found
# Lines of: the test, its seconds, how many faults it has noticed.
tests=$work/tests
# For all tests; more than that is a program that hangs.
seconds=1800

# The lines in an order that depends on the seed alone, and stays when there are others.
shuffle() {
	sort --random-sort --random-source=<(yes "$seed")
}

copy_tree() {
	rm -rf "$tree"
	mkdir -p "$tree"
	git ls-files -co --exclude-standard | tar -c --files-from=- | tar -x -C "$tree"
}

build() {
	make -s -C "$tree" programs >"$log" 2>&1
}

# Whether one of these tests fails, of which $noticed_by is the first.
is_noticed() {
	local status=0
	# A processor's time that none of them needs ends what never ends by itself; and tests that
	# still run when one has failed end with the first process.
	(ulimit -t 100 && cd "$tree" && TIMES=1 FIRST_FAILURE=1 timeout -k 5 "$seconds" \
		unshare --pid --fork --kill-child --mount-proc tests/run.sh "$@") \
		>"$log" 2>&1 || status=$?
	noticed_by=$(sed -n 's/^failed: \([^ ]*\).*/\1/; t found; b; :found; p; q' "$log")
	[ "$status" != 0 ]
}

# Without any fault none fails. Says how long each takes.
list_tests() {
	local begin=$SECONDS list
	mapfile -t list < <(make -s -C "$tree" list-tests)
	! is_noticed "${list[@]}" ||
		{ echo "without any fault, $noticed_by fails:"; cat "$log"; exit 1; }
	sed -n 's/^ *\([0-9.]*\) s  \(.*\)/\2 \1 0/p' "$log" >"$tests"
	seconds=$((4 * (SECONDS - begin) + 60))
}

# First those that notice most in the least time.
in_order() {
	awk '{ print ($3 + 0.2) / ($2 + 0.05) "\t" $1 }' "$tests" | sort -rg | cut -f 2
}

credit() {
	awk -v test="$1" '{ $3 += $1 == test; print }' "$tests" >"$tests.new"
	mv "$tests.new" "$tests"
}

put_fault() {
	cp -p "$tree/$1" "$original"
	FAULT=$3 awk -v line="$2" 'NR == line { $0 = ENVIRON["FAULT"] } { print }' "$original" >"$tree/$1"
}

# What became of the fault: noticed, unnoticed, or refused by the compiler, which no test need
# notice then.
try_fault() {
	local order
	mapfile -t order < <(in_order)
	put_fault "$@"
	if ! build; then
		result=refused
	elif is_noticed "${order[@]}"; then
		result=noticed
		credit "$noticed_by"
	else
		result=unnoticed
	fi
	cp -p "$original" "$tree/$1"
	touch "$tree/$1"
}

copy_tree
build || { cat "$log"; exit 1; }
list_tests
touch "$found"

drawn=0
noticed=0
while IFS=$'\t' read -r file line kind fault && [ "$drawn" -lt "$count" ]; do
	place="$(cksum <"$tree/$file") $file:$line:$kind:$fault"
	result=$(PLACE=$place awk -F '\t' '$2 == ENVIRON["PLACE"] { print $1 }' "$found")
	if [ -z "$result" ]; then
		try_fault "$file" "$line" "$fault"
		[ "$result" = unnoticed ] || printf '%s\t%s\n' "$result" "$place" >>"$found"
	fi
	case $result in
	noticed) noticed=$((noticed + 1)) ;;
	unnoticed)
		echo "$file:$line: $kind: unnoticed"
		sed -n "${line}s/^[ 	]*/    is:     /p" "$tree/$file"
		printf '%s\n' "$fault" | sed 's/^[ 	]*/    unseen: /'
		;;
	esac
	[ "$result" = refused ] || drawn=$((drawn + 1))
done < <(cd "$tree" && awk -f tests/tools/mutants/places.awk src/*/*.c | shuffle)

echo "$noticed of $drawn faults noticed ($((100 * noticed / drawn)) %)"
[ $((10 * noticed)) -ge $((9 * drawn)) ]
