# SPDX-License-Identifier: GPL-2.0-or-later
# Further sources of this program: the families of probes, by being there, their kit, and the table of them.
file(GLOB probe_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/probes/*.c ${CMAKE_SOURCE_DIR}/probes/*/*.c)
lubench_table(probe_families probes probes probes/kit/probe.h ${CMAKE_SOURCE_DIR}/probes)
list(APPEND sources ${probe_sources} ${probe_families})
