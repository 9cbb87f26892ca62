#!/bin/sh
# --explain does nothing, and needs no privilege even for what only root may do.
set -u
nsrun=${NSRUN:-./nsrun}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
chmod 755 "$directory"
cp "$nsrun" "$directory/nsrun"
failed=0
passed=0
state() {
	hostname
	cat /proc/self/mountinfo
	ls "$directory"
	readlink /proc/self/ns/*
}
state >"$directory/before" 2>&1
state >"$directory/before"
for who in 0 65534; do
	for options in '-a -f --init --mount-proc' "--uts=$directory/pin --hostname other" \
		'--owner 1000:1000 -r -S 5 -G 6 --keep-caps' '--pivot-root / --loopback' \
		'-T --monotonic 5' '-l :x:M::abc::/bin/true:' '--map-users 0:0:5 --report --trace'; do
		# shellcheck disable=SC2086 # the options are words
		if setpriv --reuid $who --regid $who --clear-groups -- "$directory/nsrun" --explain $options \
			touch "$directory/ran" >/dev/null; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "failed as $who: --explain $options"
		fi
	done
done
touch "$directory/after"
rm "$directory/after"
state >"$directory.after"
sed -i '/^after$/d' "$directory.after"
if ! cmp -s "$directory/before" "$directory.after"; then
	failed=$((failed + 1))
	diff "$directory/before" "$directory.after"
fi
rm -f "$directory.after"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
