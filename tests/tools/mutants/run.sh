#!/bin/bash
# Puts small faults into src, one at a time, and sees whether a test program notices each.
#
#     tests/tools/mutants/run.sh [COUNT [SEED]]
#
# COUNT places are drawn at random (100), the same ones for the same SEED and source. Prints
# those faults that no program noticed, and the score, which must be 90 % or more. Works on
# a copy below build/mutants. The programs that noticed most faults so far go first.
set -eu
count=${1:-100}
seed=${2:-1}
top=$PWD
tree=$top/build/mutants/tree
programs=$top/build/mutants/programs

# The lines in an order that depends on the seed alone.
shuffle() {
	awk -v seed="$seed" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' | sort | cut -f 2-
}

copy_tree() {
	rm -rf "$tree"
	mkdir -p "$tree"
	git ls-files -co --exclude-standard | tar -c --files-from=- | tar -x -C "$tree"
}

# Each line: how many faults the program has noticed, and its name.
list_programs() {
	make -s -C "$tree" list-programs | sed 's/^/0 /' >"$programs"
}

build() {
	make -s -C "$tree" programs >"$tree.log" 2>&1
}

credit() {
	awk -v name="$1" '{ $1 += $2 == name; print }' "$programs" | sort -rn -o "$programs.new"
	mv "$programs.new" "$programs"
}

# Whether a program fails, of which $noticed_by is one. They run eight at a time.
is_noticed() {
	local batch
	while read -ra batch; do
		if ! (cd "$tree" && timeout -k 5 900 tests/run.sh "${batch[@]}") >"$tree.log" 2>&1; then
			noticed_by=$(sed -n 's/^failed: //; t found; b; :found; s/(.*//; p; q' "$tree.log")
			return 0
		fi
	done < <(cut -d ' ' -f 2 "$programs" | xargs -n 8)
	return 1
}

put_fault() {
	FAULT=$3 awk -v line="$2" 'NR == line { $0 = ENVIRON["FAULT"] } { print }' "$top/$1" >"$tree/$1"
}

copy_tree
build || { cat "$tree.log"; exit 1; }
list_programs
! is_noticed || { echo "without any fault, $noticed_by fails:"; cat "$tree.log"; exit 1; }

drawn=0
noticed=0
while IFS=$'\t' read -r file line kind fault && [ "$drawn" -lt "$count" ]; do
	put_fault "$file" "$line" "$fault"
	# What the compiler notices is no fault that a test could.
	if build; then
		drawn=$((drawn + 1))
		if is_noticed; then
			noticed=$((noticed + 1))
			credit "$noticed_by"
		else
			echo "$file:$line: $kind: unnoticed"
			sed -n "${line}s/^[ 	]*/    is:     /p" "$top/$file"
			printf '%s\n' "$fault" | sed 's/^[ 	]*/    unseen: /'
		fi
	fi
	cp -p "$top/$file" "$tree/$file"
	touch "$tree/$file"
done < <(awk -f tests/tools/mutants/places.awk src/*/*.c | shuffle)

echo "$noticed of $drawn faults noticed ($((100 * noticed / drawn)) %)"
[ $((10 * noticed)) -ge $((9 * drawn)) ]
