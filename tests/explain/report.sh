#!/bin/bash
# Does --report=json agree with what /proc shows from outside? Run as root.
set -u
nsrun=$(realpath "${NSRUN:-./nsrun}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/bin"
cp /bin/busybox "$work/root/bin/sleep"
passed=0
failed=0

# The report, the links of the program as the host sees them, and those of this shell.
check() {
	local name=$1 launcher pid problems=
	shift
	rm -f "$work/report"
	: >"$work/report"
	"$nsrun" --report=json --report-fd 3 "$@" sleep 20 3>"$work/report" </dev/null &
	launcher=$!
	for _ in $(seq 100); do
		jq -e . <"$work/report" >/dev/null 2>&1 && break
		sleep 0.05
	done
	pid=$(jq -r .pid.host <"$work/report")
	for _ in $(seq 100); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sleep ] && break
		sleep 0.05
	done
	for type in mnt uts ipc net pid user cgroup time pid_for_children time_for_children; do
		local before after reported_before reported_after new
		before=$(readlink "/proc/self/ns/$type")
		after=$(readlink "/proc/$pid/ns/$type")
		reported_before=$(jq -r ".namespaces.$type.before" <"$work/report")
		reported_after=$(jq -r ".namespaces.$type.after" <"$work/report")
		new=$(jq -r ".namespaces.$type.new" <"$work/report")
		[ "$before" = "$reported_before" ] || problems+=" $type.before"
		[ "$after" = "$reported_after" ] || problems+=" $type.after($after,$reported_after)"
		[ "$new" = "$([ "$reported_before" = "$reported_after" ] && echo false || echo true)" ] ||
			problems+=" $type.new"
	done
	local inside
	inside=$(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status")
	[ "$inside" = "$(jq -r .pid.inside <"$work/report")" ] || problems+=" pid.inside"
	# The outer ids of a map are those of the reader's namespace, here and there the host's.
	[ "$(awk '{ print "[" $1 "," $2 "," $3 "]" }' "/proc/$pid/uid_map" | paste -sd ,)" = \
		"$(jq -c '.uid_map[]' <"$work/report" | paste -sd ,)" ] || problems+=" uid_map"
	kill -KILL "$pid" "$launcher" 2>/dev/null
	wait "$launcher" 2>/dev/null
	if [ -z "$problems" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $name:$problems"
	fi
}

check 'nothing new'
check 'uts' -u
check 'pid alone' -p
check 'pid and fork' -p -f
check 'new proc' -p -f --mount-proc
check 'all' -a -f
check 'root without proc' -m --root "$work/root"
check 'root and fork' -p -f --root "$work/root"
check 'pivot' -p -f --pivot-root "$work/root"
check 'init' --init
check 'time' -T
check 'user' -r
check 'user and fork' -U -f --map-users 0:0:1000 --map-users 5000:5000:10
echo "$passed passed, $failed failed"
[ $failed = 0 ]
