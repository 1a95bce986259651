# SPDX-License-Identifier: GPL-2.0-or-later
# Every strategy on the simulated guest: fast.
set(strategies_dir ${CMAKE_SOURCE_DIR}/tests/strategies)
foreach(name contract faults params disk image)
  lubench_test(strategies-${name} SOURCES ${strategies_dir}/test-${name}.c ${strategies_dir}/trial.c
               LIBS lu_engine lu_sim lu_core LABELS fast)
endforeach()
