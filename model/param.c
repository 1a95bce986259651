/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters: a table says what is allowed, everything else follows from it. */
#include <limits.h>
#include <math.h>
#include <string.h>
#include "record/error.h"
#include "model/param.h"

const struct lu_param *lu_param_find(const struct lu_param *specs, const char *name)
{
	for (const struct lu_param *spec = specs; spec && spec->name; spec++)
		if (g_str_equal(spec->name, name))
			return spec;
	return NULL;
}

const struct lu_param lu_params_none[] = {{NULL}};

static char *join_choices(const char *const *choices)
{
	guint n = g_strv_length((char **)choices);
	GString *words = g_string_new(n ? choices[0] : "");

	for (guint i = 1; i < n; i++)
		g_string_append_printf(words, "%s%s", i + 1 < n ? ", " : " or ", choices[i]);
	return g_string_free(words, FALSE);
}

/* Of a long list the first are enough to see what is meant. */
static char *several_choices(const char *const *choices)
{
	guint n = g_strv_length((char **)choices);
	const char *const few[] = {choices[0], n > 1 ? choices[1] : NULL, n > 2 ? choices[2] : NULL,
				   NULL};
	g_autofree char *each = n > 20 ? g_strjoinv(", ", (char **)few) : join_choices(choices);

	return g_strdup_printf("one, or with + between several, of %s%s", each,
			       n > 20 ? ", …: lubench list has them all" : "");
}

char *lu_param_allowed(const struct lu_param *spec)
{
	switch (spec->type) {
	case LU_PARAM_BOOL:
		return g_strdup("on or off");
	case LU_PARAM_INT:
		return g_strdup_printf("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, spec->min,
				       spec->max);
	case LU_PARAM_REAL:
		return g_strdup_printf("more than %" G_GINT64_FORMAT ", at most %" G_GINT64_FORMAT,
				       spec->min, spec->max);
	case LU_PARAM_CHOICE:
		return join_choices(spec->choices);
	case LU_PARAM_CHOICES:
		return several_choices(spec->choices);
	case LU_PARAM_NAME:
		return g_strdup("1 to 64 letters, digits and . _ + -");
	case LU_PARAM_NAME_OR_PATH:
		return g_strdup("1 to 64 letters, digits and . _ + -, or an absolute path");
	case LU_PARAM_DOCUMENT:
		return g_strdup_printf("the path of one, or the name of one in %s", spec->folder);
	}
	g_assert_not_reached();
}

/* "client" + "rate_hz" → "client.rate_hz"; "file.json:" (top level) + "seed"
 * → "file.json: seed". */
static char *path_of(const char *where, const char *key)
{
	const char *joint = !*where ? "" : g_str_has_suffix(where, ":") ? " " : ".";

	return g_strconcat(where, joint, key, NULL);
}

static json_t *reject(const struct lu_param *spec, const char *where, const char *value,
		      GError **error)
{
	g_autofree char *allowed = lu_param_allowed(spec);
	g_autofree char *path = path_of(where, spec->name);

	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s is wrong; allowed: %s", path, value,
		    allowed);
	return NULL;
}

static json_t *bool_from_text(const char *text)
{
	if (g_str_equal(text, "on") || g_str_equal(text, "true"))
		return json_true();
	if (g_str_equal(text, "off") || g_str_equal(text, "false"))
		return json_false();
	return NULL;
}

static json_t *int_from_text(const char *text)
{
	gint64 value;

	if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &value, NULL))
		return NULL;
	return json_integer(value);
}

static json_t *real_from_text(const char *text)
{
	char *end;
	double value = g_ascii_strtod(text, &end);

	/* Hexadecimal and blanks, which strtod() takes, are nothing that a person means here. */
	if (end == text || *end || text[strspn(text, "+-.0123456789eE")])
		return NULL;
	return json_real(value); /* NULL for nan and inf */
}

static json_t *value_from_text(const struct lu_param *spec, const char *text)
{
	switch (spec->type) {
	case LU_PARAM_BOOL:
		return bool_from_text(text);
	case LU_PARAM_INT:
		return int_from_text(text);
	case LU_PARAM_REAL:
		return real_from_text(text);
	case LU_PARAM_CHOICE:
	case LU_PARAM_CHOICES:
	case LU_PARAM_NAME:
	case LU_PARAM_NAME_OR_PATH:
	case LU_PARAM_DOCUMENT:
		return json_string(text);
	}
	g_assert_not_reached();
}

