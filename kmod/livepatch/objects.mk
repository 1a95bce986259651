# SPDX-License-Identifier: GPL-2.0
# Live patches: lu_COMPONENT_lp_NAME.
obj-m += lu_block_lp_fix.o lu_block_lp_crc.o
lu_block_lp_fix-y := livepatch/block-fix.o
lu_block_lp_crc-y := livepatch/block-crc.o
