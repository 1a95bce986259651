# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts share.

load_modules() # FEATURE… of the machine, in load order, except those already loaded
{
	for feature; do
		[ -r /etc/lubench/modules/$feature ] || continue # built in
		while read -r file; do
			name=${file##*/} name=${name%.ko}
			[ -d /sys/module/${name//-/_} ] || insmod $file || exit
		done < /etc/lubench/modules/$feature
	done
}

find_store() # the disk with serial "store", as $disk
{
	for disk in /sys/block/*; do
		serial=
		[ -r $disk/serial ] && read -r serial < $disk/serial
		[ "$serial" = store ] && disk=/dev/${disk##*/} && return
	done
	echo 'there is no disk "store"'
	exit 1
}
