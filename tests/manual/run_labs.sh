#!/bin/bash
# Runs every command of man/nsrun-labs.7 and compares what it prints with the page.
# As root, from the repository's root: tests/manual/run_labs.sh
#
# NSRUN  the binary (./nsrun); getpid lies beside it
#
# In the page's literal displays "# " begins a command of root, "$ " one of the ordinary
# user, "> " continues it; the other lines are its output. A section "LAB n: ..." and its
# subsection "Lab n" of ANSWERS are a shell each, with one kind of prompt, in the lab's
# own directory. After a command that ends in & follows what an interactive shell prints.
#
# Output agrees with the page where it is the same but for these:
#   blanks     any run of them counts as one, none at the ends of a line
#   numbers    of 4 and more digits are any number: in a lab the same number stands for
#              the same, another one of as many digits for another. 65534 is itself,
#              and so is a number that the command before contains.
#   ...        any text within a line; alone on a line, any number of lines
#   harbour    the name of this host
#   ada        the ordinary user
set -u -o pipefail
. tests/harness/script
umask 022

page=man/nsrun-labs.7
nsrun=${NSRUN:-./nsrun}
getpid=$(dirname "$nsrun")/getpid
# ps shows what a process has executed, which is valgrind then.
[ "${NSRUN_CHECKED:-}" = valgrind ] && nsrun=$NSRUN_PLAIN
newline=$'\n'

fail() {
	echo "run_labs: $*" >&2
	exit 1
}

# --- the place ------------------------------------------------------------------------

work=
session=

# What a lab has left in its directory, should it have stopped half way.
unmount_below() {
	local mount

	awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo |
		tac | while read -r mount; do umount -l "$mount"; done
}

# What runs in the background of a lab when its shell has ended, or is to end.
end_session() {
	if [ "$session" ]; then
		{ kill -KILL -- -"$session" && wait "$session"; } 2>/dev/null
	fi
	session=
}

clean_up() {
	end_session
	if [ "$work" ]; then
		unmount_below "$work"
		rm -rf "$work"
	fi
	return 0
}

make_work() {
	work=$(mktemp -d) || fail "cannot make a directory"
	chmod 755 "$work"
	mkdir "$work/bin"
	install -m 755 "$nsrun" "$work/bin/nsrun" || fail "run make first"
	install -m 755 "$getpid" "$work/bin/getpid" || fail "run make first"
}

# --- reading the page -----------------------------------------------------------------

# One line per thing: "lab TITLE", "answer N", "command TEXT", "more TEXT", "output TEXT".
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
	/^\.Sh LAB /                { answers = 0; print "lab " substr($0, 9); next }
	/^\.Sh ANSWERS/             { answers = 1; next }
	/^\.Sh /                    { answers = 0; print "lab"; next }
	/^\.Ss Lab / && answers     { print "answer " $3; next }
	/^\.Bd -literal/            { display = 1; next }
	/^\.Ed/                     { display = 0; next }
	!display                    { next }
	/^[#$] /                    { print "command " plain($0); next }
	/^> /                       { print "more " plain(substr($0, 3)); next }
	                            { print "output " plain($0) }
	' "$page"
}

# --- comparing ------------------------------------------------------------------------

# Blanks are squeezed, empty lines at the end dropped, and so is what the shell says of a
# background job that has been killed.
tidy() {
	sed -E -e 's/\r$//' -e '/: line [0-9]+: +[0-9]+ (Killed|Terminated) /d' \
		-e 's/[[:blank:]]+/ /g' -e 's/^ //' -e 's/ $//'
}

declare -A number_here  # what a number of the page is on this machine
declare -A number_there # and the reverse, with its digits in front

# Takes the first word, dots or sign from rest and adds what matches it to pattern; a
# number that may differ is added to groups.
take_word() {
	local word=${rest:0:1}

	if [[ $rest =~ ^([[:alnum:]]+|\.\.\.) ]]; then
		word=${BASH_REMATCH[0]}
	fi
	rest=${rest:${#word}}
	case $word in
	...) pattern+="[^$newline]*" ;;
	harbour) pattern+=$(uname -n | sed 's/\./\\./g') ;;
	ada) pattern+=$user ;;
	65534 | *[[:alpha:]]* | [0-9] | [0-9][0-9] | [0-9][0-9][0-9]) pattern+=$word ;;
	[0-9]*)
		pattern+='([0-9]+)'
		groups+=("$word")
		;;
	\\ | ^) pattern+="\\$word" ;;
	*) pattern+="[$word]" ;;
	esac
}

# Sets pattern to an extended regular expression for the page's output $1, and groups to
# what its parentheses stand for: a number of the page, or "-".
make_pattern() {
	local rest

	pattern=^
	groups=()
	while [ "$1" ] && IFS= read -r rest; do
		if [ "$rest" = ... ]; then
			pattern+="([^$newline]*$newline)*"
			groups+=(-)
			continue
		fi
		while [ "$rest" ]; do
			take_word
		done
		pattern+=$newline
	done <<<"$1"
	pattern+=\$
}

