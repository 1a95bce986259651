# SPDX-License-Identifier: GPL-2.0
obj-m += lu_queue_form.o lu_queue_v1.o lu_queue_v2.o lu_queue.o
lu_queue-y := queue/qdisc.o
lu_queue_form-y := queue/form.o
lu_queue_v1-y := queue/v1.o
lu_queue_v2-y := queue/v2.o
