# SPDX-License-Identifier: GPL-2.0
obj-m += lu_net_form.o lu_net_v1.o lu_net_v2.o lu_net.o
lu_net-y := net/pair.o
lu_net_form-y := net/form.o net/ring.o net/interrupt.o
lu_net_v1-y := net/v1.o
lu_net_v2-y := net/v2.o
