/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of services: read, checked, turned into what guests are made with. */
#include "workloads/service/spec.h"
#include <string.h>
#include "model/plan.h"
#include "model/strategy.h"
#include "record/error.h"
#include "workloads/service/contents.h"

#define MAX_WORDS 64

struct key {
	const char *name, *allowed;
	bool (*ok)(const json_t *value);
	const char *def; /* JSON; NULL: required; "" none */
};

static bool is_text(const json_t *value)
{
	return json_is_string(value) && strlen(json_string_value(value)) < 256;
}

static bool is_name(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && *text && strlen(text) <= 64 &&
	       !text[strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-")];
}

static bool is_path(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && g_path_is_absolute(text) && !strpbrk(text, "\n\r");
}

static bool is_port(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 1 &&
	       json_integer_value(value) <= 65535;
}

static bool is_size(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0 &&
	       json_integer_value(value) <= 16384;
}

static bool is_time(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 1 &&
	       json_integer_value(value) <= 600000;
}

static bool all(const json_t *list, bool (*ok)(const json_t *value))
{
	json_t *value;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > MAX_WORDS)
		return false;
	json_array_foreach((json_t *)list, i, value) if (!ok(value)) return false;
	return true;
}

static bool is_names(const json_t *value)
{
	return all(value, is_name);
}

static bool is_command(const json_t *value)
{
	return all(value, is_text) && json_array_size(value) && is_path(json_array_get(value, 0));
}

static bool is_files(const json_t *value)
{
	const char *path;
	json_t *text;

	if (!json_is_object(value) || json_object_size(value) > MAX_WORDS)
		return false;
	json_object_foreach((json_t *)value, path, text)
	{
		if (!g_path_is_absolute(path) || !json_is_string(text) ||
		    json_string_length(text) > 65536)
			return false;
	}
	return true;
}

static const struct key keys[] = {
	{"name", "1 to 64 letters, digits and . _ + -", is_name, NULL},
	{"summary", "a text of less than 256 characters", is_text, "\"\""},
	{"argv", "1 to 64 words, the first an absolute path in the guest", is_command, NULL},
	{"port", "1 to 65535", is_port, NULL},
	{"protocol", "one of those that docs/reference/services.md lists", is_name, NULL},
	{"packages", "names of packages", is_names, "[]"},
	{"program", "the path of a static program on the host", is_path, ""},
	{"folder", "the path of a folder on the host", is_path, ""},
	{"built", "the name of a program for guests that is built with lubench", is_name, ""},
	{"sha256", "the hash of program and folder", is_name, ""},
	{"files", "texts by absolute paths in the guest, of 65536 bytes at most", is_files, "{}"},
	{"features", "features of the machine", is_names, "[]"},
	{"state_mb", "0 to 16384", is_size, "32"},
	{"disk_mb", "0 to 16384", is_size, "0"},
	{"ready_file", "an absolute path in the guest", is_path, ""},
	{"ready_ms", "1 to 600000", is_time, "60000"},
	{"checker", "1 to 64 words, the first the path of a program on the host", is_command, ""},
	{NULL},
};

static bool wrong(GError **error, const char *key, const char *what, const char *allowed)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s; allowed: %s", key, what, allowed);
	return false;
}

static bool check_known(const json_t *spec, GError **error)
{
	const char *words[G_N_ELEMENTS(keys)] = {NULL};
	const char *name;
	json_t *value;

	for (size_t i = 0; keys[i].name; i++)
		words[i] = keys[i].name;
	json_object_foreach((json_t *)spec, name, value)
	{
		if (g_strv_contains(words, name))
			continue;
		lu_unknown_key(error, "", name, words);
		return false;
	}
	return true;
}

static bool check_key(json_t *spec, const struct key *key, GError **error)
{
	const json_t *value = json_object_get(spec, key->name);

	if (!value && !key->def)
		return wrong(error, key->name, "missing", key->allowed);
	if (!value && *key->def)
		json_object_set_new(spec, key->name, json_loads(key->def, JSON_DECODE_ANY, NULL));
	return !value || key->ok(value) || wrong(error, key->name, "is wrong", key->allowed);
}

