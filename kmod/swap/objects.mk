# SPDX-License-Identifier: GPL-2.0
# Paths are relative to Kbuild's folder.
obj-m += lu_swap.o
lu_swap-y := swap/module.o swap/version.o swap/instance.o swap/switcher.o swap/gate.o swap/quiesce.o swap/drain.o swap/stack.o swap/perform.o swap/sysfs.o
