#!/bin/bash
# Does --report agree with what /proc shows from outside? The program sleeps meanwhile, and
# is found by the pid that the report says it has on the host. Run as root, from the root
# of the repository.
set -u
nsrun=${NSRUN:-./nsrun}
. tests/harness/script
types='mnt uts ipc net pid user cgroup time pid_for_children time_for_children'
work=$(mktemp -d)
passed=0
failed=0
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$nsrun" "$work/nsrun"
# A root with no /proc at all, and one with a place for it.
mkdir -p "$work/bare/bin" "$work/root/bin" "$work/root/proc"
cp /bin/busybox "$work/bare/bin/sleep"
cp /bin/busybox "$work/root/bin/sleep"

in_order() {
	tr ' ' '\n' <<<"$1" | LC_ALL=C sort | paste -sd ' '
}

say_failed() {
	failed=$((failed + 1))
	echo "failed: $1"
}

equal() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		say_failed "$1: the report has '$2', /proc has '$3'"
	fi
}

# Lines such as "uid_map=[0,0,1]", of all that the report has, and "mnt|before|after|new".
read_report() {
	jq -cr '"host=\(.pid.host)", "inside=\(.pid.inside)", "uid=\(.uid)", "gid=\(.gid)",
		"uid_map=\(.uid_map)", "gid_map=\(.gid_map)",
		"types=\(.namespaces | keys | sort | join(" "))",
		(.namespaces | to_entries[] | "\(.key)|\(.value.before)|\(.value.after)|\(.value.new)")' \
		<"$work/report" >"$work/fields"
}

of_report() { sed -n "s/^$1=//p" "$work/fields"; }

# Lines such as "uts|uts:[4026531838]".
identifiers() {
	find "/proc/$1/ns" -type l -printf '%f|%l\n' 2>/dev/null | LC_ALL=C sort -t '|' -k 1,1
}

map_of() { awk '{ printf("%s[%s,%s,%s]", (NR > 1 ? "," : ""), $1, $2, $3) }' "$1"; }

# launch root|user option ...: the report is written before the program is executed, and a
# program that has its own name has been.
launch() {
	local as=()
	[ "$1" = root ] || as=(setpriv --reuid "$1" --regid "$1" --init-groups --)
	shift
	: >"$work/report"
	chmod 666 "$work/report"
	"${as[@]}" "$work/nsrun" "$@" sleep infinity 3>"$work/report" </dev/null 2>"$work/error" &
	launcher=$!
	program=
	while [ -z "$program" ] && kill -0 "$launcher" 2>/dev/null; do
		program=$(sleeper "$launcher")
	done
	[ "$program" ]
}

# The one descendant of the process, or it itself, that sleeps.
sleeper() {
	local pid=$1 children=()
	if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sleep ] &&
		grep -q '^State:.S' "/proc/$pid/status"; then
		echo "$pid"
		return
	fi
	read -ra children 2>/dev/null <"/proc/$1/task/$1/children"
	for pid in "${children[@]}"; do
		sleeper "$pid"
	done
}

stop() {
	kill -KILL "${program:-$launcher}" "$launcher" 2>/dev/null
	wait "$launcher" 2>/dev/null
}

# check name new-types root|user option ...
check() {
	local name=$1 expected=$2 type before after is now earlier new=
	shift 2
	if ! launch "$1" --report=json --report-fd 3 "${@:2}"; then
		say_failed "$name: no program: $(cat "$work/error")"
		stop
		return
	fi
	if ! read_report 2>"$work/error"; then
		say_failed "$name: JSON: $(cat "$work/error")"
		stop
		return
	fi
	equal "$name: pid.host" "$(of_report host)" "$program"
	equal "$name: pid.inside" "$(of_report inside)" "$(awk '/^NSpid:/ { print $NF }' "/proc/$program/status")"
	while IFS='|' read -r type earlier now; do
		IFS='|' read -r _ before after is < <(grep "^$type|" "$work/fields")
		equal "$name: $type.before" "$before" "$earlier"
		equal "$name: $type.after" "$after" "$now"
		equal "$name: $type.new" "$is" "$([ "$earlier" = "$now" ] && echo false || echo true)"
		[ "$is" = false ] || new+=" $type"
	done < <(LC_ALL=C join -t '|' <(identifiers self) <(identifiers "$program"))
	equal "$name: no other namespaces" "$(of_report types)" "$(in_order "$types")"
	# Were all that is asked for to stay old, report and /proc would agree as well.
	equal "$name: new are" "${new# }" "$(in_order "$expected")"
	equal "$name: uid_map" "$(of_report uid_map)" "[$(map_of "/proc/$program/uid_map")]"
	equal "$name: gid_map" "$(of_report gid_map)" "[$(map_of "/proc/$program/gid_map")]"
	equal "$name: uid" "$(of_report uid)" "$(id_inside uid)"
	equal "$name: gid" "$(of_report gid)" "$(id_inside gid)"
	stop
}

