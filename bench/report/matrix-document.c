/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix as a document. */
#include "bench/report/matrix-document.h"
#include "bench/report/matrix-notes.h"
#include "bench/report/matrix-table.h"

static void add_reasons(struct lu_document *document, const GPtrArray *reasons)
{
	if (!reasons->len)
		return;
	struct lu_list *list = lu_document_add_list(document, "Reasons");

	for (guint i = 0; i < reasons->len; i++)
		lu_list_add(list, "(%u) %s", i + 1, (const char *)g_ptr_array_index(reasons, i));
}

struct lu_document *lu_matrix_document(const json_t *matrix)
{
	g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
	struct lu_document *document = lu_document_new("Strategies over workloads");
	json_t *metric;
	size_t i;

	json_array_foreach(json_object_get(matrix, "metrics"), i, metric) lu_document_add_table(
		document, lu_matrix_table(matrix, json_string_value(metric), reasons));
	add_reasons(document, reasons);
	lu_matrix_add_verdicts(document, matrix);
	lu_matrix_add_caveats(document, matrix);
	return document;
}
