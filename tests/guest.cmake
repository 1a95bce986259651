# SPDX-License-Identifier: GPL-2.0-or-later
# The QEMU guest: its parts against scripted peers and a fake QEMU (fast), the whole with a real kernel (guest).
set(guest_dir ${CMAKE_SOURCE_DIR}/tests/guest)
foreach(name qmp channel)
  lubench_test(guest-${name} SOURCES ${guest_dir}/test-${name}.c ${guest_dir}/peer.c LIBS lu_guest LABELS fast)
  lubench_fuzz(${name} LIBS lu_guest)
endforeach()
foreach(name console layout process vm)
  lubench_test(guest-${name} SOURCES ${guest_dir}/test-${name}.c LIBS lu_guest LABELS fast)
endforeach()
lubench_test(guest-qemu SOURCES ${guest_dir}/test-guest.c LIBS lu_guest LABELS guest TIMEOUT 600)

add_executable(fake-qemu ${guest_dir}/fake-qemu.c)
if(TARGET test-guest-vm)
  add_dependencies(test-guest-vm fake-qemu)
endif()
if(TARGET test-guest-qemu AND TARGET guest-programs-x86_64)
  add_dependencies(test-guest-qemu guest-programs-x86_64)
endif()
