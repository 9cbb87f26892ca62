#!/bin/busybox sh
# shellcheck shell=dash
# The first process of a machine: finds the disk, and goes on with what is on it. The modules
# lie in the order in which they need one another.
/bin/busybox mount -t devtmpfs dev /dev
for module in /modules/*; do
	/bin/busybox insmod "$module"
done
until [ -e /dev/vda ]; do :; done
/bin/busybox mount -t ext4 /dev/vda /root || exec /bin/busybox poweroff -f
exec /bin/busybox switch_root /root /src/tests/kernels/machine.sh
