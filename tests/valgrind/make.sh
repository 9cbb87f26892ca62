#!/bin/sh
# Prints a command that runs nsrun under valgrind, as a script that can stand in for it.
# From the repository's root: tests/valgrind/make.sh NSRUN FOLDER [valgrind's option ...]
# The folder must be one that every user may enter; the program is copied there.
set -eu
nsrun=$1
folder=$2
shift 2
cp "$nsrun" "$folder/nsrun"
cp tests/valgrind/suppressions "$folder"
chmod 755 "$folder" "$folder/nsrun"
chmod 644 "$folder/suppressions"
cat <<END
#!/bin/sh
exec /usr/bin/valgrind --quiet --vgdb=no --error-exitcode=67 $* \\
	--suppressions=$folder/suppressions $folder/nsrun "\$@"
END
