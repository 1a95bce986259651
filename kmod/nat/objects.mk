# SPDX-License-Identifier: GPL-2.0
obj-m += lu_nat_v1.o lu_nat_v2.o lu_nat.o

lu_nat-y := nat/module.o nat/router.o nat/packet.o nat/hold.o
lu_nat_v1-y := nat/v1.o
lu_nat_v2-y := nat/v2.o
