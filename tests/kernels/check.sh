#!/bin/bash
# Boots kernels of Debian, each in a small machine that qemu emulates, runs tests there, and
# prints a table of what came of it. As root on Debian for x86-64, from the repository's root,
# with the packages of tests/kernels/packages: tests/kernels/check.sh TEST ...
#
# KERNELS  which of 5.10, 6.1, 6.12 and sid, that is the newest of all (all four)
#
# What it fetches goes to build/kernels and stays there: the kernels, and the system around
# them, which is this Debian's, as the programs are built for that. apt keeps its state there,
# too, and nothing else on this machine changes.
set -euo pipefail

place=$PWD/build/kernels
declare -A suites=([5.10]=bullseye [6.1]=bookworm [6.12]=trixie [sid]=sid)
# In seconds: all tests take some minutes of it on an idle machine. It only ends what hangs.
bound=3600
# What the tests use, and kmod for the kernel.
programs=bash,bsdextrautils,busybox-static,hostname,iproute2,kmod,libcmocka0,passwd,procps,psmisc,strace,uidmap,util-linux

fail() {
	echo "check-kernels: $*" >&2
	exit 1
}

# --- packages -------------------------------------------------------------------------

# The first of this machine's sources with that label.
find_mirror() {
	apt-get indextargets --format "\$(SITE)" 'Created-By: Packages' 'Origin: Debian' "Label: $1" |
		head -n 1
}

write_sources() {
	local mirror security

	mirror=$(find_mirror Debian)
	security=$(find_mirror Debian-Security)
	echo "deb ${mirror:-http://deb.debian.org/debian} $1 main"
	[ "$1" = sid ] || echo "deb ${security:-http://deb.debian.org/debian-security} $1-security main"
}

# quietly LOG COMMAND: what it says is shown if it fails.
quietly() {
	local log=$1
	shift
	"$@" >"$log" 2>&1 || { cat "$log"; fail "$1 failed"; }
}

# fetch NAME SUITE PACKAGE PATTERN: those packages that it needs and that have such names, itself
# too, unpacked in build/kernels/NAME/files.
fetch() {
	local at=$place/$1 packages
	local state=(-q -o "Dir::Etc::SourceList=$at/sources" -o Dir::Etc::SourceParts=-
		-o "Dir::State=$at" -o "Dir::State::Status=$at/status" -o "Dir::Cache=$at/cache"
		-o APT::Sandbox::User=root)

	[ ! -e "$at/ready" ] || return 0
	rm -rf "$at"
	mkdir -p "$at/lists/partial" "$at/cache/archives/partial" "$at/files"
	: >"$at/status"
	write_sources "$2" >"$at/sources"
	quietly "$at/log" apt-get "${state[@]}" update
	packages=$(apt-cache "${state[@]}" depends --recurse "$3" | grep -xE "$4" | sort -u)
	# shellcheck disable=SC2086 # they are words
	(cd "$at" && quietly "$at/log" apt-get "${state[@]}" download $packages)
	for package in "$at"/*.deb; do
		dpkg --extract "$package" "$at/files"
	done
	rm -r "$at/lists" "$at/cache" "$at"/*.deb
	touch "$at/ready"
}

# The image's package tells the version; in sid it has parts.
fetch_kernel() {
	fetch "$1" "${suites[$1]}" linux-image-cloud-amd64 'linux-(image|binary|modules)-[0-9].*-cloud-amd64'
}

# modules_of KERNEL: the directory of its modules, which has its version's name.
modules_of() {
	find "$place/$1/files" -path '*lib/modules/*' -prune
}

# --- the disk -------------------------------------------------------------------------

fetch_system() {
	local codename

	[ ! -e "$place/system.ready" ] || return 0
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	rm -rf "$place/system"
	write_sources "$codename" >"$place/sources"
	quietly "$place/log" mmdebstrap --variant=minbase --include="$programs" "$codename" \
		"$place/system" "$place/sources"
	touch "$place/system.ready"
}

# What refusals.sh needs: a policy of AppArmor, which only a newer parser than Debian 12's can
# make. That runs with its own libraries.
make_policy() {
	local at=$place/apparmor/files/usr libraries=/lib/x86_64-linux-gnu

	fetch apparmor trixie apparmor 'apparmor|libc6|libgcc-s1|libstdc\+\+6'
	"$at$libraries/ld-linux-x86-64.so.2" --library-path "$at$libraries" "$at/sbin/apparmor_parser" \
		--skip-kernel-load --skip-cache --config-file /dev/null --base "$at/../etc/apparmor.d" \
		--kernel-features "$at/../etc/apparmor.d/abi/4.0" --ofile "$place/system/policy" tests/kernels/profile
}

# One disk for all: with this directory, as it is after make programs. ext4 without what 5.10
# does not know.
make_disk() {
	local system=$place/system kernel modules

	rm -rf "$system/src" "$system"/usr/lib/modules/*
	mkdir -p "$system/src" "$system/usr/lib/modules"
	tar --exclude=./.git --exclude=./build/kernels --exclude='*.o' --create . |
		tar --extract --directory "$system/src"
	echo "$@" >"$system/tests"
	for kernel in $KERNELS; do
		modules=$(modules_of "$kernel")
		cp -r "$modules" "$system/usr/lib/modules"
		quietly "$place/log" chroot "$system" depmod "$(basename "$modules")"
	done
	rm -f "$place/disk"
	quietly "$place/log" mke2fs -q -t ext4 -O '^metadata_csum,^metadata_csum_seed,^orphan_file,^64bit' \
		-d "$system" "$place/disk" 1700M
}

# --- a machine ------------------------------------------------------------------------

# With the modules that the disk needs, each before those that need it. What is built in is none.
make_initrd() {
	local at=$place/$1/initrd version file number=10

	version=$(basename "$(modules_of "$1")")
	rm -rf "$at"
	mkdir -p "$at/bin" "$at/dev" "$at/modules" "$at/root"
	cp /bin/busybox "$at/bin"
	install -m 755 tests/kernels/initrd.sh "$at/init"
	for module in virtio_pci virtio_blk; do
		chroot "$place/system" modprobe --quiet --set-version "$version" --show-depends "$module" || :
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		number=$((number + 1))
		case $file in
		*.xz) busybox xzcat "$place/system/$file" >"$at/modules/$number" ;;
		*) cp "$place/system/$file" "$at/modules/$number" ;;
		esac
	done
	(cd "$at" && find . | busybox cpio -o -H newc) >"$at.cpio" 2>/dev/null
}

# no_timer_check: an emulated clock that is late is no broken one.
run_machine() {
	timeout --kill-after=10 "$bound" nice -n 10 qemu-system-x86_64 -accel tcg,thread=multi -cpu max \
		-smp 2 -m 1536 -nographic -no-reboot -nodefaults -monitor none -serial "file:$place/$1/serial" \
		-drive "file=$place/disk,format=raw,if=virtio,snapshot=on" \
		-kernel "$(find "$place/$1/files" -name 'vmlinuz*')" -initrd "$place/$1/initrd.cpio" \
		-append 'console=ttyS0 panic=-1 quiet no_timer_check nokaslr mitigations=off' </dev/null || :
	tr -d '\r' <"$place/$1/serial" >"$place/$1/log"
}

# A kernel that starts changes its own code, and a second emulated processor may trip over that. So a
# panic before the first test is no fault of ours, and the machine is started again.
boot() {
	for _ in 1 2 3; do
		run_machine "$1"
		if grep -q 'machine: Linux' "$place/$1/log" || ! grep -m 1 'Kernel panic' "$place/$1/log"; then
			return
		fi
	done
}

# --- the table ------------------------------------------------------------------------

failed=0
show() {
	printf '%-6s  %-26s %6s %9s %9s %7s %9s %7s\n' "$@"
}

# Tests that failed, with all that they said.
show_failed() {
	grep -E '^failed: (build|tests)/' "$1" | while read -r _ name _; do
		awk -v name="== $name" '/^== / { inside = $0 == name } inside' "$1"
	done || :
}

# What a kernel is too old for may be left out, and nothing else.
show_left_out() {
	grep -E '^left out: (build|tests)/' "$1" | sed -E 's|^(left out: )build/[^/]*/|\1|' || :
}