# What the program calls its id: the host's, through its map, or the overflow id.
id_inside() {
	local outer
	outer=$(awk -v name="${1^}:" '$1 == name { print $3 }' "/proc/$program/status")
	awk -v outer="$outer" -v overflow="$(cat "/proc/sys/kernel/overflow$1")" '
		outer >= $2 && outer < $2 + $3 { found = 1; print $1 + outer - $2 }
		END { if (!found) print overflow }' "/proc/$program/$1_map"
}

check 'nothing new' '' root
check 'nothing new, fork' '' root -f
check '-u -i -n -C' 'uts ipc net cgroup' root -u -i -n -C
check '-p alone' 'pid_for_children' root -p
check '-p -f' 'pid pid_for_children' root -p -f
check '--mount-proc' 'mnt' root --mount-proc
check '-p -f --mount-proc' 'mnt pid pid_for_children' root -p -f --mount-proc
check '--root' 'mnt' root -m --root "$work/root"
check '--root without /proc' 'mnt' root -m --root "$work/bare"
check '--root without /proc, fork' 'mnt pid pid_for_children' root -m -p -f --root "$work/bare"
check '--root without mounts of its own' '' root --root "$work/bare"
check '--root --mount-proc' 'mnt pid pid_for_children' root -p -f --root "$work/root" --mount-proc
check '--pivot-root' 'mnt pid pid_for_children' root -p -f --pivot-root "$work/bare"
check '--init' 'pid pid_for_children' root --init
check '--init --mount-proc' 'mnt pid pid_for_children' root --init --mount-proc
check '-T' 'time time_for_children' root -T
check '-T -f' 'time time_for_children' root -T -f
check '-T --init' 'pid time pid_for_children time_for_children' root -T --init
check '-U' 'user' root -U
check '-r' 'user' root -r
check '--map-user' 'user' root --map-user 7 --map-group 8
check 'ranges' 'user' root --map-users 0:0:1000 --map-users 5000:5000:10 --map-groups 0:0:2000
mapfile -t many < <(seq 0 299 | awk '{ print "--map-users"; print $1 * 2 ":" 1000 + $1 * 3 ":1" }')
check 'ranges on several pages' 'user' root "${many[@]}" --map-users 1:1:1
check '-S -G' '' root -S 1000 -G 1001
check 'a user: -r' 'user' "$user" -r
check 'a user: -c' 'user' "$user" -c
check 'a user: --map-auto' 'user' "$user" --map-auto
check 'a user: --map-auto --init' 'mnt pid user pid_for_children' "$user" --map-auto -r --init --mount-proc
check 'a user: -a -f' "mnt uts ipc net pid user cgroup time pid_for_children time_for_children" "$user" -r -a -f

