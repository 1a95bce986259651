# SPDX-License-Identifier: GPL-2.0-or-later
# The model: every test of it is fast.
set(core_dir ${CMAKE_SOURCE_DIR}/tests/core)
lubench_test(core-metrics SOURCES ${core_dir}/test-metrics.c ${core_dir}/record.c LIBS lu_core LABELS fast)