# of LOG PATTERN: what the pattern's parentheses hold, of the last line that it fits.
of() {
	sed -nE "s/^$2\$/\\1/p" "$1" | tail -n 1
}

# result KERNEL SECONDS
result() {
	local log=$place/$1/log left_out version boot features passed not

	left_out=$(show_left_out "$log")
	if ! grep -qx 'machine: the tests ended with 0' "$log"; then
		failed=1
		show_failed "$log"
		grep -q '^machine: the tests ended' "$log" || tail -n 40 "$log"
	fi
	if [ "$left_out" ] && grep -v 'needs Linux [0-9]' <<<"$left_out"; then
		echo 'That was left out without naming a version of Linux.'
		failed=1
	fi
	[ -z "$left_out" ] || echo "$left_out"
	version=$(of "$log" '.*machine: Linux (.*), up after .*')
	boot=$(of "$log" '.*machine: .*, up after (.*) s')
	features=$(awk '/^== / { inside = $2 == "tests/kernels/features.sh" }
		inside && / passed, [0-9]+ failed$/ { print $1; exit }' "$log")
	# What tests/run.sh says last, if it came to that.
	read -r passed _ not _ < <(grep -B 1 '^machine: the tests ended' "$log") || :
	rows+=("$1 ${version:--} ${boot:--}s ${features:--} ${passed:--} ${not:--} $(grep -c . <<<"$left_out" || :) $2s")
}

[ "$(id -u)" = 0 ] || fail 'only root can make the disk'
: "${KERNELS:=5.10 6.1 6.12 sid}"
for kernel in $KERNELS; do
	[ "${suites[$kernel]:-}" ] || fail "no such kernel: $kernel (there are 5.10, 6.1, 6.12 and sid)"
done
type qemu-system-x86_64 mmdebstrap mke2fs >/dev/null ||
	fail "apt-get install -y --no-install-recommends $(xargs <tests/kernels/packages)"
mkdir -p "$place"
for kernel in $KERNELS; do
	fetch_kernel "$kernel"
done
fetch_system
make_policy
make_disk "$@"
rows=()
for kernel in $KERNELS; do
	begin=$SECONDS
	echo "=== $kernel"
	make_initrd "$kernel"
	boot "$kernel"
	result "$kernel" $((SECONDS - begin))
done
echo
show kernel Linux boot features programs failed left-out time
for row in "${rows[@]}"; do
	# shellcheck disable=SC2086 # they are words
	show $row
done
exit $failed
