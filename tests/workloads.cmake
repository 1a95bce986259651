# SPDX-License-Identifier: GPL-2.0-or-later
# Workloads: each client and its oracles against its own model, in memory.
set(workloads_dir ${CMAKE_SOURCE_DIR}/tests/workloads)
lubench_test(workloads SOURCES ${workloads_dir}/test-workloads.c ${workloads_dir}/drive.c LIBS lu_core LABELS fast)
foreach(name block dirty oltp http nat packets pool)
  lubench_test(workloads-${name} SOURCES ${workloads_dir}/test-${name}.c ${workloads_dir}/drive.c LIBS lu_core LABELS fast)
endforeach()
lubench_test(workloads-ledger SOURCES ${workloads_dir}/test-ledger.c LIBS lu_core LABELS fast)
lubench_test(workloads-parts SOURCES ${workloads_dir}/test-parts.c LIBS lu_core LABELS fast)
