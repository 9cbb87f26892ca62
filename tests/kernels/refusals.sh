#!/bin/bash
# The kernel's switches and limits, thrown for real: nsrun says which it was, and what its hint
# tells to do helps. Only in a machine of tests/kernels/check.sh, as they hold for all of it.
#
# runs by itself: nobody can make namespaces meanwhile
set -u
. tests/harness/script
[ "${IN_MACHINE:-}" ] || { echo 'refusals: only in a machine of tests/kernels/check.sh' >&2; exit 1; }
passed=0
failed=0
nsrun=${NSRUN:-./nsrun}

perform() {
	local as=()
	[ "$1" = root ] || as=(setpriv --reuid "$user" --regid "$user" --init-groups --)
	shift
	timeout "$bound" "${as[@]}" "$nsrun" "$@" true 2>&1
}

# hints root|user HINT OPTIONS: what is refused, for which reason, and works when the reason is gone.
hints() {
	local who=$1 hint=$2 output after
	shift 2
	output=$(perform "$who" "$@")
	sh -c "$(sed -nE 's/^hint: .* As root: (sysctl -w [a-z_.]+=[0-9]+).*/\1/p' <<<"$output")" >/dev/null
	if [[ $output == *"hint: $hint"* ]] && after=$(perform "$who" "$@"); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED  %s: %s\n%s\n%s\n' "$who" "$*" "$output" "${after:-}"
	fi
}

while read -r type option; do
	before=$(sysctl -n "user.max_${type}_namespaces")
	sysctl -q -w "user.max_${type}_namespaces=0"
	hints root "user.max_${type}_namespaces is 0." "$option" -f
	sysctl -q -w "user.max_${type}_namespaces=0"
	hints user "user.max_${type}_namespaces is 0." -r "$option" -f
	sysctl -q -w "user.max_${type}_namespaces=$before"
done <<-END
	mnt -m
	uts -u
	ipc -i
	net -n
	pid -p
	user -U
	cgroup -C
	time -T
END

# Debian's own.
if [ -e /proc/sys/kernel/unprivileged_userns_clone ]; then
	sysctl -q -w kernel.unprivileged_userns_clone=0
	hints user 'kernel.unprivileged_userns_clone is 0.' -r
fi
# By a policy that allows all but that. The kernel says no to root as well.
if needs_linux 6.7 'user namespaces as a matter of AppArmor'; then
	cat /policy >/sys/kernel/security/apparmor/.load
	cp "$nsrun" /tmp/confined
	for who in root user; do
		output=$(nsrun=/tmp/confined perform $who -r)
		if [[ $output == *"Permission denied"*"hint: "*"confined (enforce)"* ]]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAILED  $who: AppArmor: $output"
		fi
	done
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -ge 16 ]
