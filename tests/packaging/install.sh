#!/bin/sh
# What make install puts where, with which modes, and that make uninstall takes all of these
# files away and nothing else. As root, from the repository's root: tests/packaging/install.sh
set -u
. tests/harness/checks

# Runs make for install or uninstall with the arguments, under a umask that hides everything.
run_make() {
	(umask 077 && make -s "$@") >"$work/log" 2>&1 && return 0
	cat "$work/log"
	return 1
}

# Directories stay: others may have come to use them.
is_empty() {
	[ -d "$1" ] || return 1
	left=$(find "$1" ! -type d)
	[ -z "$left" ] || { echo "$left"; return 1; }
}

# Are these all that is below the directory $1, but for directories? Words such as usr/bin/nsrun.
holds_just() {
	directory=$1
	shift
	printf '%s\n' "$@" | LC_ALL=C sort >"$work/expected"
	(cd "$directory" && find . ! -type d | sed 's|^\./||') | LC_ALL=C sort | diff "$work/expected" -
}

modes_are_right() {
	find "$1" -mindepth 1 \( -type d ! -perm 755 -o -type f -path '*/bin/*' ! -perm 755 -o \
		-type f ! -path '*/bin/*' ! -perm 644 -o ! -type d ! -type f \) \
		-printf '%M %P\n' >"$work/wrong"
	cat "$work/wrong"
	[ ! -s "$work/wrong" ]
}

# A package's tree, in the usual place.
stage=$work/stage
check 'install' run_make install DESTDIR="$stage"
chmod 755 "$stage"
check 'modes' modes_are_right "$stage"
for file in bin/nsrun share/man/man1/nsrun.1 share/man/man7/nsrun-labs.7 \
	share/man/zh_CN/man1/nsrun.1 share/man/zh_CN/man7/nsrun-labs.7 \
	share/bash-completion/completions/nsrun share/zsh/site-functions/_nsrun \
	share/fish/vendor_completions.d/nsrun.fish; do
	check "usr/local/$file" test -s "$stage/usr/local/$file"
done
check 'nothing outside PREFIX' test "$(ls "$stage") $(ls "$stage/usr")" = 'usr local'
check 'the program' cmp nsrun "$stage/usr/local/bin/nsrun"
check 'the manual' sh -c 'man -M "$1/usr/local/share/man" nsrun-labs | grep -q NSRUN-LABS' sh "$stage"
for page in nsrun nsrun-labs; do
	check "$page in Chinese" sh -c 'LC_ALL=C.UTF-8 MANPATH="$1/usr/local/share/man" \
		man -L zh_CN "$2" | grep -q 命名空间' sh "$stage" $page
	check "$page in English" sh -c 'LC_ALL=C.UTF-8 MANPATH="$1/usr/local/share/man" \
		man -L C "$2" | grep -q DESCRIPTION' sh "$stage" $page
done
for shell in bash:bash-completion/completions/nsrun zsh:zsh/site-functions/_nsrun \
	fish:fish/vendor_completions.d/nsrun.fish; do
	check "completion for $shell" sh -c './nsrun --completion "$1" | cmp - "$2"' sh \
		"${shell%%:*}" "$stage/usr/local/share/${shell#*:}"
done
check 'install again' run_make install DESTDIR="$stage"
check 'uninstall' run_make uninstall DESTDIR="$stage"
check 'nothing is left' is_empty "$stage"
check 'uninstall again' run_make uninstall DESTDIR="$stage"

# What others have put beside it.
mkdir -p "$stage/usr/local/bin" "$stage/usr/local/share/man/man1"
touch "$stage/usr/local/bin/other" "$stage/usr/local/share/man/man1/other.1"
run_make install DESTDIR="$stage"
check 'uninstall beside others' run_make uninstall DESTDIR="$stage"
check 'others are left' holds_just "$stage" usr/local/bin/other usr/local/share/man/man1/other.1

# In place of unshare.
check 'install unshare' run_make install-unshare DESTDIR="$stage"
check 'it is called unshare' sh -c '"$1/usr/local/bin/unshare" --version | grep -q "^unshare from"' sh "$stage"
check 'install it again' run_make install-unshare DESTDIR="$stage"
check 'uninstall it' run_make uninstall DESTDIR="$stage"
check 'the link is gone' test ! -L "$stage/usr/local/bin/unshare"
for theirs in '-s /bin/true' /bin/true; do
	# shellcheck disable=SC2086 # an option and a name
	ln $theirs "$stage/usr/local/bin/unshare" 2>/dev/null || cp /bin/true "$stage/usr/local/bin/unshare"
	check "another's unshare stays" sh -c '! make -s install-unshare DESTDIR="$1" >/dev/null 2>&1' sh "$stage"
	run_make uninstall DESTDIR="$stage"
	check 'and what it is' cmp /bin/true "$stage/usr/local/bin/unshare"
	rm -f "$stage/usr/local/bin/unshare"
