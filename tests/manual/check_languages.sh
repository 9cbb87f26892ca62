#!/bin/sh
# Are the Chinese pages the English ones' sisters? The labs have the same commands and outputs, in
# the same order; each example of man/zh_CN/nsrun.1 is one of man/nsrun.1. So run_labs.sh and
# run_examples.sh run those of both. From the repository's root: tests/manual/check_languages.sh
set -u
. tests/harness/checks

# What is typed and what it prints, a display a line.
list_displays() {
	awk '/^\.Bd / { display = 1 } display { printf "%s\001", $0 } /^\.Ed/ { display = 0; print "" }' "$1"
}

count_sections() {
	grep -c '^\.S[hs] ' "$1"
}

for page in nsrun.1 nsrun-labs.7; do
	for language in man man/zh_CN; do
		list_displays $language/$page >"$work/displays"
		tr '\001' '\n' <"$work/displays" >"$work/$(basename $language)"
		check "$language/$page has displays" [ "$(wc -l <"$work/displays")" -ge 5 ]
	done
	if [ $page = nsrun-labs.7 ]; then
		check 'the same labs' diff "$work/man" "$work/zh_CN"
		check 'the same sections' [ "$(count_sections man/$page)" = "$(count_sections man/zh_CN/$page)" ]
	else
		list_displays man/$page | LC_ALL=C sort -u >"$work/english"
		list_displays man/zh_CN/$page | LC_ALL=C sort -u | LC_ALL=C comm -13 "$work/english" - |
			tr '\001' '\n' >"$work/strange"
		check "examples that are not in man/$page: $(cat "$work/strange")" [ ! -s "$work/strange" ]
	fi
done

finish
