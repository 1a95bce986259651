# SPDX-License-Identifier: GPL-2.0-or-later
# Whole runs on ppc64-pseries, by the command as a user would call it.
lubench_test(guest-ppc SOURCES ${CMAKE_SOURCE_DIR}/tests/guest-ppc/test-runs.c LIBS PkgConfig::GLIB PkgConfig::JANSSON
             LABELS guest TIMEOUT 900)
if(TARGET test-guest-ppc)
  add_dependencies(test-guest-ppc lubench)
endif()
