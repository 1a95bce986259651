# SPDX-License-Identifier: GPL-2.0
obj-m += lu_swap_cost.o
lu_swap_cost-y := cost/cost.o cost/calls.o cost/bios.o
