#!/bin/bash
# What README.md promises, row by row of its table, as root and as the ordinary user, and the
# first experiments that people do with namespaces. For any kernel; as root, from the
# repository's root, after make: tests/kernels/features.sh
set -u
. tests/harness/script
. tests/harness/one_processor
umask 022
passed=0
failed=0
work=$(mktemp -d)

clean_up() {
	umount -R -l "$work/root" 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# A pin needs a mount that is not shared.
make_place() {
	chmod 755 "$work"
	mkdir "$work/bin" "$work/root" "$work/user"
	install -m 755 "${NSRUN:-./nsrun}" "$work/bin/nsrun"
	install -m 755 ./getpid "$work/bin/getpid"
	mount -t tmpfs -o mode=755 tmpfs "$work/root" && mount --make-private "$work/root"
	for who in root user; do
		mkdir -p "$work/$who/box/bin" "$work/$who/box/proc"
		cp /bin/busybox "$work/$who/box/bin"
		cp /bin/busybox "$work/$who/box/bin/sh"
	done
	chown -R "$user:" "$work/user"
}

# perform root|user COMMAND
perform() {
	local as=()
	[ "$1" = root ] || as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
	(cd "$work/$1" && timeout "$bound" "${as[@]}" env -i LC_ALL=C TERM=dumb OUTSIDE="$(readlink /proc/self/ns/"${3:-uts}")" \
		PATH="$work/bin:/usr/sbin:/usr/bin:/sbin:/bin" sh -c "$2" </dev/null 2>&1)
}

# is root|user OUTPUT COMMAND: what it prints, as a pattern of the shell; and it succeeds.
is() {
	local output status
	output=$(perform "$1" "$3" "${4:-}")
	status=$?
	# shellcheck disable=SC2053 # it is a pattern
	if [ $status = 0 ] && [[ $output == $2 ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED  %s: %s\n    ended with %s and printed: %s\n    not: %s\n' \
			"$1" "$3" "$status" "$output" "$2"
	fi
}

# both OUTPUT COMMAND: the user is root of a user namespace for it, by -r. NSRUN stands for that.
both() {
	is root "$1" "${2//NSRUN/nsrun}" "${3:-}"
	is user "$1" "${2//NSRUN/nsrun -r}" "${3:-}"
}

# --- the table of README.md ------------------------------------------------------------

# Each alone, and its link is another one than outside.
check_types() {
	local option type
	while read -r option type fork; do
		both new "NSRUN --$option $fork sh -c 'test \$(readlink /proc/self/ns/$type) != \$OUTSIDE && echo new'" "$type"
	done <<-END
		mount mnt
		uts uts
		ipc ipc
		net net
		cgroup cgroup
		pid pid --fork
		time time
		time time --fork
	END
	both new 'NSRUN --user sh -c "test \$(readlink /proc/self/ns/user) != \$OUTSIDE && echo new"' user
	both '8' 'NSRUN --report --all -U --fork true 2>&1 | awk "\$4 == \"new\" && \$1 !~ /for/" | wc -l'
	both $'pid:1' 'NSRUN -a -U --fork getpid'
}

check_proc() {
	both $'*PID*1 ps -eo pid,args' 'NSRUN -p -f --mount-proc ps -eo pid,args'
	both $'1' 'NSRUN -p -f --mount-proc sh -c "cd /proc && echo [0-9]*"'
	both 'here' 'mkdir -p other; NSRUN -p -f --mount-proc=other sh -c "test -e other/1/status && echo here"'
}

check_ranges() {
	is root '0 100000 65536' "nsrun --map-users 0:100000:65536 --map-groups 0:100000:65536 cat /proc/self/uid_map | xargs"
	is user '0 1000 1 1 100000 65536' 'nsrun --map-auto -r cat /proc/self/uid_map | xargs'
	is user '0 1000 1 1 100000 65536' 'nsrun --map-auto -r cat /proc/self/gid_map | xargs'
	both '100000 100000 65536' 'nsrun --map-users 100000:100000:65536 cat /proc/self/uid_map | xargs'
	is user '100000 100000 65536' 'nsrun --map-subids cat /proc/self/uid_map | xargs'
	is root 12 'set --; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do set -- "$@" --map-users $i:$((i * 1000)):1; done
		nsrun "$@" cat /proc/self/uid_map | wc -l'
	is user 12 'set --; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do set -- "$@" --map-users $i:$((i * 1000 + 100000)):1; done
		nsrun "$@" cat /proc/self/uid_map | wc -l'
	is user 100032 'nsrun --map-auto -r sh -c "touch file; chown 33 file"; stat -c %u file; nsrun --map-auto -r rm file'
}

# Entered again, it is another one than outside; and the file goes with nobody left in it.
check_pins() {
	local option type options
	while read -r option type options; do
		is root 'new' "nsrun --$option=pin $options true && nsenter --$option=pin readlink /proc/self/ns/$type |
			grep -vqxF \$OUTSIDE && umount pin && rm pin && echo new" "$type"
	done <<-END
		mount mnt
		uts uts
		ipc ipc
		net net
		cgroup cgroup
	END
	is root 'new' "nsrun -r --user=pin true && nsenter --user=pin --preserve-credentials readlink /proc/self/ns/user |
		grep -vqxF \$OUTSIDE && umount pin && rm pin && echo new" user
	# Nobody can be born in a PID namespace whose first process has ended.
	is root 'nsfs' 'nsrun --pid=pin --fork true && stat -f -c %T pin && umount pin && rm pin'
	# A time namespace is entered by nsenter's children.
	is root '*boottime*31536000*new' "nsrun --time=pin --boottime 31536000 true &&
		nsenter --time=pin cat /proc/self/timens_offsets && umount pin && rm pin && echo new"
	is root '*boottime*31536000*new' "nsrun --time=pin --fork --boottime 31536000 true &&
		nsenter --time=pin cat /proc/self/timens_offsets && umount pin && rm pin && echo new"
	is user '*only root may pin*' "nsrun -r --uts=pin true || test \$? = 125 && ls pin 2>/dev/null; true"
}

# As /proc has it, for the program itself and for what that executes.
check_clocks() {
	local fork
	for fork in '' --fork; do
		both '31536000 0' "NSRUN --time $fork --boottime 31536000 awk '/boottime/ { print \$2, \$3 }' /proc/self/timens_offsets"
		both year "now=\$(cut -d. -f1 /proc/uptime); then=\$(NSRUN --time $fork --boottime 31536000 cut -d. -f1 /proc/uptime)
			test \$((then - now)) -ge 31536000 && test \$((then - now)) -lt 31536600 && echo year"
		both year "now=\$(cut -d. -f1 /proc/uptime); then=\$(NSRUN --time $fork --boottime 31536000 sh -c 'exec cut -d. -f1 /proc/uptime')
			test \$((then - now)) -ge 31536000 && echo year"
	done
}

check_end_of_launcher() {
	local signal
	for signal in '' '=TERM'; do
		both gone "mkfifo pipe; NSRUN --kill-child$signal --fork sh -c 'echo \$\$ >pipe; exec sleep 98765' & read -r child <pipe
			kill -KILL \$!; while grep -qs '^State:.[^Z]' /proc/\$child/status; do sleep 0.1; done; rm pipe; echo gone"
	done
	both gone "mkfifo pipe; NSRUN --init --kill-child sh -c 'sleep 98764 & echo >pipe; exec sleep 98764' & read -r child <pipe
		kill -KILL \$!; while pgrep -fx 'sleep 98764' >pids; do sleep 0.1; done; rm pipe; echo gone"
}

check_init() {
	both "done" "NSRUN --init sh -c 'sleep 98763 & echo done'; ! pgrep -fx 'sleep 98763'"
	both 2 'NSRUN --init sh -c "echo \$\$"'
	both 3 'NSRUN --init sh -c "exit 3" || echo $?'
	both 143 'NSRUN --init sh -c "kill \$\$" || echo $?'
	both $'0' "NSRUN --init --mount-proc sh -c '(sh -c \"sleep 0.1 &\") ; sleep 1; ps -eo stat= | grep -c Z || :'"
	both got "mkfifo pipe; NSRUN --init sh -c 'trap \"echo got; exit\" TERM; echo >pipe; while :; do sleep 0.1; done' & read -r _ <pipe; kill \$!; wait \$!; rm pipe"
}

check_names() {
	both lab 'NSRUN --hostname lab uname -n'
	both 'lo*127.0.0.1/8*' 'NSRUN --loopback ip -br -4 address show lo'
	both 'lo*DOWN*' 'NSRUN --net ip -br link show'
}

check_roots() {
	both $'box\nbin\nproc' 'NSRUN --hostname box --pivot-root box --mount-proc --init busybox sh -c "busybox hostname; busybox ls -1"'
	both $'2' 'NSRUN --pivot-root box --mount-proc --init busybox wc -l /proc/mounts | cut -d " " -f 1'
	both $'busybox\nsh' 'NSRUN --root box --wd /bin busybox ls'
	both 'secret' 'NSRUN -m sh -c "mount -t tmpfs none box/proc && echo secret >box/proc/file && cat box/proc/file"; ls box/proc'
	both 'secret' 'NSRUN -m --propagation slave sh -c "mount -t tmpfs none box/proc && echo secret >box/proc/file && cat box/proc/file"'
}

check_words() {
	both '*unshare(CLONE_NEWUTS*execve(*' 'NSRUN --explain --uts true'
	both '*sethostname("lab", 3) = 0*execve(*' 'NSRUN --trace --hostname lab true'
	both '*uts*new*' 'NSRUN --report --uts true'
	both '{"pid":*' 'NSRUN --report=json --report-fd 1 --uts true'
}

check_others() {
	is root 'uid=65534*gid=65534*' 'nsrun -S 65534 -G 65534 id'
	is user 'uid=33*gid=33*' 'nsrun --map-auto -r -S 33 -G 33 id'
	both deny 'nsrun --map-user 0 --setgroups deny cat /proc/self/setgroups'
	both lab 'nsrun -c --uts --keep-caps sh -c "hostname lab; hostname"'
	both 'B=2' 'A=1 B=2 NSRUN --whitelist-env B env'
	both '' 'NSRUN --clear-env env'
	both 124 'timeout --foreground 1 nsrun --forward-signals sleep 1000 || echo $?'
	both 127 'NSRUN -q ./none 2>/dev/null || echo $?'
	is root 'uid=0*' 'nsrun --map-users 0:500000:65536 --map-groups 0:500000:65536 --owner 500000:500000 -S 0 -G 0 id'
	if needs_linux 6.7 'binfmt_misc in a user namespace'; then
		is user 'text' 'echo text >a.nsrun; chmod +x a.nsrun
			nsrun -r -p -f --load-interp :nsrun:E::nsrun::/bin/cat: ./a.nsrun'
	else
		is user '*6.7*' 'nsrun -r -p -f --load-interp :nsrun:E::nsrun::/bin/cat: true; test $? = 125'
	fi
}

# --- the first experiments -------------------------------------------------------------

# Who one is inside, whose the files are that one makes there, what ps shows inside and outside,
# whose child it is, which call is behind it, what the links say, and what getpid does.
check_experiments() {
	is root 'uid=0(root) gid=0(root) groups=0(root)*' 'nsrun -m -u -i -n -p -C -T --fork id'
	is user "uid=1000($user)*" id
	is user 'uid=0(root) gid=0(root) groups=0(root)*' 'nsrun -a -r -f id'
	is user $'0\n1000' 'nsrun -r sh -c "touch file; stat -c %u file"; stat -c %u file; rm file'
	both '*1 sh*2*sleep*' 'NSRUN -p -f --mount-proc sh -c "sleep 98763 & ps -eo pid,args; :" | xargs'
	both 'NSpid:*1' 'NSRUN -p -f sleep 98762 & until pgrep -fx "sleep 98762" >pid; do :; done; grep NSpid /proc/$(cat pid)/status; kill -KILL $(cat pid)'
	both 'nsrun*sleep*' 'NSRUN -p -f sleep 98761 & until pgrep -fx "sleep 98761" >pid; do :; done; pstree $!; kill -KILL $(cat pid)'
	is root '*unshare(CLONE_NEWPID)*= 0*' 'strace -f -e trace=unshare unshare -p true'
	is root '*unshare(CLONE_NEWPID)*= 0*' 'strace -f -e trace=unshare nsrun -q -p true'
	both 'same other' 'test $(readlink /proc/self/ns/net) = $(NSRUN -u readlink /proc/self/ns/net) && printf "same "
		test $(readlink /proc/self/ns/uts) = $(NSRUN -u readlink /proc/self/ns/uts) || echo other'
	both 'pid:1' 'NSRUN --pid --fork getpid'
	both 'pid:[1-9]*[0-9]' 'NSRUN --pid getpid'
}

make_place
check_types
check_proc
check_ranges
check_pins
check_clocks
check_end_of_launcher
check_init
check_names
check_roots
check_words
check_others
check_experiments
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 100 ]
