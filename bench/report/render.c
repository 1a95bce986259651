/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Renderers by the names of their formats. */
#include "bench/report/render.h"
#include <string.h>
#include "record/error.h"

static const struct {
	const char *format;
	lu_render *render;
} renderers[] = {
	{"text", lu_render_text}, {"md", lu_render_markdown}, {"csv", lu_render_csv},
	{"json", lu_render_json}, {"html", lu_render_html},
};

lu_render *lu_render_find(const char *format, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(renderers); i++)
		if (strcmp(renderers[i].format, format) == 0)
			return renderers[i].render;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "--format: \"%s\" is wrong; allowed: text, md, csv, json or html", format);
	return NULL;
}
