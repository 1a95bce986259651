/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-result SCHEMA FILE…: are these results valid? For tests of whatever writes results. */
#include <stdio.h>
#include "tests/model/schema.h"

static int check_file(const json_t *schema, const char *path)
{
	json_error_t why;
	json_t *result = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	g_autofree char *wrong = result ? schema_check(schema, result)
					: g_strdup_printf("line %d: %s", why.line, why.text);

	json_decref(result);
	if (wrong)
		g_printerr("%s: %s\n", path, wrong);
	return wrong != NULL;
}

int main(int argc, char **argv)
{
	json_t *schema = argc > 2 ? json_load_file(argv[1], 0, NULL) : NULL;
	int wrong = 0;

	if (!schema) {
		g_printerr("usage: check-result SCHEMA RESULT…\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		wrong |= check_file(schema, argv[i]);
	json_decref(schema);
	return wrong;
}
