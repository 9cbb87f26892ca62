#!/bin/sh
# Holds the manual to the program: man/nsrun.1 must have the options of nsrun --help=all,
# with the same letters and the same kinds of argument, and all pages must pass the linter.
# From the repository's root: tests/manual/check_options.sh
#
# NSRUN  the binary (./nsrun)
set -u

page=man/nsrun.1
nsrun=${NSRUN:-./nsrun}

fail() {
	echo "check_options: $*" >&2
	exit 1
}

# Both lists have lines such as "--kill-child optional argument" and "-f --fork".

# Lines such as "  -m, --mount[=file]  mounts of its own".
list_help() {
	sed -n -E \
		-e 's/^ +((-[[:alnum:]]), )?(--[-[:alnum:]]+)(\[=[^]]*\]| [^ ]+)?( .*)?$/\2 \3 <\4>/p' |
		sed -e 's/<\[.*/optional argument/' -e 's/< .*/argument/' -e 's/ <>$//' -e 's/^ //'
}

# Lines such as ".It Fl m , Fl -mount Ns Op = Ns Ar file".
list_page() {
	sed -n -E \
		-e 's/^\.It (Fl ([[:alnum:]]) , )?Fl (-[-[:alnum:]]+)( .*)?$/-\2 -\3 <\4>/p' "$page" |
		sed -e 's/<.* Op =.*/optional argument/' -e 's/< .*/argument/' -e 's/ <>$//' -e 's/^- //'
}

# What the linter finds but for what depends on the pages that this machine has.
lint() {
	mandoc -T lint -W style man/* 2>&1 |
		grep -v -e 'mandoc: outdated mandoc.db' -e 'STYLE: referenced manual not found'
}

[ -r "$page" ] || fail "no $page: run it from the root of the repository"
directory=$(mktemp -d) || fail "cannot make a directory"
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM HUP

# In lines that are wide enough for an option and its argument.
COLUMNS=200 "$nsrun" --help=all >"$directory/text" || fail "cannot run $nsrun --help=all"
list_help <"$directory/text" | LC_ALL=C sort >"$directory/help"
list_page | LC_ALL=C sort >"$directory/page"
[ -s "$directory/help" ] || fail "no options in $nsrun --help=all"

result=0
if ! cmp -s "$directory/help" "$directory/page"; then
	LC_ALL=C comm -23 "$directory/help" "$directory/page" | sed 's/^/only in --help: /'
	LC_ALL=C comm -13 "$directory/help" "$directory/page" | sed 's/^/only in the manual: /'
	result=1
fi
if ! command -v mandoc >/dev/null; then
	echo "the pages cannot be checked: mandoc is not installed"
	result=1
elif lint; then
	result=1
fi
[ $result -eq 0 ] && echo "$(wc -l <"$directory/page") options agree, all pages are clean"
exit $result
