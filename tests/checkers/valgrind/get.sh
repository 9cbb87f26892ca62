#!/bin/sh
# Puts a valgrind of version OLDEST or later into FOLDER: the installed one, or else the one
# that Debian is working on, from where this machine has its packages.
# From the repository's root: tests/checkers/valgrind/get.sh FOLDER OLDEST
set -eu
folder=$1
oldest=$2
installed=$(valgrind --version | sed 's/valgrind-//')
if printf '%s\n' "$oldest" "$installed" | sort --version-sort --check=silent; then
	ln -s /usr/libexec/valgrind "$folder/library"
	ln -s "$(command -v valgrind.bin || command -v valgrind)" "$folder/valgrind"
	exit
fi
package=$PWD/build/valgrind
if ! [ -e "$package/usr/bin/valgrind.bin" ]; then
	rm -rf "$package"
	mkdir -p "$package/lists/partial"
	packages=$(apt-get indextargets --format "\$(REPO_URI)" "Label: Debian" | head -1)
	echo "deb $packages sid main" >"$package/sources"
	debian() {
		apt-get -qq -o Dir::Etc::SourceList="$package/sources" \
			-o Dir::Etc::SourceParts=/dev/null \
			-o Dir::State::Lists="$package/lists" "$@"
	}
	debian update
	(cd "$package" && debian -o APT::Sandbox::User=root download valgrind)
	dpkg -x "$package"/valgrind_*.deb "$package"
	rm -r "$package/lists" "$package"/valgrind_*.deb
fi
cp -r "$package/usr/libexec/valgrind" "$folder/library"
cp "$package/usr/bin/valgrind.bin" "$folder/valgrind"
