# SPDX-License-Identifier: GPL-2.0
obj-m += lu_block_form.o lu_block_v1.o lu_block_v2.o lu_block_v3.o lu_block.o
lu_block-y := block/disk.o
lu_block_form-y := block/form.o
lu_block_v1-y := block/v1.o
lu_block_v2-y := block/v2.o
lu_block_v3-y := block/v3.o

# Live patches of version 1: lu_COMPONENT_lp_NAME
obj-m += lu_block_lp_fix.o lu_block_lp_crc.o
lu_block_lp_fix-y := block/lp-fix.o
lu_block_lp_crc-y := block/lp-crc.o