# Is $1, the output, what the page says in $2 of the command $3?
agrees() {
	local pattern groups found i there here key text=$1

	make_pattern "$2"
	[ "$text" ] && text+=$newline
	[[ $text =~ $pattern ]] || return 1
	found=("${BASH_REMATCH[@]}")
	for ((i = 0; i < ${#groups[@]}; i++)); do
		there=${groups[i]}
		here=${found[i + 1]}
		key=${#there}:$here
		[ "$there" = - ] && continue
		[[ $3 =~ (^|[^[:alnum:]])$there([^[:alnum:]]|$) && $here != "$there" ]] && return 1
		[ "${number_here[$there]:=$here}" = "$here" ] || return 1
		[ "${number_there[$key]:=$there}" = "$there" ] || return 1
	done
}

# --- running --------------------------------------------------------------------------

commands=()
outputs=()

# The shell's input: each command after a mark, by which its output is found again.
write_script() {
	local i

	for ((i = 0; i < ${#commands[@]}; i++)); do
		printf '%s\n%s\n' "printf '\\036'" "${commands[i]:2}"
		if [[ ${commands[i]} =~ \&$ ]]; then
			# No reader types the next command before this one has started: it, or its
			# child, is sleep(1) or watch(1) in all labs, and waits by itself.
			printf 'echo "[1] $!"\nuntil %s; do :; done\n' 'waiting=$(
				ps -o pid=,stat=,comm= -p $! --ppid $! |
				awk "\$2 ~ /^S/ && \$3 ~ /^(sleep|watch)$/ { print \$1 }")
				[ "$waiting" ] && ! pgrep -P "$waiting" >/dev/null'
		fi
	done
	printf '%s\n' "printf '\\036'"
}

# Runs the script $1 in directory $2 as the prompt $3 says, on a terminal, as a reader does: ls(1)
# and nsrun print another thing there. The session ends with it, and what is still there.
run_script() {
	local shell=(env -i "PATH=$work/bin:$PATH" LC_ALL=C QUOTING_STYLE=shell-escape
		"HOME=$2" TERM=dumb timeout "$bound" bash "$1")

	[ "$3" = '$' ] && shell=(setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups "${shell[@]}")
	(cd "$2" && exec setsid script -qec "${shell[*]@Q}" /dev/null) </dev/null >"$1.out" 2>&1 &
	session=$!
	wait "$session"
	end_session
	unmount_below "$2"
}

tell() {
	printf '  %s\n' "${commands[$1]//$newline/$newline  > }"
	printf '%s\n' "$2" | sed 's/^/    page: /'
	printf '%s\n' "$3" | sed 's/^/    here: /'
}

# Runs the commands read so far, of lab $1; true if all agree with the page.
run_unit() {
	local directory=$work/lab$1 prompt=${commands[0]:0:1} script=$work/script i got expected
	local result=0

	for i in "${commands[@]}"; do
		[ "${i:0:1}" = "$prompt" ] || fail "lab $1 mixes prompts"
	done
	if [ ! -d "$directory" ]; then
		mkdir "$directory"
		[ "$prompt" = '$' ] && chown "$user" "$directory"
	fi
	write_script >"$script"
	run_script "$script" "$directory" "$prompt"
	for ((i = 0; i < ${#commands[@]}; i++)); do
		got=$(cut -z -d $'\036' -f $((i + 2)) "$script.out" | tr -d '\0' | tidy)
		expected=$(tidy <<<"${outputs[i]}")
		agrees "$got" "$expected" "${commands[i]}" || { result=1 && tell "$i" "$expected" "$got"; }
	done
	return $result
}

declare -A titles failed counts
order=()
lab=

flush() {
	if [ "$lab" ] && [ ${#commands[@]} -gt 0 ]; then
		run_unit "$lab" || failed[$lab]=yes
		counts[$lab]=$((${counts[$lab]:-0} + ${#commands[@]}))
	fi
	commands=()
	outputs=()
}

report() {
	local failures=0

	for lab in "${order[@]}"; do
		[ "${counts[$lab]:-}" ] || fail "no command in lab $lab"
		if [ "${failed[$lab]:-}" ]; then
			failures=$((failures + 1))
			echo "FAILED  lab ${titles[$lab]}"
		else
			echo "ok      lab ${titles[$lab]} (${counts[$lab]} commands)"
		fi
	done
	echo "$((${#order[@]} - failures)) passed, $failures failed"
	[ "$failures" -eq 0 ]
}

# An answer may come pages after its lab: the numbers of a lab are kept for its shell only.
run_page() {
	local kind text last

	while IFS= read -r kind; do
		text=${kind#* }
		last=$((${#commands[@]} - 1))
		case $kind in
		lab)
			flush
			lab=
			;;
		'lab '*)
			flush
			lab=${text%%:*}
			titles[$lab]=$text
			order+=("$lab")
			number_here=() number_there=()
			;;
		'answer '*)
			flush
			lab=$text
			[ "${titles[$lab]:-}" ] || fail "an answer without a lab: $lab"
			number_here=() number_there=()
			;;
		'command '*)
			commands+=("$text")
			outputs+=('')
			;;
		'more '*) commands[last]+=$newline$text ;;
		'output '*)
			[ "$last" -ge 0 ] || fail "output before a command: $text"
			outputs[last]+=${outputs[last]:+$newline}$text
			;;
		esac
	done < <(read_page && echo lab)
	[ ${#order[@]} -gt 0 ] || fail "no labs in $page"
}

[ "$(id -u)" -eq 0 ] || fail "must be run by root"
[ -r "$page" ] || fail "no $page: run it from the root of the repository"
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
make_work
run_page
report