done

# From elsewhere it says what to do.
check 'make from elsewhere' sh -c 'nsrun=$PWD && cd / && ! make -f "$nsrun/Makefile" >"$1" 2>&1' sh "$work/log"
check 'it says how' grep -q 'make -C' "$work/log"

# A path is a name to the shell, whatever is in it.
stage="$work/it's \"my\" \`touch $work/ran\` #1"
mkdir -p "$work/it's"
touch "$work/it's/other"
check 'install to an odd place' run_make install DESTDIR="$stage" prefix='/a b'
check 'it is there' cmp nsrun "$stage/a b/bin/nsrun"
check 'uninstall from an odd place' run_make uninstall DESTDIR="$stage" prefix='/a b'
check 'nothing is left there' is_empty "$stage"
check 'what a part of its name names is left' test -e "$work/it's/other" -a ! -e "$work/ran"

# Places of one's own choice.
stage=$work/chosen
set -- DESTDIR="$stage" PREFIX=/usr BINDIR=/opt/bin MANDIR=/srv/pages ZSHDIR=/srv/zsh
check 'install elsewhere' run_make install "$@"
for file in opt/bin/nsrun srv/pages/man1/nsrun.1 srv/pages/zh_CN/man7/nsrun-labs.7 srv/zsh/_nsrun; do
	check "$file" test -s "$stage/$file"
done
check 'nothing in /usr/bin' test ! -e "$stage/usr/bin" -a ! -e "$stage/usr/share/man"
check 'uninstall elsewhere' run_make uninstall "$@"
check 'nothing is left elsewhere' is_empty "$stage"

# Without DESTDIR.
mkdir "$work/home"
check 'install at home' run_make install PREFIX="$work/home/nsrun"
check 'it runs' "$work/home/nsrun/bin/nsrun" true
check 'uninstall at home' run_make uninstall PREFIX="$work/home/nsrun"
check 'home is left' is_empty "$work/home"

# All that is below a directory, one a line; with what files are, and when they were written.
list_all() {
	find "$1" \( -type d -printf '%p directory %m %U' -o -printf '%p %y %m %U %i %s %l %T@' \) -printf '\0' |
		tr '\n\0' '|\n' | LC_ALL=C sort
}

# there_and_back NAME ARGUMENT ...: installs with these arguments somewhere below $tree and
# uninstalls, once where there is nothing yet, and once with others' files beside all of it.
there_and_back() {
	what=$1
	shift
	tree=$work/tree
	mkdir -p "$tree/my" "$tree/it's" "$tree/empty" "$tree/usr/local/bin" "$tree/P/bin" "$tree/-stage"
	touch "$tree/my/file" "$tree/a" "$tree/usr/local/bin/other"
	ln -sf nowhere "$tree/link"
	for beside in nothing others; do
		list_all "$tree" >"$work/before"
		check "install to $what" run_make -C "$copy" install "$@"
		check "all is in $what" test "$(find "$tree" -name '*nsrun*' ! -type d -printf x)" = xxxxxxxx
		check "uninstall from $what" run_make -C "$copy" uninstall "$@"
		list_all "$tree" >"$work/after"
		[ $beside = others ] || sed -i '/ directory 755 0$/d' "$work/before" "$work/after"
		check "$what beside $beside is as it was" diff "$work/before" "$work/after"
		find "$tree" -depth -mindepth 1 -type d -exec touch {}/other \; -exec mkdir -p {}/none \;
	done
	rm -rf "$tree"
}

