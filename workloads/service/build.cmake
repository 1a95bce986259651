# SPDX-License-Identifier: GPL-2.0-or-later
# A protocol is protocols/NAME.c, which defines lu_protocol_NAME: it is found by being there.
set(protocols ${CMAKE_CURRENT_LIST_DIR}/protocols)
lubench_table(protocol_table protocol protocols workloads/service/protocol.h ${protocols})
target_sources(lu_workloads PRIVATE ${protocol_table})
