#!/bin/bash
# Completion in fish, as it says itself what it would offer.
set -u
. tests/completion/common

mkdir "$work/completions"
"$nsrun" --completion fish >"$work/completions/nsrun.fish"
fish -n "$work/completions/nsrun.fish" || exit 1

# Offers all that fish has for the command line, one a line, with its explanation.
offer() {
	(cd "$work/here" && NSRUN_TEST_VARIABLE=1 fish --no-config -c "
		set fish_complete_path '$work/completions' \$fish_complete_path
		complete -c greet -f -a 'hallo hello'
		complete -C '$1'" 2>&1)
}

# all LINE WORD ...: just these are offered.
all() {
	check "all after $1" "$(printf '%s\n' "${@:2}")" "$(offer "$1" | cut -f 1 | sort)"
}

# Names of options.
all 'nsrun --pivot' --pivot-root
all 'nsrun --kill' --kill-child --kill-child=
all 'nsrun --map-u' --map-user --map-users
all 'nsrun --nonsense' ''

# Arguments after "=".
all 'nsrun --kill-child=TE' --kill-child=TERM
all 'nsrun --kill-child=SIGTE' --kill-child=SIGTERM
all 'nsrun --propagation=s' --propagation=shared --propagation=slave
all 'nsrun --setgroups=' --setgroups=allow --setgroups=deny
all 'nsrun --explain=' --explain=json --explain=text
all 'nsrun --map-users=' --map-users=all --map-users=auto --map-users=subids
all 'nsrun --mount=d' --mount=dfile --mount=dir/ --mount=dprogram
all 'nsrun --root=d' --root=dir/
all 'nsrun --mount-proc=d' --mount-proc=dir/
all 'nsrun --whitelist-env=HOME,NSRUN_TEST' --whitelist-env=HOME,NSRUN_TEST_VARIABLE
all 'nsrun --hostname=d' ''

# Arguments in a word of their own.
all 'nsrun --propagation sl' slave
all 'nsrun --setgroups ' allow deny
all 'nsrun --root d' dir/
all 'nsrun --map-user roo' root
all 'nsrun --map-group roo' root
all 'nsrun --setuid nobod' nobody
all 'nsrun --load-interp d' ''

# Names that are cut short, quotes, and redirections before the program.
all 'nsrun --prop=s' --prop=shared --prop=slave
all 'nsrun --piv=d' --piv=dir/
all 'nsrun --r=d' ''
all 'nsrun "--root=di' --root=dir/
all 'nsrun "--propagation" sl' slave
all 'nsrun >dfile gree' greet
all 'nsrun -p 2> dfile gree' greet
all 'nsrun 2>/dev/null --prop sl' slave
all 'nsrun </dev/null >>dfile -p greet h' hallo hello
all 'nsrun --root ~/he' '~'/here/
all 'nsrun -R~/he' ''

# Letters: bundled, the argument in the same word or in the next one.
all 'nsrun -R d' dir/
all 'nsrun -mpR d' dir/
all 'nsrun -Rd' -Rdir/
all 'nsrun -mpRd' -mpRdir/
all 'nsrun -S nobod' nobody

# The program and its own arguments.
all 'nsrun gree' greet
all 'nsrun -R dir gree' greet
all 'nsrun -Rdir gree' greet
all 'nsrun --ro dir gree' greet
all 'nsrun --kill-child SIGTERM' ''
all 'nsrun --kill-child gree' greet
all 'nsrun -p -- gree' greet
all 'nsrun greet ' hallo hello
all 'nsrun -R dir greet h' hallo hello
all 'nsrun -mpR dir greet h' hallo hello
all 'nsrun --root=dir --map-users=0:1:2 greet h' hallo hello
all 'nsrun --ro dir greet h' hallo hello
all 'nsrun -- greet h' hallo hello
all 'nsrun nsrun -R dir greet h' hallo hello
all 'nsrun greet --pivot' ''
all 'nsrun -- --pivot' ''

# Every option is there with what --help says of it, and nothing else.
offer 'nsrun -' >"$work/letters"
offer 'nsrun --' >"$work/names"
check 'all options' "$(list_options)" \
	"$(sort -u "$work/letters" "$work/names" | cut -f 1 | grep -v '=$' | sort)"
check 'options with an optional argument' \
	"$(show_help | grep -o -E -e '--[-a-z]+\[=' | tr -d '[' | sort)" \
	"$(cut -f 1 "$work/names" | grep '=$' | sort)"
check 'all explanations' "$(list_explanations)" "$(cut -f 2 "$work/names" | sort -u)"
check 'letters with an explanation' "$(list_options | grep -v '^--')" \
	"$(grep -P '^-[[:alnum:]]\t.' "$work/letters" | cut -f 1 | sort)"
finish
