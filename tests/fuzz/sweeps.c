/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: the text of a sweep's record. */
#include <stdint.h>
#include <stdlib.h>
#include "bench/exec/kit/sweep-record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say_nothing(const char *text)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole = 0;

	g_set_printerr_handler(say_nothing);
	json_t *rows = lu_sweep_record_parse((const char *)data, size, "a record", NULL, &whole);

	if (!json_is_array(rows) || whole > size)
		abort();
	json_decref(rows);
	return 0;
}
