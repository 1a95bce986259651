/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results on disk: ID.json and beside it ID.timeline.jsonl. */
#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "record/pending-file.h"
#include "model/result.h"

#define TIMELINE_SUFFIX ".timeline.jsonl"

/* Both are complete on disk before either has a name, and the document, which is what readers
 * look for, comes last. */
static bool publish(struct lu_pending_file *timeline, struct lu_pending_file *document,
		    const char *id, GError **error)
{
	g_autofree char *timeline_name = g_strconcat(id, TIMELINE_SUFFIX, NULL);
	g_autofree char *document_name = g_strconcat(id, ".json", NULL);

	if (!lu_pending_publish(timeline, timeline_name, error))
		return false;
	if (lu_pending_publish(document, document_name, error))
		return true;
	g_autofree char *orphan = g_build_filename(timeline->dir, timeline_name, NULL);

	unlink(orphan);
	return false;
}

static bool save_both(const char *document, const GString *timeline, const char *id,
		      const char *dir, GError **error)
{
	struct lu_pending_file timeline_file, document_file;

	if (!lu_pending_write(&timeline_file, dir, timeline->str, timeline->len, error))
		return false;
	bool ok = lu_pending_write(&document_file, dir, document, strlen(document), error);

	if (ok) {
		ok = publish(&timeline_file, &document_file, id, error);
		lu_pending_clear(&document_file);
	}
	lu_pending_clear(&timeline_file);
	return ok;
}

/* An ID becomes a file name, so one that was read from a file must not lead
 * out of the directory. */
static const char *id_of(const json_t *result, GError **error)
{
	const char *id = json_string_value(json_object_get(json_object_get(result, "run"), "id"));

	if (id && *id && *id != '.' && !strchr(id, '/'))
		return id;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "result: run.id is not a file name");
	return NULL;
}

char *lu_result_save(const json_t *result, const struct lu_timeline *timeline, const char *dir,
		     GError **error)
{
	const char *id = id_of(result, error);

	if (!id)
		return NULL;
	if (g_mkdir_with_parents(dir, 0755) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot make directory %s: %s", dir,
			    g_strerror(errno));
		return NULL;
	}
	g_autoptr(GString) events = lu_timeline_to_jsonl(timeline);
	char *text = json_dumps(result, JSON_INDENT(2));
	g_autofree char *document = g_strconcat(text, "\n", NULL);

	free(text);
	if (!save_both(document, events, id, dir, error))
		return NULL;
	return g_strdup_printf("%s/%s.json", dir, id);
}

static bool refuse(GError **error, const char *key, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s", key, what);
	return false;
}

/* The members that readers rely on. */
static bool check(const json_t *result, GError **error)
{
	static const char *const objects[] = {"run", "plan", "environment", "metrics", "oracles"};
	g_autofree char *allowed = g_strdup_printf(
		"no run has such a number; allowed: up to %" PRId64, LU_TIMELINE_MOST);
	const char *absurd = lu_timeline_absurd(json_object_get(result, "metrics"));

	if (json_integer_value(json_object_get(result, "schema_version")) != LU_SCHEMA_VERSION)
		return refuse(
			error, "schema_version",
			"not a result of this lubench; allowed: " G_STRINGIFY(LU_SCHEMA_VERSION));
	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
		if (!json_is_object(json_object_get(result, objects[i])))
			return refuse(error, objects[i], "not an object: the result is damaged");
	if (!json_is_string(json_object_get(result, "outcome")))
		return refuse(error, "outcome", "not a text: the result is damaged");
	return !absurd || refuse(error, absurd, allowed);
}

json_t *lu_result_parse(const char *text, size_t len, GError **error)
{
	json_error_t why;
	json_t *result = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	if (!result)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "line %d: %s", why.line, why.text);
	else if (!check(result, error))
		json_decref(g_steal_pointer(&result));
	return result;
}

json_t *lu_result_load(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) why = NULL;
	json_t *result = NULL;
	gsize len;

	if (g_file_get_contents(path, &text, &len, &why)) {
		result = lu_result_parse(text, len, error);
		if (!result)
			g_prefix_error(error, "%s: ", path);
	} else {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE, why->message);
	}
	return result;
}

struct lu_timeline *lu_result_load_timeline(const char *result_path, GError **error)
{
	size_t stem = strlen(result_path);
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL;
	gsize len;

	if (g_str_has_suffix(result_path, ".json"))
		stem -= strlen(".json");
	g_autofree char *path = g_strdup_printf("%.*s" TIMELINE_SUFFIX, (int)stem, result_path);

	if (!g_file_get_contents(path, &text, &len, &why)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s", why->message);
		return NULL;
	}
	struct lu_timeline *timeline = lu_timeline_from_jsonl(text, len, error);

	if (timeline)
		lu_timeline_sort(timeline);
	else
		g_prefix_error(error, "%s: ", path);
	return timeline;
}
