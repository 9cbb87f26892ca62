#!/bin/bash
# Completion in a real bash: what a press of the TAB key makes of a command line, with
# bash-completion and without it.
set -u
. tests/completion/common
insert_all=$'\e*'
. tests/completion/keys

mkdir -p "$work/share/bash-completion/completions"
"$nsrun" --completion bash >"$work/share/bash-completion/completions/nsrun"
bash -n "$work/share/bash-completion/completions/nsrun" || exit 1

# ESC * inserts all completions, and ^Xs tells the line.
cat >"$work/common.bash" <<'END'
PS1='> '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
show() {
	printf '%s|\n' "$READLINE_LINE" >>"$HOME/lines"
	READLINE_LINE=
	READLINE_POINT=0
}
bind -x '"\C-xs": show'
complete_greet() {
	COMPREPLY=($(compgen -W 'hallo hello' -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F complete_greet greet
export NSRUN_TEST_VARIABLE=1
cd "$HOME/here"
END
# bash-completion finds the script by itself, by the name of the command.
{
	cat "$work/common.bash"
	echo '. /usr/share/bash-completion/bash_completion'
} >"$work/with.bash"
{
	cat "$work/common.bash"
	echo '. <(nsrun --completion bash)'
} >"$work/without.bash"

# press WHICH: presses all keys in a bash that starts with the file of that name, and
# compares.
press() {
	rm -f "$work/lines"
	printf '%s' "$keys" |
		XDG_DATA_DIRS=$work/share bash --noprofile --rcfile "$work/$1.bash" -i >"$work/log" 2>&1
	compare_lines "$1 ${setting-bash-completion}: "
}

# What is the same with and without bash-completion.
add_common() {
	# Names of options.
	tab 'nsrun --pivot' 'nsrun --pivot-root '
	tab 'nsrun --trace --propag' 'nsrun --trace --propagation '
	tab 'nsrun --kill' 'nsrun --kill-child'
	all 'nsrun --kill' 'nsrun --kill-child --kill-child= '
	all 'nsrun --map-u' 'nsrun --map-user --map-users '
	tab 'nsrun --nonsense' 'nsrun --nonsense'
	all 'nsrun -fz' 'nsrun -fz'

	# Arguments after "=", in words of which bash takes only a part.
	tab 'nsrun --kill-child=TE' 'nsrun --kill-child=TERM '
	tab 'nsrun --kill-child=SIGTE' 'nsrun --kill-child=SIGTERM '
	all 'nsrun --propagation=' 'nsrun --propagation=private shared slave unchanged '
	all 'nsrun --setgroups=' 'nsrun --setgroups=allow deny '
	all 'nsrun --explain=' 'nsrun --explain=json text '
	all 'nsrun --map-users=' 'nsrun --map-users=all auto subids '
	all 'nsrun --completion=' 'nsrun --completion=bash fish zsh '
	tab 'nsrun --mount=df' 'nsrun --mount=dfile '
	all 'nsrun --root=d' 'nsrun --root=dir/ '
	tab 'nsrun --root=d' 'nsrun --root=dir/'
	tab 'nsrun --mount-proc=d' 'nsrun --mount-proc=dir/'
	tab 'nsrun --whitelist-env=HOME,NSRUN_TEST' 'nsrun --whitelist-env=HOME,NSRUN_TEST_VARIABLE '
	tab 'nsrun --fork=' 'nsrun --fork='
	tab 'nsrun --hostname=d' 'nsrun --hostname=d'

	# Arguments in a word of their own.
	tab 'nsrun --propagation sl' 'nsrun --propagation slave '
	tab 'nsrun --setgroups de' 'nsrun --setgroups deny '
	tab 'nsrun --root d' 'nsrun --root dir/'
	tab 'nsrun --root a' 'nsrun --root a\ b/'
	tab 'nsrun --map-user roo' 'nsrun --map-user root '
	tab 'nsrun --map-group roo' 'nsrun --map-group root '
	tab 'nsrun --setuid nobod' 'nsrun --setuid nobody '
	tab 'nsrun --load-interp d' 'nsrun --load-interp d'

	# Names that are cut short, as nsrun takes them too.
	tab 'nsrun --prop sl' 'nsrun --prop slave '
	tab 'nsrun --piv=d' 'nsrun --piv=dir/'

	# Letters: bundled, the argument in the same word or in the next one.
	all 'nsrun -R d' 'nsrun -R dir/ '
	tab 'nsrun -mpR d' 'nsrun -mpR dir/'
	tab 'nsrun -Rd' 'nsrun -Rdir/'
	tab 'nsrun -mpRd' 'nsrun -mpRdir/'
	tab 'nsrun -mRRd' 'nsrun -mRRd'
	tab 'nsrun -S nobod' 'nsrun -S nobody '

	# The program.
	tab 'nsrun gree' 'nsrun greet '
	tab 'nsrun -p gree' 'nsrun -p greet '
	tab 'nsrun -R dir gree' 'nsrun -R dir greet '
	tab 'nsrun -Rdir gree' 'nsrun -Rdir greet '
	tab 'nsrun --root=dir gree' 'nsrun --root=dir greet '
	tab 'nsrun --ro dir gree' 'nsrun --ro dir greet '
	tab 'nsrun -p -- gree' 'nsrun -p -- greet '
	tab 'nsrun --map-users 0:1:2 gree' 'nsrun --map-users 0:1:2 greet '
	tab 'nsrun --kill-child TE' 'nsrun --kill-child TE'
	tab 'nsrun --kill-child gree' 'nsrun --kill-child greet '
	tab 'nsrun ./dprog' 'nsrun ./dprogram '

	# Quotes, home, and redirections before the program.
	tab 'nsrun "--root=di' 'nsrun "--root=dir/"'
	tab 'nsrun "--propagation" sl' 'nsrun "--propagation" slave '
	tab 'nsrun -R~/he' "nsrun -R$HOME/here/"
	tab 'nsrun --root=~/he' "nsrun --root=$HOME/here/"
	tab 'nsrun --root ~/he' 'nsrun --root ~/here/'
	tab 'nsrun --root $HOME/he' 'nsrun --root $HOME/here/'
	tab 'nsrun >dfile gree' 'nsrun >dfile greet '
	tab 'nsrun -p 2> dfile gree' 'nsrun -p 2> dfile greet '
	tab 'nsrun -p 2>/dev/null --prop sl' 'nsrun -p 2>/dev/null --prop slave '
	tab 'nsrun --prop </dev/null sl' 'nsrun --prop </dev/null slave '
	tab 'nsrun -p >df' 'nsrun -p >dfile '
	tab 'nsrun >>dfile -Rd' 'nsrun >>dfile -Rdir/'

	# With the cursor inside the line, where ^B goes back by a character: nothing is lost.
	tab $'nsrun --root=d=x\002\002' 'nsrun --root=d=x'
	tab $'nsrun --root d:x\002\002' 'nsrun --root d:x'
	tab $'nsrun --prop true\002\002\002\002\002' 'nsrun --propagation true'
}

add_common
all 'nsrun greet ' 'nsrun greet hallo hello '
all 'nsrun -p greet h' 'nsrun -p greet hallo hello '
all 'nsrun -R dir greet h' 'nsrun -R dir greet hallo hello '
all 'nsrun --root=dir --map-users=0:1:2 greet h' 'nsrun --root=dir --map-users=0:1:2 greet hallo hello '
all 'nsrun -- greet h' 'nsrun -- greet hallo hello '
all 'nsrun 2>/dev/null -p <dfile greet h' 'nsrun 2>/dev/null -p <dfile greet hallo hello '
all 'nsrun nsrun -R dir greet h' 'nsrun nsrun -R dir greet hallo hello '
tab 'nsrun greet --pivot' 'nsrun greet --pivot'
tab 'nsrun -- --pivot' 'nsrun -- --pivot'
press with

add_common
tab 'nsrun -p greet df' 'nsrun -p greet dfile '
tab 'nsrun -R dir greet df' 'nsrun -R dir greet dfile '
tab 'nsrun greet --pivot' 'nsrun greet --pivot'
tab 'nsrun -- --pivot' 'nsrun -- --pivot'
press without

# In a shell that is set to other ways, which it keeps.
for setting in 'set -eu' 'IFS=n' IFS= 'shopt -s nocasematch failglob' 'set -f' 'shopt -s extglob nullglob dotglob' 'GLOBIGNORE=*'; do
	{
		cat "$work/without.bash"
		printf '%s\n' "$setting" 'kept() { set +o | grep -v history; shopt -p | grep -v expand_aliases; declare -p IFS; }' 'kept >"$HOME/settings"'
	} >"$work/set.bash"
	add_common
	tab 'nsrun -r -R d' 'nsrun -r -R dir/'
	tab 'nsrun -r gree' 'nsrun -r greet '
	tab 'nsrun --unknown gree' 'nsrun --unknown greet '
	keys+=$'kept >"$HOME/settings.now"\n'
	press set
	check "after $setting" '' "$(diff "$work/settings" "$work/settings.now")"
done

# Every option is there, and nothing else.
printf '%s' $'nsrun -\e*\030s' |
	bash --noprofile --rcfile "$work/without.bash" -i >"$work/log" 2>&1
check 'all options' "$(list_options)" \
	"$(tail -n 1 "$work/lines" | tr ' ' '\n' | grep '^-' | grep -v '=$' | sort)"
check 'options with an optional argument' \
	"$(show_help | grep -o -E -e '--[-a-z]+\[=' | tr -d '[' | sort)" \
	"$(tail -n 1 "$work/lines" | tr ' ' '\n' | grep '=$' | sort)"
finish
