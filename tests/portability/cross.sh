#!/bin/bash
# Builds nsrun for other architectures, by Debian's cross compilers, and runs it under qemu's
# emulation of a user's program. As root on Debian, from the repository's root, after make:
# tests/portability/cross.sh
#
# The emulator is a process with threads, so the kernel refuses it new user namespaces
# (unshare(2)); and it does not know open_tree(2). All else is real: these are the system
# calls of the other architecture.
set -u
export DEBIAN_FRONTEND=noninteractive
. tests/harness/script
unset SHELL
passed=0
failed=0
work=$(mktemp -d)

clean_up() {
	umount -R "$work/place" 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

fail() {
	echo "FAILED  $target: $*"
	failed=$((failed + 1))
}

install_packages() {
	local packages=(qemu-user-static xz-utils)

	for target; do
		packages+=("gcc-$target" "libc6-dev-${debian[$target]}-cross")
	done
	dpkg --status "${packages[@]}" >"$work/log" 2>&1 && return
	apt-get install -y -q --no-install-recommends "${packages[@]}" >"$work/log" 2>&1 ||
		{ cat "$work/log"; exit 1; }
}

# cmocka's source, from where the system has its packages: not every release of Debian has the
# library for each of the architectures. It is one file.
fetch_cmocka() {
	local apt=(apt-get -q -o "Dir::Etc::SourceList=$work/sources" -o Dir::Etc::SourceParts=-
		-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)

	mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/cmocka"
	# shellcheck disable=SC2016 # these are apt's variables
	apt-get indextargets --format 'deb-src $(SITE) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' 'Component: main' | sort -u >"$work/sources"
	if ! (cd "$work" && "${apt[@]}" update && "${apt[@]}" source --download-only cmocka &&
		tar --extract --strip-components=1 --directory cmocka --file cmocka_*.orig.tar.?z) >"$work/log" 2>&1; then
		cat "$work/log"
		exit 1
	fi
}

build_cmocka() {
	mkdir -p "$work/$target"
	"$target-gcc" -O1 -w -DHAVE_SIGNAL_H -DHAVE_MALLOC_H -DHAVE_INTTYPES_H -DHAVE_STRINGS_H \
		-DHAVE_UNISTD_H -DHAVE_STRUCT_TIMESPEC -I"$work/cmocka/include" \
		-c "$work/cmocka/src/cmocka.c" -o "$work/$target/cmocka.o"
}

# Runs the foreign nsrun. What it starts is this machine's.
foreign() {
	timeout 60 "$work/qemu" "$work/nsrun" "$@"
}

# --- what is to be seen ---------------------------------------------------------------

# is EXPECTED STATUS COMMAND: what the command prints, and how it ends.
is() {
	local expected=$1 status=$2 got
	shift 2
	got=$("$@" 2>&1 </dev/null)
	set -- "$status" $? "$@"
	if [ "$got" = "$expected" ] && [ "$1" = "$2" ]; then
		passed=$((passed + 1))
	else
		fail "${*:3}: '$got' ($2), not '$expected' ($1)"
	fi
}

# The same words and the same status as from this machine's own binary.
same() {
	local as=() expected status

	[ "$1" != user ] || as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
	shift
	expected=$("${as[@]}" "$work/native/nsrun" "$@" 2>&1 </dev/null)
	status=$?
	[ -n "$expected" ] || fail "nothing is printed: $*"
	is "$expected" "$status" "${as[@]}" "$work/qemu" "$work/nsrun" "$@"
}

compare() {
	local who=$1 program=(/bin/true)
	shift
	[ "$who" = shell ] && program=()
	same "$who" --explain "$@" "${program[@]}"
	same "$who" --explain=json "$@" "${program[@]}"
}

check_words() {
	# shellcheck disable=SC2034 # the sets use it
	local pins=$work/place

	# shellcheck source=/dev/null # option sets, which are shell commands
	. tests/explain/sets
	same root --help
	same root --help=all
	same root --version
	same root --nonsense
	same root --map-users 0:0:4294967296
	same root --map-users 4294967295:0:1
	same root --setuid 4294967295
	same root --explain --map-users 0:0:4294967295 true
	same root --explain --time --monotonic -9223372036854775807 true
	same root --explain --time --boottime 9223372036854775807 true
	same root --kill-child=65 true
}

check_runs() {
	is 'pid:1' 0 foreign -p -f "$work/qemu" "$work/getpid"
	is 'lab' 0 foreign --hostname lab uname -n
	is '127.0.0.1/8' 0 foreign --loopback sh -c "ip -br -4 address show lo | awk '{ print \$3 }'"
	is '1' 0 foreign -p -f --mount-proc sh -c 'cd /proc && ls -d [0-9]* | head -n 1'
	is '9' 9 foreign --init sh -c 'sleep 1000 & echo 9; exit 9'
	is '143' 0 sh -c "'$work/qemu' '$work/nsrun' --init sh -c 'kill \$\$'; echo \$?"
	is "$(printf 'monotonic 4000000000 0\nboottime -1 0')" 0 foreign --time --monotonic 4000000000 \
		--boottime -1 sh -c 'tr -s " " </proc/self/timens_offsets'
	# Ids of more than 16 bits: some architectures have older calls for them too.
	is 'uid=4000000000 gid=3000000000 groups=3000000000' 0 foreign -S 4000000000 -G 3000000000 id
	is '4000000000 3000000000' 0 sh -c "'$work/qemu' '$work/nsrun' -q -S 4000000000 -G 3000000000 --trace --report true 2>&1 |
		sed -n 's/.*get[eug]*id() = \\(.*000000\\)/\\1/p' | xargs"
	is '' 0 foreign --kill-child=USR1 -S 100000 true
	is 'bin' 0 foreign --root "$work/place/root" --wd /bin/.. /bin/busybox ls
	is 'B=2' 0 env A=1 B=2 "$work/qemu" "$work/nsrun" --whitelist-env B env
	is "nsrun: cannot run '/nonexistent': No such file or directory" 127 foreign -q /nonexistent
	is '{"pid":' 0 sh -c "'$work/qemu' '$work/nsrun' -p -f --report=json true 2>&1 | cut -c 1-7"
}

# Each signal that is blocked stays so, for the program and below an init: 10, and 40, which
# lies behind the first word of a set where words have 32 bits.
check_signals() {
	for options in -f '-p -f' --forward-signals --kill-child --init; do
		# shellcheck disable=SC2086 # they are words
		is 'SigBlk: 0000008000000200' 0 env --block-signal=USR1 --block-signal=RTMIN+6 "$work/qemu" "$work/nsrun" $options \
			sh -c 'grep SigBlk /proc/self/status | tr "\t" " "'
	done
}

# A file whose size has more than 32 bits can be looked at, and is not taken for a missing
# one, which would be removed when the start fails.
check_large_file() {
	truncate -s 5G "$work/place/large"
	is "nsrun: cannot run '/nonexistent': No such file or directory" 127 \
		foreign -q --uts="$work/place/large" /nonexistent
	is 5368709120 0 stat -c %s "$work/place/large"
	is '' 0 foreign --uts="$work/place/large" --hostname lab true
	is lab 0 nsenter --uts="$work/place/large" uname -n
	is '' 0 umount "$work/place/large"
	rm -f "$work/place/large"
}

check_unit_tests() {
	local result

	build_cmocka || { fail cmocka; return; }
	if result=$(KEPT="$work" UNDER="$work/qemu -L /usr/$target" make -s check-unit CC="$target-gcc" \
		CPPFLAGS="-I$work/cmocka/include" CMOCKA="$work/$target/cmocka.o" 2>&1) &&
		grep -qxE '[1-9][0-9]* passed, 0 failed(, [0-9]+ left out)?' <<<"$result"; then
		passed=$((passed + $(tail -n 1 <<<"$result" | cut -d ' ' -f 1)))
	else
		fail "unit tests"
		grep -e '^ERROR' -e FAILED -e failed -e error: <<<"$result" || tail -n 5 <<<"$result"
	fi
}

check_target() {
	local build=build/glibc-static-$target-gcc

	make -s CC="$target-gcc" LIBC=glibc LINK=static "$build/nsrun" "$build/getpid" || { fail build; return; }
	readelf --headers "$build/nsrun" >"$work/headers"
	grep -q "Machine: *${machine[$target]}" "$work/headers" || fail "its machine"
	grep -q INTERP "$work/headers" && fail "it is not static"
	cp "$build/nsrun" "$build/getpid" "$work"
	cp "/usr/bin/qemu-${emulator[$target]}-static" "$work/qemu"
	check_words
	check_runs
	check_signals
	check_large_file
	check_unit_tests
}

declare -A debian=([aarch64-linux-gnu]=arm64 [arm-linux-gnueabihf]=armhf [riscv64-linux-gnu]=riscv64)
declare -A emulator=([aarch64-linux-gnu]=aarch64 [arm-linux-gnueabihf]=arm [riscv64-linux-gnu]=riscv64)
declare -A machine=([aarch64-linux-gnu]=AArch64 [arm-linux-gnueabihf]=ARM [riscv64-linux-gnu]=RISC-V)
targets=(aarch64-linux-gnu arm-linux-gnueabihf riscv64-linux-gnu)

install_packages "${targets[@]}"
fetch_cmocka
chmod 755 "$work"
# A pin needs a mount that is not shared.
mkdir "$work/place" && mount -t tmpfs tmpfs "$work/place" && mount --make-private "$work/place"
mkdir -p "$work/place/root/bin" && cp /bin/busybox "$work/place/root/bin"
: >"$work/place/there"
mkdir "$work/native" && cp nsrun "$work/native"
for target in "${targets[@]}"; do
	check_target
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 600 ]
