# SPDX-License-Identifier: GPL-2.0-or-later
# The command as a user meets it: on the simulated guest (fast) and killed at random moments over a real one (guest).
set(bench_dir ${CMAKE_SOURCE_DIR}/tests/bench)
foreach(name usage run malformed show sweep compare image)
  lubench_test(bench-${name} SOURCES ${bench_dir}/test-${name}.c ${bench_dir}/command.c
               LIBS PkgConfig::GLIB PkgConfig::JANSSON LABELS fast TIMEOUT 120)
  if(TARGET test-bench-${name})
    target_include_directories(test-bench-${name} PRIVATE ${CMAKE_SOURCE_DIR})
    add_dependencies(test-bench-${name} lubench)
  endif()
endforeach()

lubench_test(bench-updates SOURCES ${bench_dir}/test-updates.c ${bench_dir}/command.c ${CMAKE_SOURCE_DIR}/bench/update-source.c
             LIBS lu_core PkgConfig::GLIB PkgConfig::JANSSON LABELS fast TIMEOUT 60)
if(TARGET test-bench-updates)
  target_include_directories(test-bench-updates PRIVATE ${CMAKE_SOURCE_DIR})
  add_dependencies(test-bench-updates lubench)
endif()

add_test(NAME bench-kill COMMAND ${bench_dir}/kill-test.sh $<TARGET_FILE:lubench>)
set_tests_properties(bench-kill PROPERTIES LABELS guest TIMEOUT 1200 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
# Few moments here, for the sake of the whole check's time; by hand the script takes 20.
add_test(NAME bench-standby-kill COMMAND ${CMAKE_COMMAND} -E env STANDBY_KILLS=6 STANDBY_KILL_SPAN_MS=6000
  ${bench_dir}/standby-kill-test.sh $<TARGET_FILE:lubench>)
set_tests_properties(bench-standby-kill PROPERTIES LABELS guest TIMEOUT 600 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
add_test(NAME bench-absent-kernel COMMAND ${bench_dir}/absent-kernel.sh $<TARGET_FILE:lubench>)
set_tests_properties(bench-absent-kernel PROPERTIES LABELS guest TIMEOUT 300 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
add_test(NAME bench-own-kernel COMMAND ${bench_dir}/own-kernel.sh $<TARGET_FILE:lubench>)
set_tests_properties(bench-own-kernel PROPERTIES LABELS guest TIMEOUT 300 SKIP_RETURN_CODE 77 RUN_SERIAL TRUE)
add_test(NAME bench-measurements COMMAND ${bench_dir}/measurements.sh $<TARGET_FILE:lubench>)
set_tests_properties(bench-measurements PROPERTIES LABELS fast TIMEOUT 120 SKIP_RETURN_CODE 77)
