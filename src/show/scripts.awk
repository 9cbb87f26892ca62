# Makes C of the completion scripts: of each a list of strings, of which show.c prints all but
# @options@, for which it has others.

FNR == 1 {
	shell = FILENAME
	sub(/.*\./, "", shell)
	print (NR > 1 ? ", NULL};\n" : "") "static const char *const " shell "_script[] = {"
}

# Comments, indentation and blank lines are for those who read the files; the binary does without.
# A string ends with a paragraph, as one may be too long for a compiler (C11, 5.2.4.1).
FNR > 2 && /^ *(#|$)/ {
	if ($0 == "")
		print ","
	next
}

{
	sub(/^ +/, "")
	gsub(/[\\"?]/, "\\\\&")
	gsub(/@options@/, "\", \"&\", \"")
	print "\"" $0 "\\n\""
}

END {
	print ", NULL};"
}
