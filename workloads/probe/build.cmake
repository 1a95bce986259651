# SPDX-License-Identifier: GPL-2.0-or-later
# The table of probes is what their program says, built for this host (probe-native: agent/CMakeLists.txt).
set(probe_table ${CMAKE_CURRENT_BINARY_DIR}/probe-table.c)
add_custom_command(OUTPUT ${probe_table} DEPENDS probe-native VERBATIM
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:probe-native> -DOUTPUT=${probe_table} -P ${CMAKE_CURRENT_LIST_DIR}/table.cmake
  COMMENT "Table of probes")
target_sources(lu_workloads PRIVATE ${probe_table})
