# SPDX-License-Identifier: GPL-2.0-or-later
# The simulated guest by itself: fast.
set(sim_dir ${CMAKE_SOURCE_DIR}/tests/sim)
foreach(name verbs timeline stream network)
  lubench_test(sim-${name} SOURCES ${sim_dir}/test-${name}.c ${CMAKE_SOURCE_DIR}/tests/strategies/trial.c
               LIBS lu_engine lu_sim lu_core LABELS fast)
endforeach()
