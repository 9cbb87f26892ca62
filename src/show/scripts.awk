# Makes C of the completion scripts: of each an array of parts, which completion.c prints.
# @name@ stands for what add_name() adds.

function quote(string) {
	gsub(/[\\"?]/, "\\\\&", string)
	return "\"" string "\""
}

FNR == 1 {
	shell = FILENAME
	sub(/.*\./, "", shell)
	if (NR > 1)
		print ", NULL}, {NULL, NULL}};"
	print "static const struct part " shell "_script[] = {{\"\""
}

# Comments, indentation and blank lines are for those who read the files; the binary does without.
FNR > 2 && /^ *#/ {
	next
}

# A part ends with a paragraph, as a string may be too long for a compiler (C11, 5.2.4.1).
FNR > 2 && /^$/ {
	if (size > 2500) {
		print ", NULL}, {\"\""
		size = 0
	}
	next
}

{
	sub(/^ +/, "")
	while (match($0, /@[a-z_]+@/)) {
		name = substr($0, RSTART + 1, RLENGTH - 2)
		print quote(substr($0, 1, RSTART - 1)) ", add_" name "}, {\"\""
		$0 = substr($0, RSTART + RLENGTH)
	}
	print quote($0) " \"\\n\""
	size += length($0) + 1
}

END {
	print ", NULL}, {NULL, NULL}};"
}
