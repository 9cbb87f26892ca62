# Brings calls as nsrun tells them and as strace sees them into one form, "actor call(…)",
# with every argument that both show. Variables: from (explain, trace or strace), helper and
# init (has the plan one?), program (the actor that becomes it), and results (keep them).

BEGIN {
	split("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP " \
		"LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK " \
		"IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT " \
		"SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE " \
		"AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND " \
		"AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE", capabilities, " ")
	for (i in capabilities)
		number["CAP_" capabilities[i]] = i - 1
}

# Cuts a list at its commas, not at those within strings and brackets.
function split_list(list, parts,    i, c, depth, quoted, count, part) {
	depth = quoted = count = 0
	part = ""
	for (i = 1; i <= length(list); i++) {
		c = substr(list, i, 1)
		if (quoted && c == "\\") {
			part = part c substr(list, ++i, 1)
			continue
		}
		if (c == "\"")
			quoted = !quoted
		else if (!quoted && c ~ /[\[{(]/)
			depth++
		else if (!quoted && c ~ /[\]})]/)
			depth--
		if (c == "," && !quoted && depth == 0) {
			parts[++count] = part
			part = ""
			sub(/^ /, "", list)
			if (substr(list, i + 1, 1) == " ")
				i++
			continue
		}
		part = part c
	}
	if (part != "")
		parts[++count] = part
	return count
}

# Flags in one order; O_LARGEFILE is libc's, as is what it clones a plain fork with.
function sort_flags(flags,    parts, count, i, j, swap, sorted) {
	if (flags ~ /O_PATH/)
		sub(/O_RDONLY\|/, "", flags)
	count = split(flags, parts, "|")
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && parts[j] < parts[j - 1]; j--) {
			swap = parts[j]
			parts[j] = parts[j - 1]
			parts[j - 1] = swap
		}
	for (i = 1; i <= count; i++)
		if (parts[i] != "O_LARGEFILE")
			sorted = sorted (sorted == "" ? "" : "|") parts[i]
	return sorted
}

function process_name(pid) {
	return pid in names ? names[pid] : pid
}

