#!/bin/sh
# Measures how fast nsrun starts a program, beside the floor and the peers that are
# installed. Run as root from the top of the repository.
#
#     tests/tools/bench/run.sh [--markdown]
#
# --markdown  prints only the table of ratios, for the README
#
# NSRUN           the binary, by default ./nsrun
# NSRUN_VARIANTS  more binaries, to stand beside it in the same run
# BENCH_QUICK=1   a run of 20 seconds instead of some minutes
set -eu

nsrun=${NSRUN:-./nsrun}
seconds=5
[ -z "${BENCH_QUICK:-}" ] || seconds=0.7
markdown=
[ "${1:-}" != --markdown ] || markdown=--markdown

fail() {
	echo "tests/tools/bench/run.sh: $1" >&2
	exit 1
}

describe_machine() {
	kind=machine
	! grep -qw hypervisor /proc/cpuinfo || kind='virtual machine'
	release=$(uname -r)
	minor=${release#*.}
	echo "$(nproc)-core $(uname -m | tr _ -) $kind, Linux ${release%%.*}.${minor%%.*}"
}

# Copies, so that a build meanwhile does no harm, and that another user may read them.
lay_out() {
	cp build/bench/floor build/bench/target "$directory"
	cp "$nsrun" "$directory/nsrun"
	names=nsrun
	for variant in ${NSRUN_VARIANTS:-}; do
		cp "$variant" "$directory"
		names="$names ${variant##*/}"
	done
	chmod 755 "$directory" "$directory"/*
}

# The least that the container runtimes take for "-p -f --mount-proc".
make_bundle() {
	mkdir -p "$directory/bundle/root/proc"
	cp build/bench/target "$directory/bundle/root"
	cat >"$directory/bundle/config.json" <<-END
		{
			"ociVersion": "1.0.2",
			"process": {
				"cwd": "/", "args": ["/target"], "env": [],
				"user": {"uid": 0, "gid": 0}, "capabilities": {}
			},
			"root": {"path": "root"},
			"mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
			"linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]}
		}
	END
}

count_with_strace() {
	command -v strace >/dev/null || return 0
	strace -c -f -qq -o "$directory/calls" "$@" && awk '$NF == "total" { print $4 }' "$directory/calls"
}

size_of() {
	echo "$(($(stat -L -c %s "$1") / 1024))"
}

print_row() {
	printf '%-16s  %12s  %5s  %5s  %6s  %6s  %12s  %8s  %8s\n' "$@"
}

# One row: the counts of steps, and beside them those of strace, which sees the exec
# of the launcher and the end of the program too.
print_cost() {
	name=$1
	shift
	counts=$(build/bench/steps -- "$@") || return 0
	traced=$(count_with_strace "$@")
	for count in $counts; do
		eval "${count%%=*}=${count#*=}"
	done
	# shellcheck disable=SC2154 # steps has named them
	print_row "$name" "$instructions" "$cpuid" "$calls" "${traced:--}" "$faults" \
		"$resident" "$peak" "$(size_of "$1")"
}

# Instructions are not counted by callgrind, which has nothing to say of a process that
# execs; steps counts the same ones, one by one.
print_costs() {
	printf '\nWhat a start costs, under %s\n\n' "$1"
	print_row '' instructions CPUID calls strace faults 'resident KiB' 'peak KiB' 'size KiB'
	print_cost floor "$directory/floor" "$2" "$directory/target"
	for name in $names; do
		# shellcheck disable=SC2086 # the options are words
		print_cost "$name" "$directory/$name" $1 "$directory/target"
	done
	[ -z "${BENCH_QUICK:-}" ] || return 0
	for peer in unshare busybox toybox; do
		path=$(command -v "$peer") || continue
		applet=unshare
		[ "$peer" != unshare ] || applet=
		# shellcheck disable=SC2086
		print_cost "$peer" "$path" $applet $1 "$directory/target"
	done
}

[ "$(id -u)" = 0 ] || fail 'only root may make all of the namespaces'
[ "$(uname -m)" = x86_64 ] || fail 'the floor is written for x86-64'
[ -x "$nsrun" ] || fail "$nsrun is not there: run make, or name it with NSRUN"
make -s -C tests/tools/bench "OUTPUT=$PWD/build/bench"

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
lay_out
make_bundle

echo "On a $(describe_machine):"
# shellcheck disable=SC2086
build/bench/bench $markdown "$directory" "$seconds" $names
if [ -z "$markdown" ]; then
	print_costs '-p -f' pf
	print_costs '-u' u
fi
