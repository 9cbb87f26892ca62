#!/bin/bash
# Runs every command of README.md as a reader would, in a copy of this directory after make,
# and compares what it prints. As root, from the repository's root: tests/manual/run_readme.sh
#
# NSRUN  the binary (./nsrun)
#
# Console blocks: "# " begins a command of root, "$ " one of the user, "> " continues it, and the
# other lines are its output, in which runs of blanks are one, 4711 is any number, and a line "..."
# any number of lines. Each must succeed. Blocks of sh: root's commands, one a line. There are no
# other blocks. A command within a line of text begins with make, man, ./nsrun or tests/.
set -u
. tests/harness/script
umask 022
nsrun=${NSRUN:-./nsrun}
passed=0
failed=0
work=$(mktemp -d)

# The first two blocks of sh are run by .ci/run, not here: one would install packages within the
# test, the other would run this test again.
# shellcheck disable=SC2016 # it is the page's text
elsewhere='apt-get update && apt-get install -y gcc make musl-tools && make && ./nsrun -p --fork ./getpid
apt-get install -y $(cat .ci/packages) && make check'

clean_up() {
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

pass() {
	passed=$((passed + 1))
}

fail() {
	failed=$((failed + 1))
	printf 'FAILED  %s\n' "$@"
}

# --- places ---------------------------------------------------------------------------

prepare() {
	chmod 755 "$work"
	mkdir -p "$work/here/build"
	tar --exclude=./build --exclude=./.git --create . | tar --extract --directory "$work/here"
	cp -a build/musl-* build/glibc-* "$work/here/build" 2>/dev/null
	install -m 755 "$nsrun" "$work/here/nsrun"
	chown -R "$user:" "$work/here"
	# make builds ./nsrun again there: the other commands are for the binary under test.
	cp -a "$work/here" "$work/install"
	if command -v dpkg-deb apt-cache >/dev/null; then
		tests/manual/make_base "$work/here/debian.tar" || fail 'cannot make debian.tar'
	else
		echo 'left out: needs dpkg and apt: a Debian of your own'
	fi
}

# What is about the base system needs one.
can_run() {
	[ -e "$work/here/debian.tar" ] || [[ $1 != *tree* ]]
}

# run root|user COMMAND, as in a shell that has just been started, on a terminal.
run() {
	local as=()
	[ "$1" = root ] || as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
	as+=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$work"
		LC_ALL=C TERM=dumb PAGER=cat sh -c "$2")
	script -qec "timeout $bound ${as[*]@Q}" /dev/null </dev/null 2>&1 | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# --- console blocks -------------------------------------------------------------------

tidy() {
	sed -E -e 's/[[:blank:]]+/ /g' -e 's/^ //' -e 's/ $//'
}

# The output that is shown, as an extended regular expression for all of it.
pattern() {
	tidy <<<"$1" | sed -E -e 's/[][().*+?{}|^$\\]/\\&/g' -e 's/\<4711\>/[0-9]+/g' \
		-e 's/^(\\\.){3}$/.*/'
}

# show WHO COMMAND OUTPUT
show() {
	local output status
	[ -n "$2" ] && can_run "$2" || return 0
	output=$(cd "$work/here" && run "$1" "$2")
	status=$?
	if [ $status = 0 ] && [[ $(tidy <<<"$output") =~ ^$(pattern "$3")$ ]]; then
		pass
	else
		fail "$2 (status $status)" "$output"
	fi
}

# --- blocks of sh ---------------------------------------------------------------------

# What is installed is so in a mount namespace of its own.
perform() {
	local output
	if output=$(cd "$work/install" &&
		unshare --mount sh -euc "mount -t tmpfs tmpfs /usr/local; env -i PATH=\"\$PATH\" $1" 2>&1); then
		pass
	else
		fail "$1" "$output"
	fi
}

# --- commands within the text ---------------------------------------------------------

# What make would do is only told: most take minutes, and all but the benchmark and the
# coverage are run by .ci/run.
mention() {
	local output
	can_run "$1" || return 0
	case $1 in
	'man '*) output=$(cd "$work/here" && run user "$1" | grep -ci nsrun) ;;
	'./nsrun '*) output=$(cd "$work/here" && run user "$1") ;;
	tests/*.sh) output=$(cd "$work/here" && bash -n "$1" && test -x "$1" 2>&1) ;;
	tests/*) output=$(ls -d "$1" 2>&1) ;;
	*) output=$(cd "$work/here" && run user "${1/make/make -n}") ;;
	esac
	# shellcheck disable=SC2181 # it is the status of one of the cases
	if [ $? = 0 ]; then pass; else fail "$1" "$output"; fi
}

# --- the page -------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || { echo 'run_readme: only root can run it' >&2; exit 1; }
# shellcheck disable=SC2016 # these are the page's marks
two=$(awk '/^```/ { inside = $0 == "```sh"; count += inside; next } inside && count <= 2' README.md)
[ "$two" = "$elsewhere" ] || { echo "run_readme: the first two blocks of sh are: $two" >&2; exit 1; }
prepare
inside=
blocks=0
who=
command=
expected=
while IFS= read -r line; do
	case $inside:$line in
	:'```console') inside=console ;;
	:'```sh') inside='sh' blocks=$((blocks + 1)) ;;
	:'```'*) fail "a block that is neither of console nor of sh: $line" ;;
	:*)
		# shellcheck disable=SC2016 # these are the page's marks
		while IFS= read -r mentioned; do
			mention "$mentioned"
		done < <(grep -oE '`([A-Z_]+=[^ `]+ )?(make|man|\./nsrun|tests/)[^`]*`' <<<"$line" |
			tr -d '`' | grep -E '^([A-Z_]+=[^ ]+ )?((make|man|\./nsrun) |tests/)')
		;;
	console:'```' | sh:'```')
		show "$who" "$command" "$expected"
		inside='' command='' expected=''
		;;
	sh:*) [ $blocks -le 2 ] || perform "$line" ;;
	console:'> '*) command+=$'\n'${line#??} ;;
	console:'# '* | console:'$ '*)
		show "$who" "$command" "$expected"
		who=user command=${line#??} expected=''
		[ "${line%% *}" != '#' ] || who=root
		;;
	*)
		[ -n "$command" ] || fail "output of no command: $line"
		expected+=${expected:+$'\n'}$line
		;;
	esac
done <README.md
[ -z "$inside" ] || fail "a block that does not end"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 30 ]
