# SPDX-License-Identifier: GPL-2.0-or-later
cmake_minimum_required(VERSION 3.22)
# cmake -DSOURCE=TREE -DFOLDER=NAME -DALLOWED=A,B -DGUEST=ON|OFF -DAPART=ON|OFF -DSTAMP=FILE -P Includes.cmake: fails when a
# file of TREE/NAME includes a file of the tree by another name than its path from TREE, or one that is in no folder of ALLOWED.
# Programs for guests, which are in folders guest/, and programs for the host include nothing of each other: GUEST says whose
# files are looked at. APART: files of NAME/X.c or NAME/X/ include nothing of a sibling Y but kit/, and kit/ includes no sibling.
file(GLOB_RECURSE files ${SOURCE}/${FOLDER}/*.c ${SOURCE}/${FOLDER}/*.h)
if(GUEST)
  list(FILTER files INCLUDE REGEX "/guest/")
else()
  list(FILTER files EXCLUDE REGEX "/guest/")
endif()
string(REPLACE "," ";" allowed ${ALLOWED})
list(JOIN allowed ", " names)

# Why that file may not include this path: empty when it may.
function(complaint result file path)
  set(${result} "" PARENT_SCOPE)
  string(REGEX MATCH "^[^/]*" folder "${path}")
  string(REGEX REPLACE "^${FOLDER}/([^/.]*).*" "\\1" own "${file}")
  if(path MATCHES "(^|/)[.][.]?/" OR NOT path MATCHES "/")
    set(${result} "a file of the tree is included by its path from ${SOURCE}" PARENT_SCOPE)
  elseif(NOT folder IN_LIST allowed)
    set(${result} "${FOLDER}/ may include only: ${names}" PARENT_SCOPE)
  elseif(NOT GUEST AND path MATCHES "/guest/")
    set(${result} "that is of a program for guests" PARENT_SCOPE)
  elseif(GUEST AND folder STREQUAL FOLDER AND NOT path MATCHES "/guest/")
    set(${result} "that is not of a program for guests" PARENT_SCOPE)
  elseif(APART AND folder STREQUAL FOLDER AND NOT path MATCHES "^${FOLDER}/(${own}|kit)/")
    set(${result} "${FOLDER}/${own} may include of ${FOLDER}/ only itself and kit/" PARENT_SCOPE)
  endif()
endfunction()

set(wrong "")
foreach(file IN LISTS files)
  file(RELATIVE_PATH where ${SOURCE} ${file})
  file(STRINGS ${file} includes REGEX "^[ \t]*#[ \t]*include[ \t]*\"")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*" "\\1" path "${include}")
    complaint(why ${where} ${path})
    if(why)
      string(APPEND wrong "\n  ${where}: ${include}: ${why}") # indented, so that CMake does not break the line
    endif()
  endforeach()
endforeach()
if(wrong)
  message(FATAL_ERROR "Includes that are not allowed:${wrong}")
endif()
file(WRITE ${STAMP} "${ALLOWED}\n")