static bool name_ok(const char *text)
{
	size_t len = strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-");

	return len >= 1 && len <= 64 && !text[len];
}

static bool choices_ok(const struct lu_param *spec, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, "+", -1);

	for (char **word = words; *word; word++)
		if (!g_strv_contains(spec->choices, *word) ||
		    g_strv_contains((const char *const *)word + 1, *word))
			return false;
	return *words != NULL;
}

/* No line breaks: paths appear in one-line messages. */
static bool plain_path(const char *text)
{
	if (!*text || strlen(text) >= PATH_MAX)
		return false;
	for (; *text; text++)
		if (g_ascii_iscntrl(*text))
			return false;
	return true;
}

static bool path_ok(const char *text)
{
	return g_path_is_absolute(text) && plain_path(text);
}

static bool real_in_range(const struct lu_param *spec, const json_t *value)
{
	double x = json_number_value(value);

	return json_is_number(value) && x > spec->min && x <= spec->max;
}

static bool int_in_range(const struct lu_param *spec, const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= spec->min &&
	       json_integer_value(value) <= spec->max;
}

bool lu_param_takes(const struct lu_param *spec, const json_t *value)
{
	switch (spec->type) {
	case LU_PARAM_BOOL:
		return json_is_boolean(value);
	case LU_PARAM_INT:
		return int_in_range(spec, value);
	case LU_PARAM_REAL:
		return real_in_range(spec, value);
	case LU_PARAM_CHOICE:
		return json_is_string(value) &&
		       g_strv_contains(spec->choices, json_string_value(value));
	case LU_PARAM_CHOICES:
		return json_is_string(value) && choices_ok(spec, json_string_value(value));
	case LU_PARAM_NAME:
		return json_is_string(value) && name_ok(json_string_value(value));
	case LU_PARAM_NAME_OR_PATH:
		return json_is_string(value) &&
		       (name_ok(json_string_value(value)) || path_ok(json_string_value(value)));
	case LU_PARAM_DOCUMENT:
		return json_is_object(value) ||
		       (json_is_string(value) && plain_path(json_string_value(value)));
	}
	g_assert_not_reached();
}

/* One canonical form for each value, or equal plans would hash differently: 200 and
 * 200.0 are the same rate. */
static json_t *canonical(const struct lu_param *spec, const json_t *value)
{
	if (spec->type == LU_PARAM_REAL)
		return json_real(json_number_value(value));
	return json_deep_copy(value);
}

json_t *lu_param_from_text(const struct lu_param *spec, const char *text, const char *where,
			   GError **error)
{
	json_t *value = value_from_text(spec, text);

	if (value && lu_param_takes(spec, value))
		return value;
	json_decref(value);
	g_autofree char *escaped = g_strescape(text, NULL);
	g_autofree char *quoted = g_strdup_printf("'%.60s'", escaped);

	return reject(spec, where, quoted, error);
}

/* As in the file, cut to fit on a line. */
static char *shown(const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII |
					       JSON_REAL_PRECISION(15));

	if (text && strlen(text) > 60)
		memcpy(text + 57, "...", sizeof("..."));
	return text;
}

/* A document, which is taken, made explicit; NULL with error. */
static json_t *checked(const struct lu_param *spec, json_t *document, const char *where,
		       GError **error)
{
	g_autofree char *path = path_of(where, spec->name);

	if (document && (!spec->check || spec->check(document, error)))
		return document;
	json_decref(document);
	g_prefix_error(error, "%s: ", path);
	return NULL;
}

