#!/bin/sh
# Do the manual pages read well? At four widths no line is longer than the terminal and no word
# is broken, and neither man nor mandoc has anything to say, or hangs; nsrun.1 has an example for
# each group of options, and says where it comes from. From the repository's root:
# tests/manual/check_pages.sh
set -u
passed=0
failed=0
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM HUP

# In bytes a line would be longer: the quotes are of several each.
LC_ALL=C.UTF-8
export LC_ALL

# A hyphen of groff's own, at the end of a line.
hyphen=$(printf '\342\200\220')

# good NAME WIDTH: $directory/text is long enough to be the page, fits, and brought no complaint.
good() {
	if [ "$(wc -l <"$directory/text")" -lt 100 ] || [ -s "$directory/errors" ] ||
		[ "$(wc -L <"$directory/text")" -gt "$2" ] || grep "$hyphen\$" "$directory/text"; then
		failed=$((failed + 1))
		echo "FAILED  $1, $2 columns"
		cat "$directory/errors"
		grep -E ".{$(($2 + 1))}" "$directory/text"
	else
		passed=$((passed + 1))
	fi
}

# read_page WIDTH
read_page() {
	MANWIDTH=$1 timeout 60 man --warnings -l "$page" 2>"$directory/errors" | col -bx >"$directory/text"
	good "man $page" "$1"
	timeout 60 mandoc -T utf8 -O width="$1" "$page" 2>"$directory/errors" | col -bx >"$directory/text"
	good "mandoc $page" "$1"
}

for page in man/*.[0-9] man/zh_CN/*; do
	for width in 40 60 80 120; do
		read_page $width
	done
done

# Lines such as "ok Process": a group of options that has examples.
awk '
/^\.Sh /                            { section = $2; group = ""; next }
section !~ /^(OPTIONS|EXAMPLES)$/   { next }
/^\.Ss /                            { group = substr($0, 5); next }
section == "OPTIONS" && /^\.It Fl / { count[group]++ }
section == "EXAMPLES" && /^[#$] /   { examples[group]++ }
END {
	for (group in count)
		print (examples[group] > 0 ? "ok" : "no example:"), group
}' man/nsrun.1 >"$directory/groups"
[ "$(wc -l <"$directory/groups")" -ge 6 ] || { echo "FAILED  too few groups"; failed=$((failed + 1)); }
if grep -v '^ok ' "$directory/groups"; then
	failed=$((failed + 1))
else
	passed=$((passed + $(wc -l <"$directory/groups")))
fi

# A release: all pages have its date, and the latest news its version and date.
version=$("${NSRUN:-./nsrun}" --version)
date=$(sed -n 's/^\.Dd //p' man/*.[0-9] man/zh_CN/* | sort -u)
if [ "$(sed -n 's/^### //p' README.md | head -n 1)" = "${version#nsrun }, $date" ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAILED  the news do not begin with ${version#nsrun }, $date"
fi

# Of the section HISTORY.
if awk '/^\.Sh / { history = $2 == "HISTORY" } history' man/nsrun.1 | grep -qx '\.Xr unshare 1'; then
	passed=$((passed + 1))
else
	echo 'FAILED  HISTORY does not name unshare(1)'
	failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 10 ]