# Where the report goes.
goes() {
	if "${@:2}"; then
		passed=$((passed + 1))
	else
		say_failed "$1"
	fi
}
"$nsrun" --report=json true >"$work/out" 2>"$work/error" </dev/null
goes 'to standard error' jq -e .pid "$work/error" >"$work/parsed"
goes 'nothing to standard output' [ ! -s "$work/out" ]
"$nsrun" --report=json --report-fd 1 true >"$work/out" 2>"$work/error" </dev/null
goes '--report-fd 1' jq -e .pid "$work/out" >"$work/parsed"
goes '--report-fd 1: nothing to standard error' [ ! -s "$work/error" ]
"$nsrun" --report --report-fd 9 -f true 9>"$work/nine" 2>"$work/error" </dev/null
goes '--report-fd 9' grep -q '^NAMESPACE' "$work/nine"
goes '--report-fd 9: nothing to standard error' [ ! -s "$work/error" ]
"$nsrun" --report-fd 9 true 9>"$work/nine" 2>"$work/error" </dev/null
goes '--report-fd alone asks for a report' grep -q '^NAMESPACE' "$work/nine"
"$nsrun" --report-fd 9 touch "$work/ran" 9>&- 2>"$work/error" </dev/null
goes '--report-fd that is closed: 125' [ $? = 125 ]
goes '--report-fd that is closed: the program does not run' [ ! -e "$work/ran" ]
goes '--report-fd that is closed: an error' grep -q '^nsrun: ' "$work/error"
# The report comes before the program's first word.
"$nsrun" --report=json -p -f sh -c 'echo program >&2' 2>"$work/error" </dev/null
goes 'before the program' [ "$(tail -n 1 "$work/error")" = program ]
# shellcheck disable=SC2016 # the program expands it
"$nsrun" --report=json --report-fd 3 -f sh -c 'ls /proc/self/fd | wc -l' 3>"$work/report" >"$work/out" </dev/null
sh -c 'ls /proc/self/fd | wc -l' 3>"$work/report2" >"$work/out2" </dev/null
goes 'no descriptor more' cmp -s "$work/out" "$work/out2"

# The text form: every type once, with the same identifiers, and what is new.
check_text() {
	local type line is
	launch root --report=text --report-fd 3 -u -p -f -r || say_failed 'text: no program'
	for type in $types; do
		is=shared
		case $type in uts | pid | user | pid_for_children) is=new ;; esac
		line=$(awk -v type="$type" '$1 == type && NF == 4 { print $2, $3, $4 }' "$work/report")
		equal "text: $type" "$line" "$(readlink "/proc/self/ns/$type") $(readlink "/proc/$program/ns/$type") $is"
	done
	equal 'text: pid' "$(grep '^pid  .*host' "$work/report")" "pid  $program on the host, 1 inside"
	equal 'text: uid' "$(grep '^uid  ' "$work/report")" 'uid  0 inside, 0 on the host (map 0 0 1)'
	equal 'text: gid' "$(grep '^gid  ' "$work/report")" 'gid  0 inside, 0 on the host (map 0 0 1)'
	stop
}
check_text
# One that only comes to be with the first child, except on the newest kernels.
later='\(none yet\)'
unshare --pid readlink -q /proc/self/ns/pid_for_children >/dev/null && later='pid:\[[0-9]+\]'
"$nsrun" --report=text --report-fd 9 -p true 9>"$work/nine" 2>"$work/error" </dev/null
goes 'text: none yet' grep -qE "^pid_for_children +pid:\[[0-9]+\] +$later +new\$" "$work/nine"

# check_ids ID OTHERS WHO OPTION ...: the end of the line on uid, and of that on gid.
check_ids() {
	local uid=$1 gid=$2
	shift 2
	launch "$1" --report --report-fd 3 "${@:2}" || say_failed "$*: no program"
	equal "$*: uid" "$(grep '^uid  ' "$work/report")" "uid  $uid"
	equal "$*: gid" "$(grep '^gid  ' "$work/report")" "gid  $gid"
	stop
}
unmapped='65534 inside, not mapped (no map: every id shows as the overflow id)'
check_ids '0 inside, 1000 on the host (map 0 1000 1)' '0 inside, 1000 on the host (map 0 1000 1)' "$user" -r
check_ids '1000 inside, 1000 on the host (map 1000 1000 1)' "$unmapped" "$user" --map-user 1000
check_ids "$unmapped" "$unmapped" "$user" -U
check_ids '5 inside, 0 on the host (map 0 100 2, 4 4294967290 1, 5 0 10)' '65534 inside, not mapped (map 7 7 1)' \
	root --map-users 0:100:2 --map-users 4:4294967290:1 --map-users 5:0:10 --map-groups 7:7:1
check_ids '7 inside, 7 on the host (map 0 0 4294967295)' '0 inside, 0 on the host (map 0 0 4294967295)' root -S 7

echo "$passed passed, $failed failed"
[ $failed = 0 ]
