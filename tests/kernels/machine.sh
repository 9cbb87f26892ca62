#!/bin/sh
# Process 1 of a machine when its disk is there: makes it one in which tests can run, runs those
# that /tests names, and powers off. What it has to say goes to the console.
export IN_MACHINE=yes PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
for place in /dev/shm /tmp /run; do
	mount -t tmpfs -o mode=1777 tmpfs $place
done
chmod 755 /run
ln -sf /proc/self/fd /dev/fd
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo +pids >/sys/fs/cgroup/cgroup.subtree_control
mount -t securityfs securityfs /sys/kernel/security
# As systemd has it.
mount --make-rshared /
echo 4194304 >/proc/sys/kernel/pid_max
hostname machine
ip link set lo up
modprobe -a overlay binfmt_misc veth

cd /src || exit
echo "machine: Linux $(uname -r), up after $(cut -d . -f 1 /proc/uptime) s"
# shellcheck disable=SC2046 # they are words
setsid --wait tests/run.sh $(cat /tests) </dev/null >/dev/console 2>&1
echo "machine: the tests ended with $?"
busybox poweroff -f
