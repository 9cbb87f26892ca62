#!/bin/bash
# Completion in a real zsh, at a terminal of zsh's own module zpty: what a press of the TAB
# key makes of a command line.
set -u
. tests/completion/common
insert_all=$'\030a'
. tests/completion/keys
. tests/completion/terminal

begin_zsh_start
zsh -n "$work/functions/_nsrun" || exit 1

# ^Xa inserts all completions, ^Xl lists them, and ^Xs tells the line.
cat >>"$work/start" <<'END'
zle -C all-matches complete-word _generic
zstyle ':completion:all-matches:*' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert true
zstyle ':completion:all-matches:*' old-matches false
bindkey '^Xa' all-matches
bindkey '^Xl' list-choices
LISTMAX=1000
show() {
	print -r -- "$BUFFER|" >>$HOME/lines
	BUFFER=
}
zle -N show
bindkey '^Xs' show
_greet() { compadd hallo hello }
compdef _greet greet
export NSRUN_TEST_VARIABLE=1
cd $HOME/here
END

press() {
	rm -f "$work/lines"
	type_keys "$zsh_shell"
	compare_lines ''
}

# Names of options. Behind a name zsh puts a "=" that goes when a blank is typed.
tab 'nsrun --pivot' 'nsrun --pivot-root='
tab 'nsrun --tra' 'nsrun --trace '
tab 'nsrun --kill' 'nsrun --kill-child='
tab 'nsrun --nonsense' 'nsrun --nonsense'

# Arguments after "=".
tab 'nsrun --kill-child=TE' 'nsrun --kill-child=TERM '
tab 'nsrun --kill-child=SIGTE' 'nsrun --kill-child=SIGTERM '
all 'nsrun --propagation=s' 'nsrun --propagation=shared --propagation=slave '
all 'nsrun --setgroups=' 'nsrun --setgroups=allow --setgroups=deny '
all 'nsrun --explain=' 'nsrun --explain=json --explain=text '
tab 'nsrun --mount=df' 'nsrun --mount=dfile '
tab 'nsrun --root=d' 'nsrun --root=dir/'
tab 'nsrun --mount-proc=d' 'nsrun --mount-proc=dir/'
tab 'nsrun --whitelist-env=HOME,NSRUN_TEST' 'nsrun --whitelist-env=HOME,NSRUN_TEST_VARIABLE,'
tab 'nsrun --hostname=d' 'nsrun --hostname=d'

# Arguments in a word of their own.
all 'nsrun --propagation s' 'nsrun --propagation shared slave '
all 'nsrun --map-users ' 'nsrun --map-users all auto subids '
all 'nsrun --map-users auto --map-users ' 'nsrun --map-users auto --map-users all auto subids '
tab 'nsrun --root d' 'nsrun --root dir/'
tab 'nsrun --map-user roo' 'nsrun --map-user root '
tab 'nsrun --map-group roo' 'nsrun --map-group root '
tab 'nsrun --setuid nobod' 'nsrun --setuid nobody '
tab 'nsrun --load-interp d' 'nsrun --load-interp d'

# Names that are cut short, as nsrun takes them too.
tab 'nsrun --prop sl' 'nsrun --prop slave '
tab 'nsrun --piv d' 'nsrun --piv dir/'

tab 'nsrun --prop=sl' 'nsrun --propagation=slave '
tab 'nsrun --piv=d' 'nsrun --pivot-root=dir/'
tab 'nsrun --r=d' 'nsrun --r=d'

# Quotes, home where the shell does not know it, and redirections before the program.
tab 'nsrun "--root=di' 'nsrun "--root=dir/'
tab 'nsrun "--propagation" sl' 'nsrun "--propagation" slave '
tab 'nsrun -R~/he' "nsrun -R$HOME/here/"
tab 'nsrun --root=~/he' "nsrun --root=$HOME/here/"
tab 'nsrun --root ~/he' 'nsrun --root ~/here/'
tab 'nsrun >dfile gree' 'nsrun >dfile greet '
tab 'nsrun -p 2> dfile gree' 'nsrun -p 2> dfile greet '
tab 'nsrun 2>/dev/null --prop sl' 'nsrun 2>/dev/null --prop slave '

# Letters: bundled, the argument in the same word or in the next one.
tab 'nsrun -R d' 'nsrun -R dir/'
tab 'nsrun -mpR d' 'nsrun -mpR dir/'
tab 'nsrun -Rd' 'nsrun -Rdir/'
tab 'nsrun -mpRd' 'nsrun -mpRdir/'
tab 'nsrun -S nobod' 'nsrun -S nobody '

# The program and its own arguments.
tab 'nsrun gree' 'nsrun greet '
tab 'nsrun -R dir gree' 'nsrun -R dir greet '
tab 'nsrun -Rdir gree' 'nsrun -Rdir greet '
tab 'nsrun --ro dir gree' 'nsrun --ro dir greet '
tab 'nsrun --kill-child TE' 'nsrun --kill-child TE'
tab 'nsrun --kill-child gree' 'nsrun --kill-child greet '
tab 'nsrun -p -- gree' 'nsrun -p -- greet '
tab 'nsrun ./dprog' 'nsrun ./dprogram '
# What the shell itself has, such as its builtins, cannot be run.
tab 'nsrun --fork unsetop' 'nsrun --fork unsetop'
all 'nsrun greet ' 'nsrun greet hallo hello '
all 'nsrun -R dir greet h' 'nsrun -R dir greet hallo hello '
all 'nsrun -mpR dir greet h' 'nsrun -mpR dir greet hallo hello '
all 'nsrun --root=dir --map-users=0:1:2 greet h' 'nsrun --root=dir --map-users=0:1:2 greet hallo hello '
all 'nsrun --ro dir greet h' 'nsrun --ro dir greet hallo hello '
all 'nsrun -- greet h' 'nsrun -- greet hallo hello '
all 'nsrun nsrun -R dir greet h' 'nsrun nsrun -R dir greet hallo hello '
tab 'nsrun greet --pivot' 'nsrun greet --pivot'
tab 'nsrun -- --pivot' 'nsrun -- --pivot'
press

# In a shell that is set to other ways.
for setting in 'setopt err_exit no_unset' IFS=n 'setopt ksh_arrays sh_word_split glob_subst' 'setopt no_case_glob no_glob'; do
	keys+=$setting$'\n'
	tab 'nsrun -r gree' 'nsrun -r greet '
	tab 'nsrun --unknown gree' 'nsrun --unknown greet '
	tab 'nsrun --prop=sl' 'nsrun --propagation=slave '
	tab 'nsrun -Rd' 'nsrun -Rdir/'
	press
done

# Every option is there, and nothing else.
all 'nsrun -' ''
press >/dev/null
failed=$((failed - 1))
check 'all options' "$(list_options)" "$(tail -n 1 "$work/lines" | tr ' ' '\n' | grep '^-[^|]' | sort)"

# Each with what --help says of it.
keys=$'nsrun -\030l\030s'
press
list_explanations | while IFS= read -r explanation; do
	grep -q -F -e "-- $explanation" "$work/log" || echo "$explanation"
done >"$work/missing"
check 'explanations that are missing' '' "$(cat "$work/missing")"

# It can be read by source, too.
mkdir "$work/empty"
sed -i -e "s|functions|empty|" -e '$a . =(nsrun --completion zsh)' "$work/start"
tab 'nsrun --pivot' 'nsrun --pivot-root='
press
finish
