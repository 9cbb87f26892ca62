# Says which files include a header of a room that is not below their own: see rooms.sh, which
# names the rooms from the top.
BEGIN {
	count = split(rooms, name)
	for (i = 1; i <= count; i++)
		height[name[i]] = count - i + 1
}

FNR == 1 {
	files[FILENAME]
}

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
	number[++lines] = FNR
	user[lines] = FILENAME
	sub(/^[^"<]*["<]/, "")
	sub(/[">].*/, "")
	used[lines] = $0
}

# The file that is included, or "" for one of another place.
function find(file, name, places, i) {
	sub(/[^\/]*$/, "", file)
	split(file name " include/" name " src/" name, places)
	for (i = 1; i <= 3; i++) {
		while (sub(/[^\/]+\/\.\.\//, "", places[i]))
			;
		if (places[i] in files)
			return places[i]
	}
	return ""
}

function stem(file) {
	sub(/.*\//, "", file)
	sub(/\.[ch]$/, "", file)
	return file
}

# A header in include/ is as high as the .c file of its name that includes it. One without is as
# high as what it includes itself.
function raise(header, file) {
	if (files[header] >= files[file])
		return 0
	files[header] = files[file]
	return 1
}

function name_of(file) {
	return files[file] ? name[count + 1 - files[file]] : "include"
}

END {
	for (file in files) {
		folders = split(file, part, "/")
		room = folders > 2 ? part[2] : "main"
		if (part[1] == "include")
			files[file] = 0
		else if (room in height)
			files[file] = height[room]
		else {
			print file ": its room is not one of " rooms
			files[file] = count + 1
		}
	}
	for (i = 1; i <= lines; i++) {
		used[i] = find(user[i], used[i])
		if (used[i] ~ /^include\// && user[i] ~ /\.c$/ && stem(used[i]) == stem(user[i])) {
			raise(used[i], user[i])
			owned[used[i]]
		}
	}
	do {
		changed = 0
		for (i = 1; i <= lines; i++) {
			if (used[i] && user[i] ~ /^include\// && !(user[i] in owned))
				changed += raise(user[i], used[i])
		}
	} while (changed)
	for (i = 1; i <= lines; i++) {
		if (used[i] && files[used[i]] > files[user[i]])
			print user[i] ":" number[i] ": includes " used[i] ", but " name_of(used[i]) \
				" is not below " name_of(user[i])
	}
}
