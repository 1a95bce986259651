# SPDX-License-Identifier: GPL-2.0-or-later
add_executable(assets-tool assets/assets-tool.c)
target_link_libraries(assets-tool PRIVATE lu_guest)
target_compile_definitions(assets-tool PRIVATE LU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

set(fake_archive assets/fake-archive.c assets/fake-deb.c)
lubench_test(assets SOURCES assets/test-assets.c ${fake_archive} LIBS lu_guest LABELS fast)
lubench_test(asset-files SOURCES assets/test-asset-files.c ${fake_archive} LIBS lu_guest LABELS fast)
lubench_test(kernel-tree SOURCES assets/test-kernel-tree.c LIBS lu_guest LABELS fast)
lubench_test(asset-fetch SOURCES assets/test-asset-fetch.c LIBS lu_guest LABELS guest TIMEOUT 900)
if(TARGET test-asset-fetch)
  add_test(NAME asset-fetch-ppc64 COMMAND test-asset-fetch ppc64-pseries)
  set_tests_properties(asset-fetch-ppc64 PROPERTIES LABELS guest TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()
