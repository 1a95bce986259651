/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An update of the catalogue (kmod/catalog/u-NAME.c), as its source describes it. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* What the component answers before and after; was and is are patterns of no kind: exact. */
struct lu_update_ask {
	char *text, *was, *is;
	char *anew; /* instead of is, when the state was lost and filled again; NULL: the same */
};

struct lu_update {
	char *name, *title;
	char *module;			  /* another one that it takes, or NULL */
	char *inside;			  /* what somebody asks who stays in the driver, or NULL */
	bool core;			  /* it changes the part that has the instances */
	GArray *asks;			  /* struct lu_update_ask */
	unsigned patch_lines, swap_lines; /* code that only a live patch, or hot-swap, takes */
};

/* The updates in that folder by name, to g_ptr_array_unref. LU_ERROR_USAGE: what is wrong with a
 * source, or there is none. */
GPtrArray *lu_updates_read(const char *folder, GError **error);
