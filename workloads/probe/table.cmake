# SPDX-License-Identifier: GPL-2.0-or-later
# cmake -DPROGRAM=… -DOUTPUT=FILE.c -P table.cmake: the table that the program prints
execute_process(COMMAND ${PROGRAM} --table OUTPUT_FILE ${OUTPUT} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  file(REMOVE ${OUTPUT})
  message(FATAL_ERROR "${PROGRAM} --table: ${status}")
endif()
