#!/bin/bash
# Completion of odd names in a real zsh, by the TAB key, and what nsrun gets of them when the line
# is run.
set -u
. tests/completion/common
. tests/completion/odd_names
. tests/completion/terminal
make_odd_names
[ "$(id -u)" != 0 ] || make_odd_users

begin_zsh_start
# Not the program, but a function that writes down what it gets, without the slash that zsh puts
# behind most directories.
cat >>"$work/start" <<'END_OF_FILE'
nsrun() { printf '%s\0' "${@%/}" '' >>$HOME/arguments }
# ^Xr runs the line; zsh leaves a quote open after a directory.
run() {
	zsh -fnc "$BUFFER" 2>/dev/null || BUFFER+=$quote
	zle .accept-line
}
zle -N run
bindkey '^Xr' run
END_OF_FILE

press() {
	LC_ALL=C.UTF-8 type_keys "$zsh_shell"
	compare "$1"
}

# each FOLDER TYPED WORD BEFORE: types this and TAB where only the one name is, which makes a word
# of the name and of what is before it. WORD comes first, unless it is empty.
each() {
	local i
	for ((i = 0; i < ${#names[@]}; i++)); do
		takes_turn "$i" || continue
		keys+="cd $work/odd/$i/$1"$'\n'"quote=${quote:+\\$quote}"$'\n'"nsrun $2"$'\t\030r'
		expect ${3:+"$3"} "$4${names[i]}"
	done
	end_turn "$2"
}

keys=
for quote in '' \' \"; do
	each directory "-R $quote" -R ''
	each directory "--root $quote" --root ''
	each directory "-R$quote" '' -R
	each directory "-mpR$quote" '' -mpR
	each directory "--root=$quote" '' --root=
	each file "--mount=$quote" '' --mount=
	each file "$quote./" '' ./
	press_rest "names behind $quote"
done
for ((i = 0; i < ${#names[@]}; i++)); do
	keys+="nsrun prog$i-"$'\t\030r'
	expect "prog$i-${names[i]}"
done
press 'a program'
for i in "${users[@]}"; do
	keys+="nsrun --map-user user$i-"$'\t\030r'"nsrun --map-user=user$i-"$'\t\030r'"nsrun --map-group=group$i-"$'\t\030r'
	expect --map-user "user$i-${names[i]}"
	expect "--map-user=user$i-${names[i]}"
	expect "--map-group=group$i-${names[i]}"
done
((${#users[@]} == 0)) || press 'users and groups'
finish
