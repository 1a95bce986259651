/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of a custom strategy. */
#include "strategies/custom/scripts.h"
#include <string.h>
#include "model/param.h"
#include "model/plan.h"
#include "model/strategy.h"
#include "record/error.h"

#define MAX_SCRIPT_BYTES 65536
#define MAX_FILES	 64

static const char *const stores[] = {"none", "disk", "pmem", NULL};

/* What strategy.json says besides lists of words. */
static const struct lu_param scalars[] = {
	{"name", LU_PARAM_NAME, "custom"},
	{"keeps_state", LU_PARAM_BOOL, "on"},
	{"stage_next", LU_PARAM_BOOL, "on"},
	{"store", LU_PARAM_CHOICE, "none", .choices = stores},
	{NULL},
};

static const char *const lists[] = {"features", "programs", "packages", NULL};

static bool wrong(GError **error, const char *what, const char *name, const char *allowed)
{
	g_autofree char *safe = g_strescape(name, NULL);

	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%.60s: %s; allowed: %s", safe, what, allowed);
	return false;
}

static bool is_step(const char *name, size_t len)
{
	static const char rollback[] = "rollback";

	for (int kind = 0; kind < LU_PHASE_KINDS; kind++)
		if (strlen(lu_phase_kind_name(kind)) == len &&
		    !g_ascii_strncasecmp(lu_phase_kind_name(kind), name, len) &&
		    g_ascii_islower(name[0]))
			return true;
	return len == sizeof(rollback) - 1 && !memcmp(name, rollback, len);
}

static bool is_script(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!dot || strchr(name, '/') || strlen(name) > 64)
		return false;
	return g_str_equal(dot, ".sh") ||
	       ((g_str_equal(dot, ".guest") || g_str_equal(dot, ".host")) &&
		is_step(name, (size_t)(dot - name)));
}

static bool check_words(json_t *document, const char *key, GError **error)
{
	json_t *list = json_object_get(document, key), *word;
	size_t i;

	if (!list) {
		json_object_set_new(document, key, json_array());
		return true;
	}
	json_array_foreach(list, i, word) if (!json_is_string(word)) break;
	return (json_is_array(list) && i == json_array_size(list)) ||
	       wrong(error, "is wrong", key, "a list of names");
}

static bool check_scripts(const json_t *document, GError **error)
{
	json_t *scripts = json_object_get(document, "scripts"), *text;
	const char *name;
	bool any = false;

	json_object_foreach(scripts, name, text)
	{
		if (!is_script(name))
			return wrong(error, "no script of a strategy", name,
				     "PHASE.guest, PHASE.host, rollback.guest, rollback.host, "
				     "NAME.sh, strategy.json, README.md");
		if (!json_is_string(text) || json_string_length(text) > MAX_SCRIPT_BYTES)
			return wrong(error, "is wrong", name, "a text of at most 65536 bytes");
		any |= !g_str_has_suffix(name, ".sh");
	}
	return any || wrong(error, "there is none", "scripts",
			    "at least one, as prepare.guest or switch.host");
}

bool lu_scripts_check(json_t *document, GError **error)
{
	json_t *own = json_object(), *resolved;
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach(document, key, value)
	{
		if (!g_str_equal(key, "scripts") && !g_strv_contains(lists, key))
			json_object_set(own, key, value);
	}
	resolved = lu_params_resolve_strict(scalars, own, "strategy.json", error);
	json_decref(own);
	if (!resolved)
		return false;
	json_object_update(document, resolved);
	json_decref(resolved);
	for (size_t i = 0; ok && lists[i]; i++)
		ok = check_words(document, lists[i], error);
	return ok && check_scripts(document, error);
}

/* What is beside the scripts and not one: descriptions, and what editors leave. */
static bool is_aside(const char *name)
{
	return g_str_equal(name, "strategy.json") || g_str_has_prefix(name, "README") ||
	       name[0] == '.' || g_str_has_suffix(name, "~");
}

static bool read_script(const char *folder, const char *name, json_t *scripts, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) why = NULL;
	gsize len;
	json_t *value;

	if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return wrong(error, "not a regular file", name, "scripts");
	if (!g_file_get_contents(path, &text, &len, &why))
		return wrong(error, why->message, name, "readable scripts");
	value = len <= MAX_SCRIPT_BYTES && strlen(text) == len ? json_string(text) : NULL;
	if (!value)
		return wrong(error, "is wrong", name, "a UTF-8 text of at most 65536 bytes");
	return !json_object_set_new(scripts, name, value);
}

static bool read_folder(const char *path, json_t *scripts, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(path, 0, &why);
	const char *name;

	if (!dir)
		return wrong(error, why->message, path, "a folder of scripts");
	while ((name = g_dir_read_name(dir))) {
		if (is_aside(name))
			continue;
		if (json_object_size(scripts) == MAX_FILES)
			return wrong(error, "too many files", path, "64 scripts");
		if (!read_script(path, name, scripts, error))
			return false;
	}
	return true;
}

json_t *lu_scripts_read(const char *path, GError **error)
{
	g_autofree char *file = g_build_filename(path, "strategy.json", NULL);
	g_autofree char *name = g_path_get_basename(path);
	bool described = g_file_test(file, G_FILE_TEST_EXISTS);
	json_t *document = described ? lu_scenario_load(file, error) : json_object();
	json_t *scripts = json_object();

	if (!document || !read_folder(path, scripts, error)) {
		json_decref(document);
		json_decref(scripts);
		return NULL;
	}
	if (!json_object_get(document, "name"))
		json_object_set_new(document, "name", json_string(name));
	json_object_set_new(document, "scripts", scripts);
	return document;
}

const char *lu_scripts_text(const json_t *document, const char *name)
{
	return json_string_value(json_object_get(json_object_get(document, "scripts"), name));
}
