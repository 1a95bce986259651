# SPDX-License-Identifier: GPL-2.0-or-later
# cmake -DUPDATES=u-NAME.c;… -DOUTPUT=FILE.c -P embed.cmake: their names and texts as workloads/catalog/source.h declares them
set(texts "")
set(versions "\t\"v1\",\n")
foreach(file IN LISTS UPDATES)
  get_filename_component(name ${file} NAME_WE)
  string(REGEX REPLACE "^u-" "" name ${name})
  file(READ ${file} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\t \"" text "${text}")
  string(APPEND texts "\t{\"${name}\",\n\t \"${text}\"},\n")
  string(APPEND versions "\t\"${name}\",\n")
endforeach()
file(WRITE ${OUTPUT} "/* generated from kmod/catalog/ by workloads/catalog/embed.cmake */
#include <stddef.h>
#include \"workloads/catalog/source.h\"

const char *const lu_update_versions[] = {
${versions}\tNULL,
};

const struct lu_update_text lu_update_texts[] = {
${texts}\t{NULL, NULL},
};
")
