/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/boot/kdat-file.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "record/error.h"

GBytes *lu_kdat_from_hex(const char *text)
{
	size_t len = text ? strlen(text) / 2 : 0;
	g_autofree guint8 *bytes = g_malloc(len + 1);

	for (size_t i = 0; i < len; i++) {
		int high = g_ascii_xdigit_value(text[2 * i]);
		int low = g_ascii_xdigit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		bytes[i] = (guint8)(high << 4 | low);
	}
	return len ? g_bytes_new_take(g_steal_pointer(&bytes), len) : NULL;
}

/* g_free. */
static char *to_hex(GBytes *kdat)
{
	gsize len;
	const guint8 *bytes = g_bytes_get_data(kdat, &len);
	GString *text = g_string_sized_new(2 * len);

	for (gsize i = 0; i < len; i++)
		g_string_append_printf(text, "%02x", bytes[i]);
	return g_string_free(text, FALSE);
}

static GBytes *damaged(const char *path, const char *how, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cache damaged: %s %s", path, how);
	return NULL;
}

GBytes *lu_kdat_load(const char *path, GError **error)
{
	g_autofree char *text = NULL, *sum = NULL;
	g_autoptr(GBytes) kdat = NULL;
	json_auto_t *doc = NULL;
	gsize len;

	if (!g_file_get_contents(path, &text, &len, NULL))
		return NULL;
	doc = json_loadb(text, len, 0, NULL);
	kdat = lu_kdat_from_hex(json_string_value(json_object_get(doc, "hex")));
	if (!kdat)
		return damaged(path, "is torn", error);
	sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, kdat);
	if (g_strcmp0(json_string_value(json_object_get(doc, "sha256")), sum) != 0)
		return damaged(path, "is not what it was", error);
	return g_steal_pointer(&kdat);
}

void lu_kdat_save(const char *path, GBytes *kdat)
{
	g_autofree char *dir = g_path_get_dirname(path);
	g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, kdat);
	g_autofree char *hex = to_hex(kdat);
	json_auto_t *doc = json_pack("{s:s, s:s}", "sha256", sum, "hex", hex);
	char *text = json_dumps(doc, JSON_COMPACT);
	g_autoptr(GError) error = NULL;

	g_mkdir_with_parents(dir, 0755);
	if (!g_file_set_contents(path, text, -1, &error))
		g_debug("%s", error->message);
	free(text);
}
