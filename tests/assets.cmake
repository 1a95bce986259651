# SPDX-License-Identifier: GPL-2.0-or-later
add_executable(assets-tool assets/assets-tool.c)
target_link_libraries(assets-tool PRIVATE lu_guest)
target_compile_definitions(assets-tool PRIVATE LU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
