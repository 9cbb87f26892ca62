#!/bin/bash
# Does --explain tell the truth? For each option set, the calls that it lists are, actor by
# actor and in order, those that strace sees between nsrun's start and the program's exec;
# and --trace prints the same. Compared are each call's name and the strings in it. Left
# out are libc's start-up, memory, descriptor housekeeping and signal masks. Run as root.
set -u
nsrun=${NSRUN:-./nsrun}
user=${NSRUN_TEST_USER:-nsrun-test}
work=$(mktemp -d)
clear_pins() {
	for pin in "$work"/pins/*; do
		while umount "$pin" 2>/dev/null; do :; done
		rm -f "$pin"
	done
}
trap 'clear_pins; rm -rf "$work"' EXIT
made_user=
id "$user" >/dev/null 2>&1 || { useradd -m "$user" && made_user=1; }
chmod 755 "$work"
mkdir -p "$work/root/bin" "$work/root/proc" "$work/pins"
cp "$nsrun" "$work/nsrun"
cp /bin/busybox "$work/root/bin/true"
passed=0
failed=0

# "name string string …" of each call, whatever the libc or the architecture names it.
simplify() {
	sed -E -e 's/^([a-z]+ )?(vfork|fork|clone3?)\(.*/\1fork/' \
		-e 's/^([a-z]+ )?openat\(/\1open(/' -e 's/^([a-z]+ )?lstat\(/\1stat(/' \
		-e 's#/proc/self/fd/[0-9]+#/proc/self/fd/PLACE#' -e 's/^([a-z]+ )?waitpid\(/\1wait4(/' \
		-e 's/^([a-z]+ )?sendto\(/\1send(/' -e 's/^([a-z]+ )?recvfrom\(/\1recv(/' \
		-e 's/^([a-z]+ )?rt_sigaction\(/\1sigaction(/' -e 's/^([a-z]+ )?signalfd4?\(/\1signalfd(/' \
		-e 's/^([a-z]+ )?(setuid|setgid|setgroups)32\(/\1\2(/' -e 's/^([a-z]+ )?umount2?\(/\1umount2(/' \
		-e 's/^([a-z]+ )?recv\(.*/\1recv/' -e 's/^([a-z]+ )?read(link)?at?\(.*/\1read\2/' \
		-e 's/^([a-z]+ )?(cap[sg]et|getdents64|sethostname|poll|ioctl|pidfd_open|prctl)\(.*/\1\2/' |
		awk '{
			line = $0; actor = $1; rest = substr(line, length(actor) + 2)
			name = rest; sub(/\(.*/, "", name)
			if (name ~ /^(sigprocmask|rt_sigprocmask|signalfd)$/) next
			strings = ""
			# The path that execve finds in PATH differs from the name it looked for.
			if (name == "execve") sub(/"[^"]*"/, "", rest)
			while (match(rest, /"([^"\\]|\\.)*"/)) {
				strings = strings " " substr(rest, RSTART, RLENGTH)
				rest = substr(rest, RSTART + RLENGTH)
			}
			gsub(/LAUNCHER|\/proc\/[0-9]+\//, "/PID/", strings)
			gsub(/\/proc\/\/PID\/\//, "/PID/", strings)
			if (name == "execve") sub(/"newuidmap" "[^"]*"/, "newuidmap", strings)
			if (name == "execve") sub(/"newgidmap" "[^"]*"/, "newgidmap", strings)
			if (name != "prctl" || last != actor name) print actor, name strings
			last = actor name
		}' |
		# The two run at the same time, each as an actor of its own.
		sed -E 's/^helper execve *(new[ug]idmap)/\1 execve/'
}

# The last word of an execve by the helper's children is theirs, not nsrun's: each process
# is followed only until it becomes another program.
by_actor() {
	awk -v init="$1" -v helper="$2" '
		function add(pid, text) { calls[pid] = calls[pid] text "\n" }
		{
			pid = $1; call = substr($0, length($1) + 2); sub(/^ +/, "", call)
			if (NR == 1) actor[pid] = "launcher"
			# An init sees the pids of its own namespace, not the ones seen here.
			if (!(pid in actor) && init) actor[pid] = "program"
			if (call ~ /^(\+\+\+|---)/) next
			if (call ~ /^<\.\.\. .* resumed>/) {
				sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", call); call = open[pid] call; delete open[pid]
			} else if (call ~ /<unfinished \.\.\.>$/) {
				sub(/ *<unfinished \.\.\.>$/, "", call); open[pid] = call
				next
			}
			if (gone[pid]) next
			name = call; sub(/\(.*/, "", name)
			if (name == "execve") {
				if (started[pid]++ == 0 && actor[pid] == "launcher") next
				if (call !~ /= 0$/) next
				gone[pid] = 1
			}
			if (name ~ /^(vfork|fork|clone3?)$/ && call ~ /= [0-9]+$/) {
				child = call; sub(/.*= /, "", child)
				if (actor[pid] == "launcher") actor[child] = helper && !helped++ ? "helper" : "child"
				else if (actor[pid] == "child" && init) actor[child] = "program"
				else if (actor[pid] == "helper") actor[child] = "mapper"
			}
			if (name ~ /^(brk|mmap|munmap|mprotect|arch_prctl|set_tid_address|set_robust_list|rseq|prlimit64|getrandom|close|fcntl|pipe2?|dup2?|exit_group|exit|read|kill|readlink|uname|futex|geteuid|getegid|fstat|access|pread64|lseek|gettid|rt_sigtimedwait)$/) next
			# The dynamic loader looks for libraries; glibc has stat as a form of fstatat.
			if (name ~ /^open/ && call ~ /"[^"]*(\/ld\.so|\.so\.)[^"]*"/) next
			if (name == "newfstatat" && call ~ /""/) next
			sub(/^newfstatat\(/, "stat(", call)
			# Only messages depend on what standard error is; an init reaps when all runs.
			if (call ~ /^ioctl\(2, (TCGETS|TIOCGWINSZ)|^wait4\(-1|^write\(2,/ || init && name == "poll") next
			order[++count] = pid "\t" call
		}
		END {
			for (i = 1; i <= count; i++) {
				split(order[i], part, "\t")
				who = actor[part[1]]
				if (who == "mapper" && part[2] !~ /^execve/) continue
				if (who == "mapper") who = "helper"
				if (who != "") print who, part[2]
			}
		}'
}

# The same, of what is told: the report is a message, and an init polls when all runs.
leave_out() {
	local poll=
	[ "$1" = 0 ] || poll='|poll\('
	grep -Ev "^[a-z]+ (getpid\\(|read\\(|uname\\(|write\\(2,$poll)"
}

# Each actor has an order of its own; between actors it is the kernel that decides.
sort_by_actor() { LC_ALL=C sort -s -k1,1; }

compare() {
	local who=$1
	shift
	local run=("$work/nsrun" "$@" /bin/true) as=() init=0 helper=0
	[ "$who" = root ] || as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
	"${as[@]}" "$work/nsrun" --explain=json "$@" /bin/true </dev/null >"$work/json" 2>"$work/error" ||
		{ failed=$((failed + 1)) && echo "failed: explain $*: $(cat "$work/error")"; return; }
	grep -q '"be init"' "$work/json" && init=1
	grep -q '"start helper"' "$work/json" && helper=1
	jq -r '.steps[] | .actor as $actor | .calls[] | "\($actor) \(.)"' <"$work/json" |
		leave_out $init | simplify | sort_by_actor >"$work/told"
	clear_pins
	strace -f -qq -s 8192 -o "$work/strace" ${as:+-u "$user"} -- "${run[@]}" </dev/null >"$work/out" 2>&1
	local status=$?
	clear_pins
	"${as[@]}" "$work/nsrun" --trace "$@" /bin/true </dev/null 2>&1 >/dev/null |
		sed -nE -e 's/ = [^=]*$//' -e 's/^(launcher|helper|child|program): /\1 /p' |
		leave_out $init | simplify | sort_by_actor >"$work/traced"
	by_actor $init $helper <"$work/strace" | grep -Ev '^[a-z]+ getpid\(' | simplify | sort_by_actor >"$work/seen"
	if [ $status != 0 ] || ! diff "$work/told" "$work/seen" >"$work/difference" ||
		! diff "$work/told" "$work/traced" >"$work/difference"; then
		failed=$((failed + 1))
		echo "failed ($who, status $status): nsrun $*"
		head -20 "$work/difference" "$work/out"
	else
		passed=$((passed + 1))
	fi
	clear_pins
}

. tests/explain/sets
[ -z "$made_user" ] || userdel -r "$user" 2>/dev/null
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -ge 40 ]