/* Its program has to come from somewhere, and what its protocol needs must be there. */
static bool check_whole(const json_t *spec, GError **error)
{
	const char *protocol = json_string_value(json_object_get(spec, "protocol"));
	bool checker = g_str_equal(protocol, "checker");

	if (!json_object_get(spec, "program") && !json_object_get(spec, "folder") &&
	    !json_object_get(spec, "built") && !json_array_size(json_object_get(spec, "packages")))
		return wrong(error, "packages", "nothing brings the service's program",
			     "one of packages, program, folder, built");
	if (checker != (json_object_get(spec, "checker") != NULL))
		return wrong(error, "checker", checker ? "missing" : "no program is asked for one",
			     "with protocol \"checker\", and only then");
	return lu_protocol_find(protocol, error) != NULL;
}

bool lu_service_spec_check(json_t *spec, GError **error)
{
	if (!check_known(spec, error))
		return false;
	for (size_t i = 0; keys[i].name; i++)
		if (!check_key(spec, &keys[i], error))
			return false;
	return check_whole(spec, error) && lu_service_contents(spec, error);
}

/* A path in the file is relative to where the file is. */
static void anchor(json_t *holder, json_t *value, const char *dir)
{
	g_autofree char *full = NULL;

	if (!json_is_string(value) || !*json_string_value(value))
		return;
	full = g_canonicalize_filename(json_string_value(value), dir);
	json_string_set(value, full);
}

json_t *lu_service_spec_read(const char *path, GError **error)
{
	bool folder = g_file_test(path, G_FILE_TEST_IS_DIR);
	g_autofree char *file =
		folder ? g_build_filename(path, "service.json", NULL) : g_strdup(path);
	g_autofree char *dir = g_path_get_dirname(file);
	g_autofree char *name = g_path_get_basename(path);
	json_t *spec = lu_scenario_load(file, error);

	if (!spec)
		return NULL;
	if (g_str_has_suffix(name, ".json"))
		name[strlen(name) - strlen(".json")] = '\0';
	if (!json_object_get(spec, "name"))
		json_object_set_new(spec, "name", json_string(name));
	anchor(spec, json_object_get(spec, "program"), dir);
	anchor(spec, json_object_get(spec, "folder"), dir);
	anchor(spec, json_array_get(json_object_get(spec, "checker"), 0), dir);
	return spec;
}

const json_t *lu_service_spec(const json_t *params)
{
	return json_object_get(params, "spec");
}

const struct lu_protocol *lu_service_protocol(const json_t *params)
{
	return lu_protocol_find(
		json_string_value(json_object_get(lu_service_spec(params), "protocol")), NULL);
}

static const char *text_of(const json_t *spec, const char *key)
{
	return json_string_value(json_object_get(spec, key));
}

void lu_service_spec_needs(const json_t *params, struct lu_needs *needs)
{
	const json_t *spec = lu_service_spec(params);
	const char *path;
	json_t *value;
	size_t i;

	json_array_foreach(json_object_get(spec, "packages"), i, value)
		lu_needs_package(needs, json_string_value(value));
	json_array_foreach(json_object_get(spec, "features"), i, value)
		lu_needs_feature(needs, json_string_value(value));
	needs->data_mb =
		MAX(needs->data_mb, (unsigned)json_integer_value(json_object_get(spec, "disk_mb")));
	if (text_of(spec, "built"))
		lu_needs_program(needs, text_of(spec, "built"));
	if (text_of(spec, "folder"))
		lu_needs_host(needs, "/", text_of(spec, "folder"));
	if (text_of(spec, "program"))
		lu_needs_host(needs,
			      json_string_value(json_array_get(json_object_get(spec, "argv"), 0)),
			      text_of(spec, "program"));
	json_object_foreach(json_object_get(spec, "files"), path, value)
		lu_needs_text(needs, path, json_string_value(value), false);
}
