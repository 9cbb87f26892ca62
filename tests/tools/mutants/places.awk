# Lists the places in C files where a small fault can be put, one a line:
# file, line number, what kind of fault, and the line with the fault in it, tabs between them.

function put(kind, from, length_, with) {
	printf "%s\t%d\t%s\t%s%s%s\n", FILENAME, FNR, kind, substr($0, 1, from - 1), with,
		substr($0, from + length_)
}

# At each place where the pattern is found outside strings, that length of it is replaced.
function each(kind, pattern, with,    from, rest) {
	from = 1
	while (match(substr(bare, from), pattern)) {
		put(kind, from + RSTART - 1, RLENGTH, with)
		from += RSTART + RLENGTH - 1
	}
}

# The line with what stands in strings, characters and comments made blank, of equal length.
function strip(line,    out, i, c, quote) {
	out = ""
	quote = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (in_comment) {
			if (substr(line, i, 2) == "*/") {
				in_comment = 0
				out = out " "
				i++
			}
			out = out " "
		} else if (quote != "") {
			if (c == "\\") {
				i++
				out = out " "
			} else if (c == quote)
				quote = ""
			out = out " "
		} else if (substr(line, i, 2) == "/*") {
			in_comment = 1
			out = out "  "
			i++
		} else if (c == "\"" || c == "'") {
			quote = c
			out = out " "
		} else
			out = out c
	}
	return out
}

FNR == 1 {
	in_comment = 0
	depth = 0
}

{
	bare = strip($0)
}

# Only code in functions: what is declared, or listed in a table, is for the compiler.
depth == 0 && /^{/ {
	depth = 1
	next
}
/^}/ {
	depth = 0
}
depth == 0 || bare ~ /^[ \t]*(#|static const|enum )/ {
	next
}

{
	each("equality", " == ", " != ")
	each("equality", " != ", " == ")
	each("bound", " < ", " <= ")
	each("bound", " <= ", " < ")
	each("bound", " > ", " >= ")
	each("bound", " >= ", " > ")
	each("logic", " && ", " || ")
	each("logic", " [|][|] ", " && ")
	each("sum", " [+] 1", " - 1")
	each("sum", " - 1", " + 1")
	# Any number will do for the result of a call that is told and not made, and any but a
	# negative one for a success.
	if (bare !~ /performs\(stage\) \?|return 0;/)
		each("constant", " 0;", " 1;")
	each("sign", "return 0;", "return -1;")
	each("constant", "true;", "false;")
	each("constant", "false;", "true;")
	each("sign", "return -1;", "return 0;")
	each("negation", "\\(!", "(")
}

# A statement that is left out: a call whose result is not used.
bare ~ /^\t+[a-z_]+\(.*\);$/ && bare !~ /(va_start|va_end|_exit)/ {
	match($0, /^\t+/)
	put("statement", 1, length($0), substr($0, 1, RLENGTH) ";")
}
