# SPDX-License-Identifier: GPL-2.0-or-later
# Whole runs on real guests, by the command as a user would call it.
file(GLOB run_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/runs/test-*.c)
foreach(test IN LISTS run_tests)
  string(REGEX REPLACE ".*/test-(.*)[.]c$" "\\1" name ${test})
  lubench_test(runs-${name} SOURCES ${test} ${CMAKE_SOURCE_DIR}/tests/runs/run.c
               LIBS PkgConfig::GLIB PkgConfig::JANSSON LABELS guest TIMEOUT 900)
  if(TARGET test-runs-${name})
    target_include_directories(test-runs-${name} PRIVATE ${CMAKE_SOURCE_DIR})
    add_dependencies(test-runs-${name} lubench)
    set_tests_properties(runs-${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endforeach()
