#!/bin/bash
# Completion of odd names in a real bash, by the TAB key, and what nsrun gets of them when the line
# is run; and in a bash that is set to other ways.
set -u
. tests/completion/common
. tests/completion/odd_names
make_odd_names
[ "$(id -u)" != 0 ] || make_odd_users

# Not the program, but a function that writes down what it gets.
cat >"$work/common.bash" <<'END_OF_FILE'
PS1='> '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
nsrun() { printf '%s\0' "$@" '' >>"$HOME/arguments"; }
END_OF_FILE
"$nsrun" --completion bash >>"$work/common.bash"
cp "$work/common.bash" "$work/without.bash"
{
	echo '. /usr/share/bash-completion/bash_completion'
	cat "$work/common.bash"
} >"$work/with.bash"

# press: runs the keys with and without bash-completion.
press() {
	local which
	cp "$work/expected" "$work/expected.kept"
	for which in with without; do
		cp "$work/expected.kept" "$work/expected"
		printf '%s' "$keys" |
			LC_ALL=C.UTF-8 bash --noprofile --rcfile "$work/$which.bash" -i >"$work/log" 2>&1
		compare "$1, $which bash-completion"
	done
	keys=
}

# each FOLDER TYPED WORD BEFORE AFTER: types this and TAB where only the one name is, which makes a
# word of the name and of what is before and after it. WORD comes first, unless it is empty.
each() {
	local i
	for ((i = 0; i < ${#names[@]}; i++)); do
		takes_turn "$i" || continue
		keys+="cd $work/odd/$i/$1"$'\n'"nsrun $2"$'\t\n'
		expect ${3:+"$3"} "$4${names[i]}$5"
	done
	end_turn "$2"
}

keys=
for quote in '' \' \"; do
	each directory "-R $quote" -R '' /
	each directory "--root $quote" --root '' /
	each directory "-R$quote" '' -R /
	each directory "-mpR$quote" '' -mpR /
	each directory "--root=$quote" '' --root= /
	each file "--mount=$quote" '' --mount= ''
	each file "$quote./" '' ./ ''
	press_rest "names behind $quote"
done
for quote in \' \"; do
	each directory "$quote-R" '' -R /
	each directory "$quote--root=" '' --root= /
	each file "$quote--mount=" '' --mount= ''
	press_rest "names in a word behind $quote"
done
echo 'COMP_WORDBREAKS=${COMP_WORDBREAKS//=}' | tee -a "$work/with.bash" >>"$work/without.bash"
each directory --root= '' --root= /
each file --mount= '' --mount= ''
press_rest 'names where words do not break'
echo 'COMP_WORDBREAKS+==' | tee -a "$work/with.bash" >>"$work/without.bash"

# Of several, what they have in common, and the rest after another key.
mkdir "$work/several" "$work/several/"{'a b','a $(touch ran)1','a $(touch ran)2'}
for quote in '' \' \"; do
	dollar='\$'
	[ "$quote" != \' ] || dollar=\$
	keys+="cd $work/several"$'\n'"nsrun -R${quote}a"$'\t'$dollar$'\t1\t\n'"nsrun -R${quote}a"$'\tb\t\n'
	expect '-Ra $(touch ran)1/'
	expect '-Ra b/'
done
press 'several names'

# Programs in PATH, users and groups.
for ((i = 0; i < ${#names[@]}; i++)); do
	# bash itself has no list for a new line.
	[[ ${names[i]} != *$'\n'* ]] || continue
	keys+="nsrun prog$i-"$'\t\n'
	expect "prog$i-${names[i]}"
done
press 'a program'
for i in "${users[@]}"; do
	for typed in '--map-user ' --map-user= "--map-user='"; do
		keys+="nsrun ${typed}user$i-"$'\t\n'
		[[ $typed != *' ' ]] && expect "--map-user=user$i-${names[i]}" || expect --map-user "user$i-${names[i]}"
	done
	keys+="nsrun --map-group=group$i-"$'\t\n'
	expect "--map-group=group$i-${names[i]}"
done
((${#users[@]} == 0)) || press 'users and groups'
finish
