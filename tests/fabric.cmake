# SPDX-License-Identifier: GPL-2.0-or-later
# The network fabric: its pure parts, the switch without threads, and the whole with fake machines on its cables.
foreach(name parts switch live)
  lubench_test(fabric-${name} SOURCES ${CMAKE_SOURCE_DIR}/tests/fabric/test-${name}.c LIBS lu_guest LABELS fast)
endforeach()

# Of bench/fabric-vs-usernet; not built by default, for it is no test.
add_executable(fabric-meter EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/fabric/meter.c)
target_link_libraries(fabric-meter PRIVATE lu_engine lu_guest PkgConfig::GSL m)
target_compile_definitions(fabric-meter PRIVATE LU_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LU_BUILD_DIR="${CMAKE_BINARY_DIR}")
