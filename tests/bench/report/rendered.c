/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/report/rendered.h"
#include <stdio.h>
#include <stdlib.h>
#include "tests/kit/cmocka-all.h"

char *rendered(const struct lu_document *document, lu_render *how)
{
	char *memory = NULL, *text;
	size_t length;
	FILE *out = open_memstream(&memory, &length);

	how(out, document);
	assert_int_equal(fclose(out), 0);
	text = g_strdup(memory);
	free(memory);
	return text;
}
