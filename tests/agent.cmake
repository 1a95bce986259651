# SPDX-License-Identifier: GPL-2.0-or-later
# The agent's protocol on the host, and the tick service against the text that defines it.
lubench_test(agent-protocol SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-protocol.c ${CMAKE_SOURCE_DIR}/agent/protocol.c
  LIBS PkgConfig::JANSSON LABELS fast)
lubench_test(agent-replica SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-replica.c ${CMAKE_SOURCE_DIR}/agent/protobuf.c
  ${CMAKE_SOURCE_DIR}/agent/parcel.c ${CMAKE_SOURCE_DIR}/agent/replica.c LIBS LABELS fast)
lubench_test(agent-complaint SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-complaint.c ${CMAKE_SOURCE_DIR}/agent/complaint.c
  ${CMAKE_SOURCE_DIR}/agent/file.c LIBS LABELS fast)
foreach(test tick dirty oltp handover)
  lubench_test(${test} SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-${test}.c ${CMAKE_CURRENT_LIST_DIR}/agent/service.c
    ${CMAKE_CURRENT_LIST_DIR}/agent/tick-model.c
    LIBS PkgConfig::GLIB LABELS fast)
  if(TARGET test-${test} AND TARGET guest-programs-x86_64)
    add_dependencies(test-${test} guest-programs-x86_64)
  endif()
endforeach()
lubench_test(agent-packets SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-packets.c ${CMAKE_SOURCE_DIR}/agent/packets/flow.c
  ${CMAKE_SOURCE_DIR}/agent/packets/histogram.c LIBS LABELS fast)
lubench_test(agent-record SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-record.c ${CMAKE_SOURCE_DIR}/agent/record.c
  ${CMAKE_SOURCE_DIR}/agent/line-options.c LIBS LABELS fast)
foreach(test agent-packets agent-record)
  if(TARGET test-${test})
    target_include_directories(test-${test} PRIVATE ${CMAKE_SOURCE_DIR}/agent)
  endif()
endforeach()
lubench_test(agent-zone SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-zone.c ${CMAKE_SOURCE_DIR}/agent/zone.c LIBS LABELS fast)
foreach(test agent-complaint agent-protocol agent-replica agent-zone tick dirty oltp handover)
  if(TARGET test-${test})
    target_include_directories(test-${test} PRIVATE ${CMAKE_SOURCE_DIR})
  endif()
endforeach()

lubench_test(www SOURCES ${CMAKE_CURRENT_LIST_DIR}/agent/test-www.c LIBS lu_core LABELS fast)
if(TARGET test-www AND TARGET guest-programs-x86_64)
  add_dependencies(test-www guest-programs-x86_64)
endif()

# With LUBENCH_FUZZ (clang) a libFuzzer target; otherwise the same function over files named on its command line, none for
# the seeds that are compiled in.
add_executable(fuzz-agent ${CMAKE_CURRENT_LIST_DIR}/fuzz/agent.c ${CMAKE_SOURCE_DIR}/agent/protocol.c)
target_include_directories(fuzz-agent PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(fuzz-agent PRIVATE PkgConfig::JANSSON)
if(LUBENCH_FUZZ)
  target_compile_options(fuzz-agent PRIVATE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
  target_link_options(fuzz-agent PRIVATE -fsanitize=fuzzer,address,undefined)
  target_compile_definitions(fuzz-agent PRIVATE LUBENCH_FUZZ)
  add_test(NAME fuzz-agent COMMAND fuzz-agent -max_total_time=10 -max_len=70000)
else()
  add_test(NAME fuzz-agent COMMAND fuzz-agent)
endif()
set_tests_properties(fuzz-agent PROPERTIES LABELS fast TIMEOUT 60)
