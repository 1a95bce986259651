# SPDX-License-Identifier: GPL-2.0-or-later
# The network fabric: its pure parts, the switch without threads, and the whole with fake machines on its cables.
foreach(name parts switch live)
  lubench_test(fabric-${name} SOURCES ${CMAKE_SOURCE_DIR}/tests/fabric/test-${name}.c LIBS lu_guest LABELS fast)
endforeach()
