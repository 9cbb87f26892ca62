#!/bin/sh
# Prints a command that runs nsrun under valgrind, as a script that can stand in for it.
# From the repository's root: tests/valgrind/make.sh NSRUN FOLDER
# The folder must be one that every user may enter; the program is copied there.
set -eu
cp "$1" "$2/nsrun"
cp tests/valgrind/suppressions "$2"
chmod 755 "$2" "$2/nsrun"
chmod 644 "$2/suppressions"
cat <<END
#!/bin/sh
exec /usr/bin/valgrind --quiet --vgdb=no --error-exitcode=67 \\
	--suppressions=$2/suppressions $2/nsrun "\$@"
END
