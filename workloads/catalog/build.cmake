# SPDX-License-Identifier: GPL-2.0-or-later
# The workload knows its updates by their sources: each kmod/catalog/u-NAME.c is one by being there.
file(GLOB updates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/kmod/catalog/u-*.c)
list(SORT updates)
set(embed ${CMAKE_CURRENT_LIST_DIR}/embed.cmake)
set(texts ${CMAKE_CURRENT_BINARY_DIR}/catalog-updates.c)
add_custom_command(OUTPUT ${texts} DEPENDS ${updates} ${embed} VERBATIM
  COMMAND ${CMAKE_COMMAND} "-DUPDATES=${updates}" -DOUTPUT=${texts} -P ${embed}
  COMMENT "Texts of the catalogue's updates")
target_sources(lu_workloads PRIVATE ${texts})
