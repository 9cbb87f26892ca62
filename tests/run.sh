#!/bin/sh
# Runs test programs and scripts, as many at a time as there are processors, and says which of
# them failed. From the repository's root: tests/run.sh TEST ...
#
# As root each runs apart (see tests/harness/apart), and all of them with an /etc that knows the
# ordinary user of the tests: nsrun-test, 1000, whose subordinate ids are 100000 to 165535. Of
# root they are 300000 to 365535. A test whose source has a line with one of these is an exception,
# and says there why:
#
#   runs by itself: REASON        while no other test runs
#   runs in the open: REASON      not apart
#
# A test that prints "left out: REASON" has not tried that, because this kernel or this machine
# lacks what it is about: that is counted and shown apart.
#
# TIMES=1          shows how long each took
# FIRST_FAILURE=1  starts no more of them once one has failed
# JOBS             how many at a time
# UNDER            a command to run each of them under, such as valgrind
# KEPT             directories in /tmp that tests need
set -eu

is_root() {
	[ "$(id -u)" = 0 ]
}

# --- one test -------------------------------------------------------------------------

# What a test in build comes from has the same name below tests.
source_of() {
	case $1 in
	*build/tests-*) echo "tests/${1#*build/tests-*/}.c" ;;
	*) echo "$1" ;;
	esac
}

says() {
	grep -qs "$2: " "$(source_of "$1")"
}

# Lines such as "mounts/test_mounts test_mount_binfmt: needs Linux 6.7" of all that is left out,
# and "unexplained" where cmocka has skipped a test for no reason that was given.
list_left_out() {
	awk -v program="$test" '/^\[==========\].* run/ { exit }
		/^left out: / { if (reason) print program reason; reason = ": " substr($0, 11) }
		/^\[  SKIPPED \] / { print reason ? program " " $NF reason : "unexplained"; reason = "" }
		END { if (reason) print program reason }' "$1"
}

# What is wrong with a test that has ended well.
find_fault() {
	# valgrind lists descriptors that are open at the end, but does not call them errors.
	if grep -A1 'Open .*file descriptor' "$1" | grep -v 'Open\|^--' |
		grep -qv 'inherited from parent'; then
		echo '(descriptors)'
	fi
	# As root nothing may be left out but for a reason: a test that is skipped shows nothing.
	if is_root && [ -z "${UNDER:-}" ] && list_left_out "$1" | grep -qx unexplained; then
		echo '(skipped)'
	fi
}

# Its output appears at once when it ends, so that it is not mixed with another one's.
run_one() {
	test=$1
	log=$(mktemp "$RESULTS/log.XXXXXX")
	apart=
	! is_root || says "$test" 'runs in the open' || apart=tests/harness/apart
	fault=
	begin=$(date +%s%N)
	# shellcheck disable=SC2086 # UNDER is a command with its options
	$apart ${UNDER:-} "./${test#./}" </dev/null >"$log" 2>&1 || fault=' '
	echo "$((($(date +%s%N) - begin) / 1000000)) $test" >>"$RESULTS/times"
	fault=$fault$(find_fault "$log")
	if [ -z "$fault" ]; then
		echo "$test" >>"$RESULTS/passed"
	else
		echo "$test$fault" >>"$RESULTS/failed"
	fi
	list_left_out "$log" | grep -vx unexplained >>"$RESULTS/left_out" || :
	{ echo "== $test" && cat "$log"; } >"$log.whole"
	flock "$RESULTS" cat "$log.whole"
	rm "$log" "$log.whole"
}

is_enough() {
	[ "${FIRST_FAILURE:-}" ] && [ -s "$RESULTS/failed" ]
}

if [ "${1:-}" = --one ]; then
	run_one "$2"
	! is_enough || exit 255 # that ends xargs
	exit 0
fi

# --- the place ------------------------------------------------------------------------

# First: unshare 2.38 takes any name for the number 0.
add_line() {
	touch "/mnt/$1"
	{ echo "$2" && grep -v "$3" "/mnt/$1"; } >"/mnt/$1.new" || :
	cat "/mnt/$1.new" >"/mnt/$1"
	rm "/mnt/$1.new"
}

# Whoever changes the machine's /etc meanwhile, the copy stays as it is: the tests need these
# files of it, and hardly any other.
make_etc() {
	mount -t tmpfs -o mode=755 none /mnt
	cp -a /etc/. /mnt 2>/dev/null || :
	for file in passwd group; do
		cp -a "/etc/$file" /mnt
	done
	add_line passwd nsrun-test:x:1000:1000::/:/bin/sh '^nsrun-test:\|^[^:]*:[^:]*:1000:'
	add_line group nsrun-test:x:1000: '^nsrun-test:\|^[^:]*:[^:]*:1000:'
	for file in subuid subgid; do
		add_line $file nsrun-test:100000:65536 .
		add_line $file root:300000:65536 '^root:'
	done
	# The directory may be an ordinary user's, in which git would do nothing for root.
	printf '[safe]\n\tdirectory = *\n' >>/mnt/gitconfig
	mount --move /mnt /etc
}

if is_root && [ -z "${TESTS_APART:-}" ]; then
	export TESTS_APART=yes
	exec unshare --mount "$0" "$@"
elif is_root && [ "$TESTS_APART" = yes ]; then
	export TESTS_APART=ready
	make_etc
fi

# --- all tests ------------------------------------------------------------------------

RESULTS=$(mktemp -d)
export RESULTS
trap 'rm -rf "$RESULTS"' EXIT
trap 'exit 1' INT TERM HUP
for file in times passed failed left_out together single; do
	: >"$RESULTS/$file"
done
for test; do
	if says "$test" 'runs by itself'; then
		echo "$test" >>"$RESULTS/single"
	else
		echo "$test" >>"$RESULTS/together"
	fi
done
xargs -r -n 1 -P "${JOBS:-$(nproc)}" "$0" --one <"$RESULTS/together" || :
is_enough || xargs -r -n 1 "$0" --one <"$RESULTS/single" || :

if [ "${TIMES:-}" ]; then
	sort -rn "$RESULTS/times" | awk '{ printf "%8.2f s  %s\n", $1 / 1000, $2 }'
fi
sed 's/ *$//; s/^/failed: /' "$RESULTS/failed"
sed 's/^/left out: /' "$RESULTS/left_out"
passed=$(wc -l <"$RESULTS/passed")
left_out=$(wc -l <"$RESULTS/left_out")
counted=
[ "$left_out" = 0 ] || counted=", $left_out left out"
echo "$passed passed, $(($# - passed)) failed$counted"
[ "$passed" = $# ]