/* The file or folder that is meant; g_free. */
static char *document_path(const struct lu_param *spec, const char *given, const char *data_dir)
{
	g_autofree char *file = g_strconcat(given, ".json", NULL);
	g_autofree char *known = g_build_filename(data_dir, spec->folder, file, NULL);

	if (strchr(given, '/') || g_str_has_suffix(given, ".json"))
		return g_canonicalize_filename(given, NULL);
	if (g_file_test(known, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&known);
	return g_build_filename(data_dir, spec->folder, given, NULL);
}

bool lu_params_read(const struct lu_param *specs, json_t *values, const char *data_dir,
		    const char *where, GError **error)
{
	for (const struct lu_param *spec = specs; spec && spec->name; spec++) {
		const char *given = json_string_value(json_object_get(values, spec->name));
		g_autofree char *path = NULL;
		json_t *document;

		if (spec->type != LU_PARAM_DOCUMENT || !given)
			continue;
		path = document_path(spec, given, data_dir);
		document = checked(spec, spec->read(path, error), where, error);
		if (!document)
			return false;
		json_object_set_new(values, spec->name, document);
	}
	return true;
}

static json_t *resolve_one(const struct lu_param *spec, const json_t *value, const char *where,
			   bool strict, GError **error)
{
	if (!value || (!strict && json_is_string(value)))
		return lu_param_from_text(spec, value ? json_string_value(value) : spec->def, where,
					  error);
	if (lu_param_takes(spec, value))
		return json_is_object(value) ? checked(spec, json_deep_copy(value), where, error)
					     : canonical(spec, value);
	g_autofree char *text = shown(value);

	return reject(spec, where, text, error);
}

/* Damerau would also allow for swapped letters; Levenshtein with one row is enough for a hint. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(b);
	g_autofree size_t *row = g_new(size_t, n + 1);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t substituted = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(MIN(row[j], row[j - 1]) + 1, substituted);
		}
	}
	return row[n];
}

const char *lu_nearest_word(const char *word, const char *const *words)
{
	const char *best = NULL;
	size_t limit = strlen(word) / 3 + 1, near = limit + 1;

	if (strlen(word) > 64)
		return NULL;
	for (size_t i = 0; words[i]; i++) {
		size_t distance = edit_distance(word, words[i]);

		if (distance < near) {
			near = distance;
			best = words[i];
		}
	}
	return best;
}

void lu_unknown_key(GError **error, const char *where, const char *key, const char *const *words)
{
	g_autofree char *all = g_strjoinv(", ", (char **)words);
	g_autofree char *safe = g_strescape(key, NULL);
	g_autoptr(GString) hint = g_string_new(NULL);
	const char *near = lu_nearest_word(key, words);
	const char *joint = !*where ? "" : g_str_has_suffix(where, ":") ? " " : ": ";

	if (near)
		g_string_printf(hint, " (did you mean '%s'?)", near);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s%sunknown key '%.60s'%s; allowed: %s",
		    where, joint, safe, hint->str, *all ? all : "none");
}

static bool known_keys(const struct lu_param *specs, const json_t *given, const char *where,
		       GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)given, key, value)
	{
		if (lu_param_find(specs, key))
			continue;
		g_autoptr(GPtrArray) words = g_ptr_array_new();

		for (const struct lu_param *spec = specs; spec && spec->name; spec++)
			g_ptr_array_add(words, (gpointer)spec->name);
		g_ptr_array_add(words, NULL);
		lu_unknown_key(error, where, key, (const char *const *)words->pdata);
		return false;
	}
	return true;
}

static json_t *resolve(const struct lu_param *specs, const json_t *given, const char *where,
		       bool strict, GError **error)
{
	if (given && !json_is_object(given)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: must be an object; allowed: {\"name\": value, …}", where);
		return NULL;
	}
	if (!known_keys(specs, given, where, error))
		return NULL;
	json_t *values = json_object();

	for (const struct lu_param *spec = specs; spec && spec->name; spec++) {
		json_t *value =
			resolve_one(spec, json_object_get(given, spec->name), where, strict, error);

		if (!value) {
			json_decref(values);
			return NULL;
		}
		json_object_set_new(values, spec->name, value);
	}
	return values;
}

json_t *lu_params_resolve(const struct lu_param *specs, const json_t *given, const char *where,
			  GError **error)
{
	return resolve(specs, given, where, false, error);
}

json_t *lu_params_resolve_strict(const struct lu_param *specs, const json_t *given,
				 const char *where, GError **error)
{
	return resolve(specs, given, where, true, error);
}

bool lu_params_are(const struct lu_param *specs, const json_t *values)
{
	for (const struct lu_param *spec = specs; spec && spec->name; spec++)
		if (!lu_param_takes(spec, json_object_get(values, spec->name)))
			return false;
	return true;
}

static const json_t *must_have(const json_t *values, const char *name)
{
	const json_t *value = json_object_get(values, name);

	if (!value)
		g_error("parameter '%s' was not declared", name);
	return value;
}

int64_t lu_param_int(const json_t *values, const char *name)
{
	return json_integer_value(must_have(values, name));
}

bool lu_param_bool(const json_t *values, const char *name)
{
	return json_is_true(must_have(values, name));
}

const char *lu_param_str(const json_t *values, const char *name)
{
	return json_string_value(must_have(values, name));
}

double lu_param_real(const json_t *values, const char *name)
{
	return json_number_value(must_have(values, name));
}
