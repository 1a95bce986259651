/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that a document (bench/report/document.h) can be printed in. */
#pragma once
#include <glib.h>
#include <stdio.h>
#include "bench/report/document.h"

typedef void lu_render(FILE *out, const struct lu_document *document);

/* Text: columns aligned by their width on a terminal. */
lu_render lu_render_text;
/* GitHub's Markdown. */
lu_render lu_render_markdown;
/* Only the tables (RFC 4180), separated by an empty line; numbers are not rounded, a missing value
 * is an empty field. A column with intervals is KEY, KEY_low, KEY_high. */
lu_render lu_render_csv;
/* {"title", "tables": [{"caption", "summary", "columns": [{"key", "heading", "unit"}], "rows":
 * [{KEY: cell}]}], "notes": [{"heading", "items"}]}. A cell is a text, a number, {"value", "low",
 * "high"}, {"text", "code"}, or, if missing, null or {"missing": why}; rows of groups have a
 * "group", too. */
lu_render lu_render_json;
/* A self-contained page (HTML 5, also well-formed XML) without scripts. */
lu_render lu_render_html;

/* The renderer for a value of --format: text, md, csv,
 * json or html. LU_ERROR_USAGE: none of these. */
lu_render *lu_render_find(const char *format, GError **error);
