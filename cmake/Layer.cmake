# SPDX-License-Identifier: GPL-2.0-or-later
# A layer is one static library made of every .c of its folder and of the folders in it; it may link only the layers below it.
function(lubench_layer name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c ${CMAKE_CURRENT_SOURCE_DIR}/*/*.c)
  add_library(lu_${name} STATIC ${sources} ${LAYER_EXTRA_SOURCES})
  target_include_directories(lu_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(lu_${name} PUBLIC ${ARGN} PkgConfig::GLIB PkgConfig::JANSSON)
endfunction()

# A registry: every .c of the folder defines `const struct lu_KIND lu_KIND_<stem>`; the generated table lists them all, so a
# backend registers by being there; its further parts, if it has any, are in <stem>/*.c. The table itself is referenced by iface/registry.c, so
# the linker keeps all of them.
function(lubench_registry kind table header)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  set(declarations "")
  set(entries "")
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WE)
    string(REPLACE "-" "_" symbol ${stem})
    string(APPEND declarations "extern const struct lu_${kind} lu_${kind}_${symbol};\n")
    string(APPEND entries "\t&lu_${kind}_${symbol},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${table}.c CONTENT
       "/* generated from the folder by cmake/Layer.cmake */\n#include \"${header}\"\n${declarations}const struct lu_${kind} *const lu_${table}[] = {\n${entries}\tNULL,\n};\n")
  set(LAYER_EXTRA_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/${table}.c)
  lubench_layer(${table} lu_core)
endfunction()

# lubench_test(NAME SOURCES… LIBS … LABELS fast|guest)
function(lubench_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT CMOCKA_FOUND)
    return()
  endif()
  add_executable(test-${name} ${T_SOURCES})
  target_link_libraries(test-${name} PRIVATE ${T_LIBS} PkgConfig::CMOCKA)
  target_compile_definitions(test-${name} PRIVATE LU_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LU_BUILD_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND test-${name})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 180) # a guard against hanging, not a limit on a busy host under ASan
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()
