#!/bin/sh
# Do the manual pages read well? On a terminal of 80 columns no line is cut, and neither man
# nor mandoc has anything to say; nsrun.1 has an example for each group of options, and says
# where it comes from. From the repository's root: tests/manual/check_pages.sh
set -u
passed=0
failed=0
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM HUP

# In bytes a line would be longer: the quotes are of several each.
LC_ALL=C.UTF-8
MANWIDTH=80
export LC_ALL MANWIDTH

# good NAME: $directory/text is long enough to be the page, fits, and brought no complaint.
good() {
	if [ "$(wc -l <"$directory/text")" -lt 300 ] || [ -s "$directory/errors" ] ||
		grep -E '.{81}' "$directory/text"; then
		failed=$((failed + 1))
		echo "FAILED  $1"
		cat "$directory/errors"
	else
		passed=$((passed + 1))
	fi
}

for page in man/*; do
	man --warnings -l "$page" 2>"$directory/errors" | col -bx >"$directory/text"
	good "man $page"
	mandoc -T utf8 -O width=80 "$page" 2>"$directory/errors" | col -bx >"$directory/text"
	good "mandoc $page"
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

# Of the section HISTORY.
if awk '/^\.Sh / { history = $2 == "HISTORY" } history' man/nsrun.1 | grep -qx '\.Xr unshare 1'; then
	passed=$((passed + 1))
else
	echo 'FAILED  HISTORY does not name unshare(1)'
	failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 10 ]
