# SPDX-License-Identifier: GPL-2.0
obj-m += lu_pool_front.o lu_pool_v1.o lu_pool_v2.o lu_pool.o

lu_pool_front-y := pool/front.o pool/server.o
lu_pool-y := pool/pool.o
lu_pool_v1-y := pool/v1.o
lu_pool_v2-y := pool/v2.o
