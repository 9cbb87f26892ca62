#!/bin/bash
# --explain has no effect on the system, and needs no privilege, even for what only root
# may do. Run as root, from the root of the repository.
set -u
. tests/harness/script
# Where nobody else changes the name or the network, which this /sys shows.
[ "${1:-}" = inside ] || exec unshare --uts --net "$0" inside
mount -t sysfs none /sys
work=$(mktemp -d)
passed=0
failed=0
trap 'rm -rf "$work"' EXIT
# Everybody may write there: what is not made was not tried.
mkdir -p "$work/place/pins" "$work/state" "$work/json"
count=0
# valgrind opens files, which are looked for here.
cp "${NSRUN_PLAIN:-${NSRUN:-./nsrun}}" "$work/nsrun"
chmod 755 "$work"
chmod 1777 "$work/place" "$work/place/pins"
place=$work/place

check() {
	if "${@:2}"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $1"
	fi
}

succeeded() { [ "$status" = 0 ]; }

# All that nsrun could change; of other processes only those that run from here.
state() {
	uname -n
	cat /proc/self/mountinfo
	readlink /proc/self/ns/*
	find "$work/place" -printf '%p %m %u %s %T@\n' | sort
	cat /proc/self/setgroups /proc/self/uid_map /proc/self/timens_offsets
	cat /sys/class/net/*/operstate
	ls /proc/sys/fs/binfmt_misc
	find /proc/[0-9]* -maxdepth 1 -name exe -lname "$work/*" 2>/dev/null
}

# Only root may do these as they stand, or without a user namespace.
requests() {
	cat <<-END
		-m
		-u --hostname changed
		-i -n --loopback
		-p -f --mount-proc
		-a -f
		-C -T --monotonic 5 --boottime 7
		--init --kill-child=TERM --forward-signals
		--mount-proc=$place --propagation shared
		--mount-binfmt=$place
		-l :nsrunx:M::nsrunx::/bin/true:
		-R $place -w /
		--pivot-root $place --mount-proc -p -f
		-r --setgroups deny
		-c --keep-caps
		--map-user 5 --map-group 6
		--map-users 0:0:100 --map-groups 0:0:100
		--map-users all --map-groups all
		--owner 1000:1000 -r
		-S 0 -G 0
		--clear-env -q
		--whitelist-env HOME
		--uts=$place/pins/uts --ipc=$place/pins/ipc --net=$place/pins/net
		--pid=$place/pins/pid --time=$place/pins/time --fork
		--cgroup=$place/pins/cgroup --user=$place/pins/user
		--report --report-fd 1
		--trace -m
	END
}

explain() {
	local who=$1 format=$2 options=$3 as=()
	[ "$who" = root ] || as=(setpriv --reuid "$who" --regid "$who" --clear-groups --)
	# shellcheck disable=SC2086 # the options are words
	"${as[@]}" timeout "$bound" "$work/nsrun" --explain="$format" $options \
		sh -c "touch $place/ran" </dev/null >"$work/state/output" 2>"$work/state/error"
	status=$?
}

says_something() { [ -s "$work/state/output" ]; }
is_silent() { [ ! -s "$work/state/error" ]; }
# Of all explanations, a line each.
are_json() {
	jq -e '.steps | length > 0' "$work"/json/* >"$work/state/output" 2>&1 &&
		! grep -vx true "$work/state/output" &&
		[ "$(wc -l <"$work/state/output")" = "$(find "$work/json" -type f | wc -l)" ]
}

state >"$work/state/before" 2>/dev/null
while read -r request; do
	for who in root "$user"; do
		explain "$who" text "$request"
		check "$who: --explain $request: exit status $status" succeeded
		check "$who: --explain $request: output" says_something
		check "$who: --explain $request: nothing on standard error" is_silent
		explain "$who" json "$request"
		check "$who: --explain=json $request: exit status $status" succeeded
		count=$((count + 1))
		cp "$work/state/output" "$work/json/$count"
	done
	state >"$work/state/after" 2>/dev/null
	check "--explain $request: no effect" diff "$work/state/before" "$work/state/after"
done < <(requests)
check "--explain=json: JSON, $count times" are_json
check "--explain=json: two times for each request" [ $count = $((2 * $(requests | wc -l))) ]

# That the comparison sees such effects: the same without --explain has some.
for effect in "touch $place/ran" "mount -t tmpfs none $place" "hostname changed" \
	"ip link set lo up" "cp /bin/sleep $work/sleep; $work/sleep 1000 >/dev/null &
		until [ /proc/\$!/exe -ef $work/sleep ]; do :; done"; do
	# shellcheck disable=SC2016 # the inner shell expands these
	seen=$(export work place && export -f state && unshare -u -m -n bash -c '
		mount -t sysfs none /sys
		bash -c state >"$work/state/first" 2>/dev/null
		'"$effect"'
		bash -c state >"$work/state/second" 2>/dev/null
		rm -f "$place/ran"
		cmp -s "$work/state/first" "$work/state/second" || echo seen')
	check "the comparison sees: $effect" [ "$seen" = seen ]
done

# Only the calls of start-up, reading and writing the explanation.
strace -f -qq -o "$work/state/strace" "$work/nsrun" --explain -a -f --init --mount-proc -r \
	--hostname other --loopback --uts="$place/pins/uts" true >/dev/null 2>&1
check 'strace sees --explain' [ -s "$work/state/strace" ]
calls=$(awk '{ sub(/\(.*/, "", $2); print $2 }' "$work/state/strace" |
	grep -Ex 'unshare|setns|clone3?|v?fork|(f|fd)?mount|umount2?|pivot_root|chroot|f?chdir|set.*id(32)?|setgroups(32)?|sethostname|mkdirat?|unlink(at)?|bind|socket|socketpair|kill|prctl|capset')
check "--explain makes no call that changes anything: $calls" [ -z "$calls" ]
# shellcheck disable=SC2016 # the inner shell expands this
check '--explain opens nothing for writing' \
	sh -c '! grep -E "open.*O_(WRONLY|RDWR|CREAT)" "$1"' sh "$work/state/strace"

# What cannot be said must be an error, or a truncated plan would pass for a whole one.
"$work/nsrun" --explain -m true >/dev/full 2>"$work/state/error"
check 'a full disk is an error' [ $? = 125 ]

# A place that cannot even be looked at, where an explanation has nothing noted beforehand.
COLUMNS=60000 "$work/nsrun" --explain --uts="$work/nsrun/pin" true >"$work/state/explained"
"$work/nsrun" -q --uts="$work/nsrun/pin" true 2>"$work/state/error"
call=$(sed -n 's/^nsrun: cannot \(.*\): Not a directory$/\1/p' "$work/state/error")
check 'a pin below a file fails' [ -n "$call" ]
check "and --explain tells that call: $call" grep -qF -e "$call" "$work/state/explained"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