# One form for both sources, with what both show.
function canonical(call,    name, list, a, n, i, text, words, w) {
	name = call
	sub(/\(.*/, "", name)
	list = substr(call, length(name) + 2)
	sub(/\)$/, "", list)
	n = split_list(list, a)
	if (name == "rt_sigaction" || name == "sigaction") {
		text = a[2]
		if (match(text, /sa_handler=[A-Z_]+/))
			text = substr(text, RSTART + 11, RLENGTH - 11)
		else if (text !~ /^[A-Z_]+$/)
			text = "HANDLER"
		return "sigaction(" a[1] ", " text ")"
	}
	if (name == "vfork" || name == "fork")
		return name "()"
	if (name == "clone" || name == "clone3") {
		if (list ~ /CLONE_VFORK/)
			return "vfork()"
		return list ~ /CLONE_VM/ ? "clone(CLONE_VM|SIGCHLD)" : "fork()"
	}
	if (name == "open" || name == "openat") {
		if (name == "openat") {
			for (i = 1; i < n; i++)
				a[i] = a[i + 1]
			n--
		}
		return "open(" text process_path(a[1]) ", " sort_flags(a[2]) (n > 2 && a[3] != "0" ? ", " a[3] : "") ")"
	}
	# What a report says is not known before.
	if (name == "write" && a[2] ~ /^report$|^"(NAMESPACE  |\{\\"pid\\")/)
		return "write(" a[1] ", report, length)"
	if (name == "write")
		return a[2] ~ /^"/ && a[1] != "2" ? "write(FD, " a[2] ", " a[3] ")" : "write(" a[1] ")"
	if (name == "read" || name == "getdents64")
		return name "(FD, BUFFER, " a[3] ")"
	if (name == "linkat")
		return "linkat(" a[4] ", " a[5] ")"
	if (name == "statfs" || name == "statfs64")
		return "statfs(" a[1] ")"
	if (name == "flock")
		return "flock(FD, " sort_flags(a[2]) ")"
	if (name == "readlinkat")
		return "readlinkat(FD, " a[2] ", BUFFER, " a[4] ")"
	if (name == "readlink")
		return "readlink(" a[1] ", BUFFER, " a[3] ")"
	if (name == "lstat" || name ~ /fstatat/ && list ~ /AT_SYMLINK_NOFOLLOW/)
		return "lstat(" (a[1] == "AT_FDCWD" ? a[2] : a[1]) ")"
	if (name == "fstat" || name ~ /fstatat/ && a[2] == "\"\"")
		return "fstat(FD)"
	if (name ~ /fstatat/ && a[1] != "AT_FDCWD")
		return "fstatat(" a[2] ")"
	if (name == "stat" || name ~ /fstatat/)
		return "stat(" (a[1] == "AT_FDCWD" ? a[2] : a[1]) ")"
	if (name == "access" || name == "faccessat" || name == "faccessat2")
		return "access(" (a[1] == "AT_FDCWD" ? a[2] ", " a[3] : list) ")"
	if (name == "waitpid" || name == "wait4")
		return "waitpid(" process_name(a[1]) ", &status, " a[3] ")"
	if (name == "send" || name == "sendto")
		return "send(FD, " a[2] ", " a[3] ", " a[4] ")"
	if (name == "recv" || name == "recvfrom")
		return "recv(FD, BUFFER, " a[3] ", " a[4] ")"
	if (name == "socket")
		return "socket(" a[1] ", " sort_flags(a[2]) ", " (a[3] == "IPPROTO_IP" ? 0 : a[3]) ")"
	if (name == "socketpair")
		return "socketpair(" a[1] ", " sort_flags(a[2]) ", " a[3] ")"
	if (name == "ioctl") {
		gsub(/ifr_(name|flags)=/, "", list)
		split_list(list, a)
		if (a[1] == "2" || a[2] == "TIOCGWINSZ")
			return "ioctl(" a[1] ", " a[2] ")"
		return "ioctl(FD, " a[2] ", " a[3] ")"
	}
	if (name == "poll" || name == "ppoll")
		return "poll(" a[2] ", " a[3] ")"
	if (name ~ /^signalfd4?$/)
		return "signalfd(" a[1] ", " a[n] ")"
	if (name == "sched_setscheduler")
		return name "(" a[1] ", " a[2] ")"
	if (name == "pidfd_open")
		return "pidfd_open(" process_name(a[1]) ", " a[2] ")"
	if (name ~ /^(capget|capset|getpid|geteuid|getegid|uname)$/)
		return name "()"
	if (name == "prctl") {
		sub(/"\.\.\.$/, "\"", a[2])
		if (a[3] in number)
			a[3] = number[a[3]]
		for (; n > 2 && a[n] == "0"; n--)
			;
		text = a[1] ", " a[2]
		for (i = 3; i <= n; i++)
			text = text ", " a[i]
		return "prctl(" text ")"
	}
	if (name == "unshare")
		return "unshare(" sort_flags(a[1]) ")"
	if (name ~ /^set[ug]id(32)?$|^setgroups(32)?$/) {
		sub(/32$/, "", name)
		return name "(" list ")"
	}
	if (name == "mount") {
		sub(/ \/\*.*/, "", a[2])
		sub(/^"\/proc\/self\/fd\/[0-9]+"$/, "\"/proc/self/fd/PLACE\"", a[2])
		return "mount(" process_path(a[1]) ", " a[2] ", " a[3] ", " sort_flags(a[4]) ", " a[5] ")"
	}
	if (name == "umount2" || name == "umount")
		return "umount2(" a[1] ", " a[2] ")"
	if (name == "open_tree")
		return "open_tree(FD, " a[2] ", " sort_flags(a[3]) ")"
	if (name == "move_mount")
		return "move_mount(FD, " a[2] ", FD, " a[4] ", " sort_flags(a[5]) ")"
	if (name == "setns")
		return "setns(FD, " a[2] ")"
	if (name == "fchdir")
		return "fchdir(FD)"
	if (name == "execve") {
		text = substr(a[2], 2, length(a[2]) - 2)
		n = split_list(text, words)
		# What PATH leads to is shown as the name that was looked for.
		w = a[1]
		sub(/^".*\//, "\"", w)
		if (w == words[1])
			a[1] = words[1]
		text = ""
		for (i = 1; i <= n && words[i] != "NULL"; i++)
			text = text (i > 1 ? ", " : "") \
				(i == 2 && a[1] ~ /^"new[ug]idmap"$/ ? map_process(words[2]) : words[i])
		return "execve(" a[1] ", " text ")"
	}
	return call
}

function process_path(path,    pid) {
	if (!match(path, /^"\/proc\/[0-9]+[\/"]/))
		return path
	pid = substr(path, 8, RLENGTH - 8)
	return "\"/proc/" process_name(pid) substr(path, RLENGTH)
}

