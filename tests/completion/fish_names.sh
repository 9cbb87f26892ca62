#!/bin/bash
# Completion of odd names in a real fish, at a terminal of zsh's module zpty, by the TAB key, and
# what nsrun gets of them when the line is run.
set -u
. tests/completion/common
. tests/completion/odd_names
. tests/completion/terminal
make_odd_names
[ "$(id -u)" != 0 ] || make_odd_users

# Not the program, but a function that writes down what it gets.
cat >"$work/start" <<'END_OF_FILE'
function fish_prompt; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
function nsrun
    printf '%s\0' $argv '' >>$HOME/arguments
end
END_OF_FILE
"$nsrun" --completion fish >>"$work/start"
cat >>"$work/start" <<'END_OF_FILE'
# ^Xr runs the line; fish leaves a quote open after a directory.
function run
    commandline --is-valid; or commandline --append -- $quote
    commandline -f execute
end
bind \cxr run
echo READY
END_OF_FILE

press() {
	TERM=dumb LC_ALL=C.UTF-8 type_keys \
		"zpty shell fish --no-config --init-command \"'source \$HOME/start'\""
	compare "$1"
}

# each FOLDER TYPED WORD BEFORE AFTER WITHOUT: types this and TAB where only the one name is, which
# makes a word of the name and of what is before and after it. WORD comes first, unless it is empty.
# WITHOUT are names that fish cannot complete there, since its lists are cut at new lines and tabs.
each() {
	local i
	for ((i = 0; i < ${#names[@]}; i++)); do
		takes_turn "$i" || continue
		[[ ! ${names[i]} =~ $6 ]] || continue
		keys+="cd $work/odd/$i/$1"$'\n'"set quote ${quote:+\\$quote}"$'\n'"nsrun $2"$'\t\030r'
		expect ${3:+"$3"} "$4${names[i]}$5"
	done
	end_turn "$2"
}

keys=
cut=$'[\n\t]'
for quote in '' \' \"; do
	each directory "-R $quote" -R '' / "$cut|^~"
	each directory "--root $quote" --root '' / "$cut|^~"
	each directory "-R$quote" '' -R / "$cut"
	each directory "-mpR$quote" '' -mpR / "$cut"
	each directory "--root=$quote" '' --root= / "$cut"
	each file "--mount=$quote" '' --mount= '' $'\t'
	each file "$quote./" '' ./ '' "$cut"
	press_rest "names behind $quote"
done
for ((i = 0; i < ${#names[@]}; i++)); do
	[[ ! ${names[i]} =~ $cut ]] || continue
	keys+="nsrun prog$i-"$'\t\030r'
	expect "prog$i-${names[i]}"
done
press 'a program'
for i in "${users[@]}"; do
	# fish cuts the comment of a user, and so this list, at a comma too.
	[[ ! ${names[i]} =~ [,$'\t'] ]] || continue
	keys+="nsrun --map-user user$i-"$'\t\030r'"nsrun --map-user=user$i-"$'\t\030r'"nsrun --map-group=group$i-"$'\t\030r'
	expect --map-user "user$i-${names[i]}"
	expect "--map-user=user$i-${names[i]}"
	expect "--map-group=group$i-${names[i]}"
done
((${#users[@]} == 0)) || press 'users and groups'
finish
