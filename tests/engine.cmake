# SPDX-License-Identifier: GPL-2.0-or-later
# The engine on made-up clocks, and against services that run in the test's own process.
set(engine_dir ${CMAKE_SOURCE_DIR}/tests/engine)
lubench_test(engine-load SOURCES ${engine_dir}/test-load.c LIBS lu_core LABELS fast)
lubench_test(engine-client SOURCES ${engine_dir}/test-client.c ${engine_dir}/loopback.c LIBS lu_engine LABELS fast)
lubench_test(engine-run SOURCES ${engine_dir}/test-run.c ${engine_dir}/loopback-guest.c ${engine_dir}/loopback.c
             LIBS lu_engine LABELS fast TIMEOUT 180)
