/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A checker for the part of JSON Schema that results/schema.json uses: one function a keyword. */
#include <stdbool.h>
#include <string.h>
#include "tests/model/schema.h"

static char *check(const json_t *schema, const json_t *doc, const char *path);

static const char *type_of(const json_t *doc)
{
	switch (json_typeof(doc)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_REAL:
		return "number";
	case JSON_NULL:
		return "null";
	default:
		return "boolean";
	}
}

static bool is_type(const json_t *doc, const char *type)
{
	return g_str_equal(type, type_of(doc)) ||
	       (g_str_equal(type, "number") && json_is_integer(doc));
}

static char *check_type(const json_t *rule, const json_t *schema, const json_t *doc,
			const char *path)
{
	size_t i;
	json_t *type;

	if (json_is_string(rule) && is_type(doc, json_string_value(rule)))
		return NULL;
	json_array_foreach((json_t *)rule, i, type)
	{
		if (is_type(doc, json_string_value(type)))
			return NULL;
	}
	return g_strdup_printf("%s: is a %s", path, type_of(doc));
}

static char *check_enum(const json_t *rule, const json_t *schema, const json_t *doc,
			const char *path)
{
	size_t i;
	json_t *allowed;

	json_array_foreach((json_t *)rule, i, allowed)
	{
		if (json_equal(allowed, doc))
			return NULL;
	}
	return g_strdup_printf("%s: not one of the enum", path);
}

static char *check_minimum(const json_t *rule, const json_t *schema, const json_t *doc,
			   const char *path)
{
	if (!json_is_number(doc) || json_number_value(doc) >= json_number_value(rule))
		return NULL;
	return g_strdup_printf("%s: %g is too small", path, json_number_value(doc));
}

static char *check_maximum(const json_t *rule, const json_t *schema, const json_t *doc,
			   const char *path)
{
	if (!json_is_number(doc) || json_number_value(doc) <= json_number_value(rule))
		return NULL;
	return g_strdup_printf("%s: %g is too large", path, json_number_value(doc));
}

static char *check_min_length(const json_t *rule, const json_t *schema, const json_t *doc,
			      const char *path)
{
	if (!json_is_string(doc) ||
	    g_utf8_strlen(json_string_value(doc), -1) >= json_integer_value(rule))
		return NULL;
	return g_strdup_printf("%s: too short", path);
}

static char *check_max_length(const json_t *rule, const json_t *schema, const json_t *doc,
			      const char *path)
{
	if (!json_is_string(doc) ||
	    g_utf8_strlen(json_string_value(doc), -1) <= json_integer_value(rule))
		return NULL;
	return g_strdup_printf("%s: too long", path);
}

static char *check_required(const json_t *rule, const json_t *schema, const json_t *doc,
			    const char *path)
{
	size_t i;
	json_t *key;

	json_array_foreach((json_t *)rule, i, key)
	{
		if (json_is_object(doc) && !json_object_get(doc, json_string_value(key)))
			return g_strdup_printf("%s.%s: missing", path, json_string_value(key));
	}
	return NULL;
}

static char *check_properties(const json_t *rule, const json_t *schema, const json_t *doc,
			      const char *path)
{
	const char *key;
	json_t *sub, *value;
	char *wrong = NULL;

	json_object_foreach((json_t *)rule, key, sub)
	{
		g_autofree char *below = g_strdup_printf("%s.%s", path, key);

		value = json_object_get(doc, key);
		if (value && (wrong = check(sub, value, below)))
			break;
	}
	return wrong;
}

static char *check_additional(const json_t *rule, const json_t *schema, const json_t *doc,
			      const char *path)
{
	const json_t *properties = json_object_get(schema, "properties");
	const char *key;
	json_t *value;
	char *wrong = NULL;

	json_object_foreach((json_t *)doc, key, value)
	{
		g_autofree char *below = g_strdup_printf("%s.%s", path, key);

		if (json_object_get(properties, key) || json_is_true(rule))
			continue;
		wrong = json_is_false(rule) ? g_strdup_printf("%s: not in the schema", below)
					    : check(rule, value, below);
		if (wrong)
			break;
	}
	return wrong;
}

static char *check_items(const json_t *rule, const json_t *schema, const json_t *doc,
			 const char *path)
{
	size_t i;
	json_t *item;
	char *wrong = NULL;

	json_array_foreach((json_t *)doc, i, item)
	{
		g_autofree char *below = g_strdup_printf("%s[%zu]", path, i);

		if ((wrong = check(rule, item, below)))
			break;
	}
	return wrong;
}

/* The whole schema; "#/properties/NAME" is looked up there. */
static const json_t *root;

static char *check_ref(const json_t *rule, const json_t *schema, const json_t *doc,
		       const char *path)
{
	static const char prefix[] = "#/properties/";
	const char *to = json_string_value(rule);
	const json_t *there =
		to && g_str_has_prefix(to, prefix)
			? json_object_get(json_object_get(root, "properties"), to + strlen(prefix))
			: NULL;

	return there ? check(there, doc, path)
		     : g_strdup_printf("%s: schema: nothing at %s", path, to ?: "no text");
}

static char *check_nothing(const json_t *rule, const json_t *schema, const json_t *doc,
			   const char *path)
{
	return NULL;
}

static const struct {
	const char *keyword;
	char *(*check)(const json_t *rule, const json_t *schema, const json_t *doc,
		       const char *path);
} keywords[] = {
	{"$schema", check_nothing},
	{"title", check_nothing},
	{"description", check_nothing},
	{"type", check_type},
	{"enum", check_enum},
	{"minimum", check_minimum},
	{"maximum", check_maximum},
	{"minLength", check_min_length},
	{"maxLength", check_max_length},
	{"required", check_required},
	{"properties", check_properties},
	{"additionalProperties", check_additional},
	{"items", check_items},
	{"$ref", check_ref},
};

static char *check_keyword(const char *keyword, const json_t *rule, const json_t *schema,
			   const json_t *doc, const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
		if (g_str_equal(keyword, keywords[i].keyword))
			return keywords[i].check(rule, schema, doc, path);
	return g_strdup_printf("%s: schema keyword '%s' is not checked here", path, keyword);
}

static char *check(const json_t *schema, const json_t *doc, const char *path)
{
	const char *keyword;
	json_t *rule;
	char *wrong = NULL;

	json_object_foreach((json_t *)schema, keyword, rule)
	{
		wrong = check_keyword(keyword, rule, schema, doc, path);
		if (wrong)
			break;
	}
	return wrong;
}

char *schema_check(const json_t *schema, const json_t *document)
{
	root = schema;
	return check(schema, document, "result");
}
