# SPDX-License-Identifier: GPL-2.0-or-later
# Whole runs on real guests, by the command as a user would call it.
foreach(name x86 patch faults workloads standby ppc)
  lubench_test(runs-${name} SOURCES ${CMAKE_SOURCE_DIR}/tests/runs/test-${name}.c ${CMAKE_SOURCE_DIR}/tests/runs/run.c
               LIBS PkgConfig::GLIB PkgConfig::JANSSON LABELS guest TIMEOUT 900)
  if(TARGET test-runs-${name})
    target_include_directories(test-runs-${name} PRIVATE ${CMAKE_SOURCE_DIR})
    add_dependencies(test-runs-${name} lubench)
    set_tests_properties(runs-${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endforeach()
