/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of JSON Schema (draft-07) that results/schema.json uses. */
#pragma once
#include <glib.h>
#include <jansson.h>

/*
 * NULL when the document is valid, else one line that says where and what is wrong (g_free). A
 * keyword that is not known here is reported too: a rule that is not checked must not look like one
 * that holds.
 */
char *schema_check(const json_t *schema, const json_t *document);
