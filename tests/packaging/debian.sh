#!/bin/sh
# Debian packages made from the archive as it is: one by dpkg-deb from what make install
# has staged, and a source and a binary package by debhelper. As root on Debian, from the
# repository's root: tests/packaging/debian.sh
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
passed=0

fail() {
	echo "FAILED  $*"
	echo "$passed passed, 1 failed"
	exit 1
}

# check NAME COMMAND: the command must succeed.
check() {
	title=$1
	shift
	"$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "$title"; }
	passed=$((passed + 1))
}

# A package's program, below its own root, and its pages.
holds_nsrun() {
	rm -rf "$work/root"
	dpkg-deb --contents "$1" >"$work/contents"
	for file in '-rwxr-xr-x root/root .* \./usr/bin/nsrun$' \
		'-rw-r--r-- root/root .* \./usr/share/man/man1/nsrun\.1' \
		'-rw-r--r-- root/root .* \./usr/share/man/man7/nsrun-labs\.7' \
		'-rw-r--r-- root/root .* \./usr/share/man/zh_CN/man1/nsrun\.1' \
		'-rw-r--r-- root/root .* \./usr/share/man/zh_CN/man7/nsrun-labs\.7' \
		'-rw-r--r-- root/root .* \./usr/share/bash-completion/completions/nsrun$' \
		'-rw-r--r-- root/root .* \./usr/share/zsh/site-functions/_nsrun$' \
		'-rw-r--r-- root/root .* \./usr/share/fish/vendor_completions\.d/nsrun\.fish$'; do
		grep -- "^$file" "$work/contents" || return 1
	done
	grep -v ' \./\(usr/\|$\)' "$work/contents" && return 1
	dpkg-deb --extract "$1" "$work/root"
	"$work/root/usr/bin/nsrun" -p -f sh -c 'test $$ = 1'
}

# In the unpacked archive: a package without debhelper.
build_by_hand() {
	make -s
	make -s install PREFIX=/usr DESTDIR="$work/stage"
	mkdir "$work/stage/DEBIAN"
	printf '%s\n' 'Package: nsrun' "Version: $version-1" "Architecture: $(dpkg --print-architecture)" \
		'Maintainer: Nobody <nobody@localhost>' 'Description: run a program in new namespaces' \
		>"$work/stage/DEBIAN/control"
	dpkg-deb --root-owner-group --build "$work/stage" "$work/by-hand.deb"
	make -s clean
}

# What a maintainer would add. The tests that need root are not for a package's build.
write_debian() {
	mkdir -p debian/source
	echo '3.0 (quilt)' >debian/source/format
	printf '%s\n' 'Source: nsrun' 'Section: admin' 'Priority: optional' \
		'Maintainer: Nobody <nobody@localhost>' 'Build-Depends: debhelper-compat (= 13), libcmocka-dev' \
		'Standards-Version: 4.6.2' 'Rules-Requires-Root: no' '' 'Package: nsrun' \
		'Architecture: any' 'Depends: ${misc:Depends}, ${shlibs:Depends}' \
		'Description: run a program in new namespaces' ' As unshare does.' >debian/control
	printf '%s\n' "nsrun ($version-1) unstable; urgency=low" '' '  * For a test.' '' \
		' -- Nobody <nobody@localhost>  Thu, 01 Jan 2026 00:00:00 +0000' >debian/changelog
	printf '%s\n' '#!/usr/bin/make -f' '%:' '	dh $@' \
		'override_dh_auto_test:' '	$(MAKE) check-unit' \
		'override_dh_auto_install:' '	dh_auto_install -- PREFIX=/usr' >debian/rules
	chmod +x debian/rules
}

build_by_debhelper() {
	write_debian
	# It would want a C++ compiler, too, as a part of build-essential.
	dpkg-buildpackage --no-check-builddeps --no-sign >"$work/build.log" 2>&1 || { cat "$work/build.log"; return 1; }
}

command -v dh >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
	--no-install-recommends debhelper dpkg-dev >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
make -s dist DIST="$work/dist"
archive=$(echo "$work"/dist/*)
version=$(basename "$archive" .tar.gz)
version=${version#nsrun-}
tar -xzf "$archive" -C "$work"
cp "$archive" "$work/nsrun_$version.orig.tar.gz"
cd "$work/nsrun-$version"

check 'by hand' build_by_hand
check 'the package made by hand' holds_nsrun "$work/by-hand.deb"
check 'by debhelper' build_by_debhelper
check 'the package made by debhelper' holds_nsrun "$work/nsrun_$version-1_$(dpkg --print-architecture).deb"
check 'its unit tests' grep -x '[1-9][0-9]* passed, 0 failed' "$work/build.log"
check 'no patch' sh -c '! tar -tf "$1" | grep patches' sh "$work/nsrun_$version-1.debian.tar.xz"
echo "$passed passed, 0 failed"