function map_process(word) {
	gsub(/"/, "", word)
	return "\"" process_name(word) "\""
}

function emit(actor, call, result,    form) {
	form = canonical(call)
	if (form ~ /^(rt_)?sigprocmask\(/)
		return
	# An init waits so while its program is on the way.
	if (from == "strace" && form ~ /^poll\(3, -1\)/)
		return
	# Messages, which --trace writes too; and pipes that only say that somebody has ended.
	if (form ~ /^write\(2\)$|^read\(FD, BUFFER, 1\)$/)
		return
	print actor " " form (results && result != "" ? " = " result : "")
}

function take_told(line,    actor, call, result) {
	actor = line
	sub(/:? .*/, "", actor)
	call = line
	sub(/^[a-z]+:? /, "", call)
	result = ""
	if (from == "trace") {
		if (match(call, /\) = -?[0-9]+( \([^()]*\))?$/)) {
			result = substr(call, RSTART + 4)
			call = substr(call, 1, RSTART)
			sub(/ .*/, "", result)
		}
	}
	emit(actor, call, result)
}

from != "strace" {
	take_told($0)
	next
}

# strace: first all is read, since a vfork shows the child's pid only when it has returned.
{
	pid = $1
	call = $0
	sub(/^[0-9]+ +/, "", call)
	if (call ~ /^(\+\+\+|---)/)
		next
	if (call ~ /^<\.\.\. .* resumed>/) {
		sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", call)
		calls[begun[pid]] = calls[begun[pid]] call
		next
	}
	count++
	pids[count] = pid
	if (call ~ / *<unfinished \.\.\.>$/) {
		sub(/ *<unfinished \.\.\.>$/, "", call)
		begun[pid] = count
	}
	calls[count] = call
}

# Which of its descriptors poll(2) found is no part of its result.
function without_found(call) {
	sub(/ \(\[\{fd=.*\}\]\)$/, "", call)
	return call
}

function result_of(call) {
	call = without_found(call)
	if (!match(call, / = [^=]*$/))
		return ""
	call = substr(call, RSTART + 3)
	sub(/ .*/, "", call)
	return call
}

function without_result(call) {
	call = without_found(call)
	sub(/ += [^=]*$/, "", call)
	return call
}

# Housekeeping: memory, descriptors, threads, the end, and what libc does at the start.
function is_housekeeping(call, who,    name) {
	name = call
	sub(/\(.*/, "", name)
	return name ~ /^(brk|mmap|mmap2|munmap|mprotect|close_range|arch_prctl|set_thread_area|set_tid_address|set_robust_list|rseq|prlimit64|ugetrlimit|getrandom|close|fcntl|fcntl64|pipe|pipe2|dup|dup2|dup3|exit|exit_group|futex|gettid|restart_syscall|pread64|rt_sigprocmask|rt_sigtimedwait)$/ ||
		who == "launcher" && call ~ /^(fstat\(|newfstatat\([0-9]+, "",)/ || call ~ /^access\("\/etc\/ld\.so\.preload"/ ||
		call ~ /^openat\(AT_FDCWD, "[^"]*(\/ld\.so\.cache|\/lib[^\/"]*\.so[.0-9]*)"/ ||
		call ~ /^read\([0-9]+, "\\177ELF/ ||
		call ~ /^readlinkat\(AT_FDCWD, "\/proc\/self\/exe"|^readlink\("\/proc\/self\/exe"/ 
}

END {
	if (from != "strace")
		exit
	launcher = pids[1]
	actor[launcher] = "launcher"
	names[launcher] = "LAUNCHER"
	for (i = 1; i <= count; i++)
		if (calls[i] ~ /^execve\("\/usr\/bin\/getent"/)
			is_getent[pids[i]] = 1
	# Twice: a process may be seen before the call that made it has returned.
	for (round = 0; round < 2; round++)
		for (i = 1; i <= count; i++) {
			if (calls[i] !~ /^(vfork|fork|clone3?)\(/)
				continue
			child = result_of(calls[i])
			if (child !~ /^[0-9]+$/ || child in actor || !(pids[i] in actor))
				continue
			if (actor[pids[i]] == "launcher" && child in is_getent) {
				actor[child] = "getent"
				names[child] = "GETENT"
			} else if (actor[pids[i]] == "launcher") {
				actor[child] = helper && !had_helper ? "helper" : "child"
				names[child] = actor[child] == "helper" ? "HELPER" : "CHILD"
				had_helper = 1
			} else if (actor[pids[i]] == "helper") {
				actor[child] = "mapper"
			}
		}
	for (i = 1; i <= count; i++) {
		pid = pids[i]
		# The child of an init has another pid in its own namespace than here.
		if (!(pid in actor))
			actor[pid] = init ? "program" : "stranger"
		if (actor[pid] == "mapper" && calls[i] ~ /^execve\("[^"]*\/new[ug]idmap"/) {
			is_mapper[pid] = 1
			match(calls[i], /new[ug]idmap/)
			names[pid] = substr(calls[i], RSTART, RLENGTH)
		}
	}
	# What comes after the program's exec is no part of the comparison.
	for (i = count; i > 0; i--)
		if (calls[i] ~ /^execve\(/ && result_of(calls[i]) == "0" && actor[pids[i]] == program) {
			count = i
			break
		}
	# A process that has a descriptor signal it asks for its own number.
	for (i = 1; i <= count; i++) {
		if (calls[i] ~ /^fcntl\([0-9]+, F_SETOWN/ && calls[last[pids[i]]] ~ /^getpid\(/)
			calls[last[pids[i]]] = "close()"
		last[pids[i]] = i
	}
	for (i = 1; i <= count; i++) {
		pid = pids[i]
		who = actor[pid]
		if (ended[pid])
			continue
		if (calls[i] ~ /^execve\(/) {
			if (pid == launcher && !starts++)
				continue
			if (result_of(calls[i]) != "0")
				continue
			ended[pid] = 1
			# Of what it starts nsrun tells the exec.
			if (who == "mapper")
				who = "helper"
			if (who == "getent")
				who = "launcher"
		} else if (who == "mapper" && !is_mapper[pid]) {
			who = "guard"
		}
		if (is_housekeeping(calls[i], who))
			continue
		text = result_of(calls[i])
		emit(who, without_result(calls[i]), calls[i] ~ /^execve\(/ ? "" : text)
	}
}
