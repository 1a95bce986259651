# SPDX-License-Identifier: GPL-2.0-or-later
# The model: every test of it is fast.
function(core_test name)
  lubench_test(core-${name} SOURCES ${CMAKE_SOURCE_DIR}/tests/core/test-${name}.c
               ${CMAKE_SOURCE_DIR}/tests/core/record.c ${CMAKE_SOURCE_DIR}/tests/core/schema.c
               LIBS lu_core LABELS fast)
endfunction()

core_test(breakdown)
core_test(flash)
core_test(metrics)
core_test(param)
core_test(plan)
core_test(precopy)
core_test(precopy-stop)
core_test(result)
core_test(stats)
core_test(sweep)
core_test(timeline)

# lubench_fuzz(NAME LIBS …): tests/fuzz/NAME.c. With libFuzzer it searches for some seconds, starting from
# tests/fuzz/corpus-NAME; without, it runs over that corpus.
function(lubench_fuzz name)
  cmake_parse_arguments(F "" "" "LIBS" ${ARGN})
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus-${name})
  add_executable(fuzz-${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/${name}.c)
  target_link_libraries(fuzz-${name} PRIVATE ${F_LIBS})
  target_compile_definitions(fuzz-${name} PRIVATE LU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(LUBENCH_FUZZ)
    target_compile_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
    # What it finds on its way goes to the first folder, so the seeds stay as they are.
    set(found ${CMAKE_BINARY_DIR}/fuzz/${name})
    file(MAKE_DIRECTORY ${found})
    add_test(NAME fuzz-${name} COMMAND fuzz-${name} -max_total_time=5 -max_len=65536 -timeout=10
             -artifact_prefix=${found}/ ${found} ${corpus})
  else()
    target_sources(fuzz-${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
    add_test(NAME fuzz-${name} COMMAND fuzz-${name} ${corpus})
  endif()
  set_tests_properties(fuzz-${name} PROPERTIES LABELS fast TIMEOUT 60)
endfunction()

lubench_fuzz(scenario LIBS lu_core)

# Across layers, but it is the schema that is tested.
add_executable(check-result ${CMAKE_SOURCE_DIR}/tests/core/check-result.c ${CMAKE_SOURCE_DIR}/tests/core/schema.c)
target_link_libraries(check-result PRIVATE PkgConfig::GLIB PkgConfig::JANSSON)
add_test(NAME schema-of-runs COMMAND ${CMAKE_SOURCE_DIR}/tests/core/schema-of-runs.sh $<TARGET_FILE:lubench>
         $<TARGET_FILE:check-result> ${CMAKE_SOURCE_DIR}/results/schema.json)
set_tests_properties(schema-of-runs PROPERTIES LABELS fast TIMEOUT 120)
