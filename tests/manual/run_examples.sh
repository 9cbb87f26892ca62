#!/bin/bash
# Runs every command that man/nsrun.1 displays, and compares what it prints with the page.
# As root, from the repository's root: tests/manual/run_examples.sh
#
# NSRUN  the binary (./nsrun)
#
# In the page's literal displays "# " begins a command of root, "$ " one of the ordinary
# user, "> " continues it; the lines after it are its output. Each command is run by a shell
# of its own on a terminal, those of root in one directory, those of the user in another. It must
# succeed and print, to standard output and error, what the page says but for these:
#   blanks   any run of them counts as one, none at the ends of a line; no empty lines
#   ...      any text within a line; alone on a line, any number of lines
#   numbers  4026531841 is the identifier of any namespace, 4711 any process id, 1000 the
#            user's id; 100000 and 65536 are the first and the number of its subordinate
#            user ids, and 100032 is reckoned from them
set -u
. tests/harness/script
. tests/harness/one_processor
umask 022

page=man/nsrun.1
nsrun=${NSRUN:-./nsrun}
newline='
'

fail() {
	echo "run_examples: $*" >&2
	exit 1
}

# --- the place ------------------------------------------------------------------------

work=
made_netns=

list_mounts() {
	awk -v below="$work/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r
}

clean_up() {
	if [ "$work" ]; then
		list_mounts | while read -r mount; do umount -l "$mount"; done
		rm -rf "$work"
	fi
	# Should the examples have stopped half way.
	umount -l /run/netns/nsrun-lab 2>/dev/null
	rm -f /run/netns/nsrun-lab
	# The command ip makes this directory a mount that is its own.
	if [ "$made_netns" ]; then
		umount -l /run/netns 2>/dev/null
		rmdir /run/netns 2>/dev/null
	fi
	return 0
}

find_user() {
	user_id=$(id -u "$user")
	group_id=$(id -g "$user")
	first=$(awk -F: -v user="$user" '$1 == user { print $2; exit }' /etc/subuid)
	count=$(awk -F: -v user="$user" '$1 == user { print $3; exit }' /etc/subuid)
}

make_work() {
	work=$(mktemp -d) || fail "cannot make a directory"
	chmod 755 "$work"
	mkdir "$work/bin" "$work/root" "$work/user"
	chown "$user_id:$group_id" "$work/user"
	install -m 755 "$nsrun" "$work/bin/nsrun" || fail "run make first"
	[ -d /run/netns ] || made_netns=yes
	# For what is installed, where nobody else sees it.
	mount -t tmpfs none /usr/local && mkdir /usr/local/bin || fail "cannot hide /usr/local"
}

# --- reading the page -----------------------------------------------------------------

# One line for each thing: "command TEXT", "more TEXT", "output TEXT", and "end".
read_page() {
	awk '
	function plain(line) {
		gsub(/\\&/, "", line)
		gsub(/\\\(aq/, "\047", line)
		gsub(/\\\(ti/, "~", line)
		gsub(/\\\(ha/, "^", line)
		gsub(/\\-/, "-", line)
		gsub(/\\e/, "\\", line)
		return line
	}
	/^\.Bd -literal/          { display = 1; command = 0; next }
	/^\.Ed/                   { display = 0; print "end"; next }
	!display                  { next }
	/^[#$] /                  { command = 1; print "end"; print "command " plain($0); next }
	!command                  { next }
	/^> /                     { print "more " plain(substr($0, 3)); next }
	                          { print "output " plain($0) }
	' "$page"
}

# --- comparing ------------------------------------------------------------------------

tidy() {
	sed -E -e 's/[[:blank:]]+/ /g' -e 's/^ //' -e 's/ $//' -e '/^$/d'
}

# The page's output as a pattern of case: each line ends in a newline, which "..." alone
# on a line takes with it.
make_pattern() {
	tidy | awk -v id="$user_id" -v first="$first" -v count="$count" '
	function word(line, from, to,    done) {
		line = " " line " "
		while ((place = match(line, "[^[:alnum:]]" from "[^[:alnum:]]")) > 0) {
			done = done substr(line, 1, place) to
			line = substr(line, place + length(from) + 1)
		}
		line = done line
		return substr(line, 2, length(line) - 2)
	}
	{
		line = $0
		gsub(/[][\\*?]/, "\\\\&", line)
		if (line == "...") {
			printf "*"
			next
		}
		gsub(/\.\.\./, "*", line)
		line = word(line, "4026531841", "*")
		line = word(line, "4711", "*")
		line = word(line, "1000", id)
		line = word(line, "100032", first + 32)
		line = word(line, "100000", first)
		print word(line, "65536", count)
	}
	END { printf "." }'
}

# Is $1, the output, what the page says in $2?
agrees() {
	pattern=$(printf '%s' "$2" | make_pattern)
	text=$(printf '%s\n' "$1" | tidy && echo .)
	# shellcheck disable=SC2254 # it is a pattern
	case $text in
	$pattern) return 0 ;;
	esac
	return 1
}

# --- running --------------------------------------------------------------------------

passed=0
failed=0
command=
output=

# Runs $1, a command without its prompt, as the rest of the words say.
run_command() {
	local command_text=$1
	shift
	set -- timeout "$bound" "$@" env -i \
		"PATH=$work/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
		"HOME=$work" LC_ALL=C TERM=dumb sh -c "$command_text"
	script -qec "${*@Q}" /dev/null </dev/null 2>&1 | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# One line for a command, however long it is.
title() {
	printf '%s' "$command" | tr '\n' ' ' | sed -E 's/ (\\ )? +/ /g'
}

tell() {
	echo "FAILED  $(title)"
	[ "$status" -eq 0 ] || echo "    exit status $status"
	printf '%s' "$output" | sed 's/^/    page: /'
	printf '%s\n' "$got" | sed 's/^/    here: /'
}

run_example() {
	case $command in
	'# '*) got=$(cd "$work/root" && run_command "${command#??}") ;;
	*) got=$(cd "$work/user" && run_command "${command#??}" \
		setpriv --reuid "$user_id" --regid "$group_id" --init-groups) ;;
	esac
	status=$?
	if [ $status -eq 0 ] && agrees "$got" "$output"; then
		passed=$((passed + 1))
		echo "ok      $(title)"
	else
		failed=$((failed + 1))
		tell
	fi
}

run_page() {
	while IFS= read -r line; do
		text=${line#* }
		case $line in
		end)
			[ "$command" ] && run_example
			command=
			output=
			;;
		'command '*) command=$text ;;
		'more '*) command=$command$newline$text ;;
		'output '*)
			[ "$command" ] || fail "output before a command: $text"
			output=$output$text$newline
			;;
		esac
	done <"$work/lines"
	[ $((passed + failed)) -gt 0 ] || fail "no examples in $page"
}

check_nothing_left() {
	left=$(list_mounts)
	[ "$left" ] || return 0
	echo "FAILED  mounts are left: $left"
	failed=$((failed + 1))
}

[ "$(id -u)" -eq 0 ] || fail "must be run by root"
[ -r "$page" ] || fail "no $page: run it from the root of the repository"
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
find_user
make_work
read_page >"$work/lines"
run_page
check_nothing_left
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
