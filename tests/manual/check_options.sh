#!/bin/sh
# Holds the manual to the program: man/nsrun.1 must have the options of nsrun --help=all, and its
# Chinese sister those of nsrun --help, with the same letters and the same kinds of argument. All
# pages name only options that exist, and pass the linter.
# From the repository's root: tests/manual/check_options.sh
#
# NSRUN  the binary (./nsrun)
set -u

pages='man/*.[0-9] man/zh_CN/*'
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
		-e 's/^\.It (Fl ([[:alnum:]]) , )?Fl (-[-[:alnum:]]+)( .*)?$/-\2 -\3 <\4>/p' "$1" |
		sed -e 's/<.* Op =.*/optional argument/' -e 's/< .*/argument/' -e 's/ <>$//' -e 's/^- //'
}

# All options that the pages name, by macros and in nsrun's own command lines within the text. Of
# letters that are bundled each counts.
list_named() {
	# shellcheck disable=SC2086 # it is a pattern
	cat $pages | awk '
		/^\.Ql nsrun / { for (i = 3; i <= NF && $i ~ /^-/; i++) print $i }
		/^\.([A-Z][a-z] )*/ { for (i = 1; i < NF; i++) if ($i == "Fl" || $i == ".Fl") print "-" $(i + 1) }' |
		sed -E -e 's/=.*//' -e '/^--$/d' -e '/\*$/d' | awk '
		/^--/ { print; next }
		{ for (i = 2; i <= length($0); i++) print "-" substr($0, i, 1) }' | LC_ALL=C sort -u
}

# What the linter finds but for what depends on the pages that this machine has.
lint() {
	# shellcheck disable=SC2086 # it is a pattern
	mandoc -T lint $pages 2>&1 |
		grep -v -e 'mandoc: outdated mandoc.db' -e 'STYLE: referenced manual not found'
}

# same PAGE HELP: has the page the options of nsrun's HELP?
same() {
	# In lines that are wide enough for an option and its argument.
	COLUMNS=200 "$nsrun" "$2" >"$directory/text" || fail "cannot run $nsrun $2"
	list_help <"$directory/text" | LC_ALL=C sort >"$directory/help"
	list_page "$1" | LC_ALL=C sort >"$directory/page"
	[ -s "$directory/help" ] || fail "no options in $nsrun $2"
	cmp -s "$directory/help" "$directory/page" && return
	LC_ALL=C comm -23 "$directory/help" "$directory/page" | sed "s|^|not in $1: |"
	LC_ALL=C comm -13 "$directory/help" "$directory/page" | sed "s|^|only in $1: |"
	return 1
}

[ -r man/nsrun.1 ] || fail "no man/nsrun.1: run it from the root of the repository"
directory=$(mktemp -d) || fail "cannot make a directory"
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM HUP

result=0
same man/zh_CN/nsrun.1 --help || result=1
same man/nsrun.1 --help=all || result=1
count=$(wc -l <"$directory/page")
list_named >"$directory/named"
[ -s "$directory/named" ] || fail "the pages name no options"
tr ' ' '\n' <"$directory/help" | grep '^-' | LC_ALL=C sort -u >"$directory/known"
if LC_ALL=C comm -23 "$directory/named" "$directory/known" | sed 's/^/no option: /' | grep .; then
	result=1
fi
if ! command -v mandoc >/dev/null; then
	echo "the pages cannot be checked: mandoc is not installed"
	result=1
elif lint; then
	result=1
fi
[ $result -eq 0 ] && echo "$count options agree, all pages are clean"
exit $result
