# SPDX-License-Identifier: GPL-2.0-or-later
# A layer is one static library made of every .c below its folder; it may link, and include, only the layers it names and those
# that they name. guest/ folders in it hold programs for guests, which are built by agent/CMakeLists.txt.
function(lubench_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  list(FILTER sources EXCLUDE REGEX "/guest/")
  add_library(lu_${name} STATIC ${sources} ${LAYER_EXTRA_SOURCES})
  target_include_directories(lu_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(lu_${name} PUBLIC ${ARGN} PkgConfig::GLIB PkgConfig::JANSSON)
  lubench_layer_includes(${name} ${LAYER_APART} ${ARGN})
endfunction()

# What a layer may include: itself, and what the layers that it links may.
function(lubench_layer_includes name)
  cmake_parse_arguments(L "APART" "" "" ${ARGN})
  set(allowed ${name})
  foreach(below IN LISTS L_UNPARSED_ARGUMENTS)
    if(below MATCHES "^lu_(.*)")
      get_property(theirs GLOBAL PROPERTY LUBENCH_INCLUDES_${CMAKE_MATCH_1})
      list(APPEND allowed ${theirs})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES allowed)
  set_property(GLOBAL PROPERTY LUBENCH_INCLUDES_${name} ${allowed})
  if(L_APART)
    set(apart APART)
  endif()
  lubench_includes(${name} ${apart} ALLOWED ${allowed})
  add_dependencies(lu_${name} includes-${name})
endfunction()

# lubench_includes(NAME [GUEST] [APART] [SOURCE DIR] [FOLDER DIR] ALLOWED FOLDERS…): files of FOLDER (NAME) include only files of
# these folders, all of them in SOURCE (the tree), as cmake/Includes.cmake says; else the build fails, before anything of a layer
# is compiled.
function(lubench_includes name)
  cmake_parse_arguments(I "GUEST;APART" "SOURCE;FOLDER" "ALLOWED" ${ARGN})
  if(NOT I_SOURCE)
    set(I_SOURCE ${CMAKE_SOURCE_DIR})
  endif()
  if(NOT I_FOLDER)
    set(I_FOLDER ${name})
  endif()
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${I_SOURCE}/${I_FOLDER}/*.c ${I_SOURCE}/${I_FOLDER}/*.h)
  list(JOIN I_ALLOWED "," allowed)
  set(stamp ${CMAKE_BINARY_DIR}/includes/${name})
  add_custom_command(OUTPUT ${stamp} DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/Includes.cmake VERBATIM
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${I_SOURCE} -DFOLDER=${I_FOLDER} -DALLOWED=${allowed} -DGUEST=${I_GUEST} -DAPART=${I_APART}
            -DSTAMP=${stamp} -P ${CMAKE_SOURCE_DIR}/cmake/Includes.cmake
    COMMENT "Includes of ${name}")
  add_custom_target(includes-${name} ALL DEPENDS ${stamp})
endfunction()

# A registry: every NAME.c of the folder, and every NAME/NAME.c, defines `const struct lu_KIND lu_KIND_NAME` (- becomes _); the
# generated table lists them all, so a backend registers by being there; its further parts, if it has any, are beside
# NAME/NAME.c. kit/ is what several of them share. The table itself is referenced by model/registry.c, so the linker keeps all.
function(lubench_registry kind table header)
  lubench_table(generated ${kind} ${table} ${header} ${CMAKE_CURRENT_SOURCE_DIR})
  set(LAYER_EXTRA_SOURCES ${generated})
  set(LAYER_APART APART)
  lubench_layer(${table} lu_model)
endfunction()

# The table alone, of the backends in that folder: `const struct lu_KIND *const lu_TABLE[]`, which ends with NULL. The result is
# the source file's name.
function(lubench_table result kind table header folder)
  lubench_backends(names ${folder})
  set(declarations "")
  set(entries "")
  foreach(name IN LISTS names)
    string(REPLACE "-" "_" symbol ${name})
    string(APPEND declarations "extern const struct lu_${kind} lu_${kind}_${symbol};\n")
    string(APPEND entries "\t&lu_${kind}_${symbol},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${table}.c CONTENT
       "/* generated from the folder by cmake/Layer.cmake */\n#include \"${header}\"\n${declarations}const struct lu_${kind} *const lu_${table}[] = {\n${entries}\tNULL,\n};\n")
  set(${result} ${CMAKE_CURRENT_BINARY_DIR}/${table}.c PARENT_SCOPE)
endfunction()

# Names of the backends in that folder, sorted: NAME.c and NAME/NAME.c.
function(lubench_backends result home)
  file(GLOB sources CONFIGURE_DEPENDS ${home}/*.c ${home}/*/*.c)
  set(names "")
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    get_filename_component(folder ${source} DIRECTORY)
    get_filename_component(folder_name ${folder} NAME)
    if(folder STREQUAL home OR folder_name STREQUAL name)
      list(APPEND names ${name})
    endif()
  endforeach()
  list(SORT names)
  set(${result} ${names} PARENT_SCOPE)
endfunction()

# lubench_test(NAME SOURCES… LIBS … LABELS fast|guest)
function(lubench_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT CMOCKA_FOUND)
    return()
  endif()
  add_executable(test-${name} ${T_SOURCES})
  target_link_libraries(test-${name} PRIVATE ${T_LIBS} PkgConfig::CMOCKA)
  target_include_directories(test-${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(test-${name} PRIVATE LU_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LU_BUILD_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND test-${name})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 180) # a guard against hanging, not a limit on a busy host under ASan
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()