# As root has it whose nsrun another user has built: it is taken as it is.
copy=$work/tree-of-source
mkdir "$copy"
cp -r Makefile src include man tests nsrun "$copy"
chown nobody "$copy/nsrun"
ln -s "$work/tree/-stage" "$copy/-stage"
tree=$work/tree
there_and_back 'a PREFIX' PREFIX="$tree/usr"
there_and_back 'a DESTDIR' DESTDIR="$tree"
there_and_back 'a slash at the end' DESTDIR="$tree/" PREFIX=/usr/
there_and_back 'a prefix of one level' DESTDIR="$tree" PREFIX=/P
there_and_back 'a prefix of no level' DESTDIR="$tree" PREFIX=
there_and_back 'a dot' DESTDIR="$tree/." PREFIX=/usr/local/.
there_and_back 'two dots' DESTDIR="$tree/empty/.." PREFIX=/usr/../P
there_and_back 'a blank' DESTDIR="$tree/my dest" PREFIX='/P bin'
there_and_back 'quotes' DESTDIR="$tree/it's" PREFIX="/it\"s 'P'"
there_and_back 'a dollar' DESTDIR="$tree/\$\$HOME" PREFIX="/\$\$(touch $work/ran)"
there_and_back 'backticks' DESTDIR="$tree/;touch \`touch $work/ran\` #1" PREFIX='/P&'
there_and_back 'a backslash' DESTDIR="$tree/a\\b\\" PREFIX='/*?[P]'
there_and_back 'a new line' DESTDIR="$tree/a
b" PREFIX='/c
d'
there_and_back 'a dash' DESTDIR=-stage
there_and_back 'a way up' DESTDIR=../tree PREFIX=/-P
check 'nothing of a name is run' test ! -e "$work/ran"
# shellcheck disable=SC2046 # no name has a blank
check 'nothing is made in the source' holds_just "$copy" -stage \
	$(find Makefile src include man tests nsrun ! -type d)

# What the environment has is not make's RUN, and make -n only tells.
tree=$work/tree
check 'RUN in the environment' env RUN=1 make -s -C "$copy" install DESTDIR="$tree"
check 'completion is there' test -s "$tree/usr/local/share/zsh/site-functions/_nsrun"
printf '#!/bin/sh\ntouch "%s/ran"\n' "$work" >"$copy/nsrun"
check 'make -n' sh -c 'make -s -C "$1" -n install DESTDIR="$2" >/dev/null' sh "$copy" "$work/none"
check 'nothing is run or made' test ! -e "$work/ran" -a ! -e "$work/none"

# An nsrun that this machine cannot run, as after a cross build: no completion without RUN,
# which says what runs it. No machine has the number 65535 (elf(5), e_machine).
cp nsrun "$work/foreign"
printf '\377\377' | dd of="$work/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
printf '#!/bin/sh\nshift\nexec "%s/native" "$@"\n' "$work" >"$work/emulator"
chmod +x "$work/emulator"
cp nsrun "$work/native"
install_foreign() {
	./nsrun --mount sh -c 'mount --bind "$1" nsrun && shift && exec make -s -o nsrun install "$@"' \
		sh "$work/foreign" "$@" >"$work/log" 2>&1
}
stage=$work/without
check 'install a foreign one' install_foreign DESTDIR="$stage"
check 'it is told that completion is missing' grep -q 'completion' "$work/log"
check 'it has all but completion' holds_just "$stage" usr/local/bin/nsrun \
	usr/local/share/man/man1/nsrun.1 usr/local/share/man/man7/nsrun-labs.7 \
	usr/local/share/man/zh_CN/man1/nsrun.1 usr/local/share/man/zh_CN/man7/nsrun-labs.7
check 'it is the foreign one' cmp "$work/foreign" "$stage/usr/local/bin/nsrun"
check 'uninstall a foreign one' run_make uninstall DESTDIR="$stage"
check 'nothing is left of it' is_empty "$stage"
stage=$work/with
check 'install with RUN' install_foreign DESTDIR="$stage" RUN="$work/emulator"
for shell in bash:bash-completion/completions/nsrun zsh:zsh/site-functions/_nsrun \
	fish:fish/vendor_completions.d/nsrun.fish; do
	check "completion for $shell with RUN" sh -c './nsrun --completion "$1" | cmp - "$2"' sh \
		"${shell%%:*}" "$stage/usr/local/share/${shell#*:}"
done
for run in false ./missing; do
	install_foreign DESTDIR="$work/failed" RUN="$run"
	check "RUN=$run fails" test $? != 0
done

# The system's own directories stay, in a /usr/local that only these commands see.
check 'the system' ./nsrun --mount sh -eu -c '
	mount -t tmpfs tmpfs /usr/local
	mkdir -p /usr/local/bin /usr/local/share/man/man1 /usr/local/games
	for place in "" DESTDIR=/ PREFIX=/usr/local/. "DESTDIR=/ PREFIX=usr/local/"; do
		make -s install $place >/dev/null
		PATH=/usr/local/bin:$PATH nsrun true
		make -s uninstall $place
		test -d /usr/local/bin && test -d /usr/local/games && test -d /usr/local/share/man/man1
		test -z "$(find /usr/local -type f)"
	done'

finish
