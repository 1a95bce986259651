/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios as the user writes them: a file, with flags on top. model/plan.c
 * turns one into a plan. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"
#include "model/plan-services.h"
#include "model/plan.h"
#include "model/scenario-keys.h"
#include "model/strategy.h"
#include "model/workload.h"

#define MAX_FILE_BYTES (1 << 20)

static bool file_error(const char *path, const char *what, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: %s; allowed: a readable JSON file of at most 1 MiB", path, what);
	return false;
}

/* Not g_file_get_contents: reading a device or a pipe given by mistake would never end. */
static bool read_bounded(const char *path, GByteArray *out, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	guint8 chunk[16384];
	ssize_t n = 0;

	if (fd < 0)
		return file_error(path, g_strerror(errno), error);
	bool ok = (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) ||
		  file_error(path, "not a regular file", error);

	while (ok && out->len <= MAX_FILE_BYTES && (n = read(fd, chunk, sizeof(chunk))) > 0)
		g_byte_array_append(out, chunk, n);
	if (n < 0)
		ok = file_error(path, g_strerror(errno), error);
	close(fd);
	if (ok && out->len > MAX_FILE_BYTES)
		ok = file_error(path, "larger than 1 MiB", error);
	return ok;
}

/* A result holds the plan that it is of, which is a scenario
 * with every default explicit. Takes the document. */
static json_t *plan_of_result(json_t *doc)
{
	json_t *plan = json_object_get(doc, "plan");

	if (!json_is_object(plan) || !json_object_get(doc, "plan_hash"))
		return doc;
	plan = json_deep_copy(plan);
	json_decref(doc);
	return plan;
}

json_t *lu_scenario_load(const char *path, GError **error)
{
	g_autoptr(GByteArray) text = g_byte_array_new();

	if (!read_bounded(path, text, error))
		return NULL;
	json_t *doc = lu_scenario_parse((const char *)text->data, text->len, path, error);

	return doc ? plan_of_result(doc) : NULL;
}

json_t *lu_scenario_parse(const char *text, size_t len, const char *name, GError **error)
{
	json_error_t why;
	json_t *doc = json_loadb(len ? text : "", len, JSON_REJECT_DUPLICATES, &why);

	if (!doc) {
		g_autofree char *safe = g_strescape(why.text, NULL);

		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: line %d, column %d: %s; allowed: one JSON object", name, why.line,
			    why.column, safe);
		return NULL;
	}
	if (json_is_object(doc))
		return doc;
	json_decref(doc);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: is a list; allowed: one JSON object",
		    name);
	return NULL;
}

/* The section's object in the scenario, created if missing; NULL if something
 * else is in its place. */
static json_t *section_object(json_t *scenario, const char *section, GError **error)
{
	json_t *object = *section ? json_object_get(scenario, section) : scenario;

	if (!object) {
		object = json_object();
		json_object_set_new(scenario, section, object);
	}
	if (json_is_object(object))
		return object;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: must be an object; allowed: {…}",
		    section);
	return NULL;
}

static bool set_value(json_t *scenario, const char *section, const char *key, json_t *value,
		      GError **error)
{
	json_t *object = section_object(scenario, section, error);

	if (!object) {
		json_decref(value);
		return false;
	}
	/* Fails for a value that is NULL: text that is not UTF-8. */
	if (json_object_set_new(object, key, value) == 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s%s%s: not UTF-8; allowed: UTF-8 text",
		    section, *section ? "." : "", key);
	return false;
}

static bool set_known(json_t *scenario, const struct lu_section *section, const char *key,
		      const char *text, GError **error)
{
	const struct lu_param *spec = lu_param_find(section->specs, key);

	if (!spec) {
		/* lu_params_resolve_strict words the error with all that is allowed. */
		g_autofree const char **top = *section->name ? NULL : lu_scenario_top_keys();
		json_t *probe = json_pack("{s:n}", key);

		if (top)
			lu_unknown_key(error, "", key, top);
		else
			lu_params_resolve_strict(section->specs, probe, section->name, error);
		json_decref(probe);
		return false;
	}
	json_t *value = lu_param_from_text(spec, text, section->name, error);

	return value && set_value(scenario, section->name, key, value, error);
}

static bool is_params(const char *name)
{
	return g_str_equal(name, "strategy_params") || g_str_equal(name, "workload_params");
}

bool lu_scenario_set(json_t *scenario, const char *dotted, const char *text, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(dotted, ".", 2);
	bool top = g_strv_length(parts) < 2 && !g_str_equal(dotted, "services");
	const char *name = top ? "" : parts[0], *key = top ? dotted : parts[1];
	const struct lu_section *section = lu_section_find(name);

	if (top && *dotted && (is_params(dotted) || lu_section_find(dotted))) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: is a section of keys; allowed: %s.KEY=VALUE", dotted, dotted);
		return false;
	}
	if (g_str_equal(name, "services")) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE,
				    "services: is a list; allowed: in a scenario file");
		return false;
	}
	if (is_params(name))
		return set_value(scenario, name, key, json_string(text), error);
	if (section)
		return set_known(scenario, section, key, text, error);
	g_autofree const char **words = lu_scenario_top_keys();

	lu_unknown_key(error, "", name, words);
	return false;
}

static const char *text_of(const json_t *scenario, const char *key, const char *def)
{
	const char *text = json_string_value(json_object_get(scenario, key));

	return text ? text : def;
}

const char *lu_scenario_workload(const json_t *scenario)
{
	const char *strategy = text_of(scenario, "strategy", NULL);
	g_autoptr(GPtrArray) services = lu_services_workloads(scenario);

	if (services->len)
		return services->pdata[0];
	return text_of(scenario, "workload",
		       lu_strategy_workload(strategy ? lu_strategy_find(strategy, NULL) : NULL));
}

static void list_params(GString *out, const char *owner, const struct lu_param *specs)
{
	g_string_append_printf(out, "%s%s:", out->len ? "; " : "", owner);
	for (const struct lu_param *spec = specs; spec && spec->name; spec++) {
		g_autofree char *allowed = lu_param_allowed(spec);

		g_string_append_printf(out, " %s=%s,", spec->name, allowed);
	}
	if (g_str_has_suffix(out->str, ","))
		g_string_truncate(out, out->len - 1);
	else
		g_string_append(out, " none");
}

static bool unknown_param(const struct lu_strategy *strategy, const struct lu_workload *workload,
			  const char *key, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);
	g_autofree char *safe = g_strescape(key, NULL);

	list_params(all, strategy->name, strategy->params);
	if (strategy->several)
		list_params(all, "with several services", strategy->several);
	if (workload)
		list_params(all, workload->name, workload->params);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "--param: unknown parameter '%.60s'; allowed: %s", safe, all->str);
	return false;
}

/* workload NULL: there are several services, whose parameters stand with each. */
static bool set_param(json_t *scenario, const struct lu_strategy *strategy,
		      const struct lu_workload *workload, const char *key, const char *text,
		      GError **error)
{
	const struct lu_param *of_strategy = lu_strategy_param(strategy, key);
	const struct lu_param *of_workload = workload ? lu_param_find(workload->params, key) : NULL;
	const char *section = of_strategy ? "strategy_params" : "workload_params";

	if (!of_strategy && !of_workload)
		return unknown_param(strategy, workload, key, error);
	if (of_strategy && of_workload) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--param: '%s' is a parameter of both %s and %s; allowed: set it in a "
			    "scenario file, under strategy_params or workload_params",
			    key, strategy->name, workload->name);
		return false;
	}
	json_t *value =
		lu_param_from_text(of_strategy ? of_strategy : of_workload, text, "--param", error);

	return value && set_value(scenario, section, key, value, error);
}

bool lu_scenario_set_param(json_t *scenario, const char *key_value, GError **error)
{
	const char *equals = strchr(key_value, '=');

	if (!equals || equals == key_value) {
		g_autofree char *safe = g_strescape(key_value, NULL);

		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--param: '%.60s' is wrong; allowed: key=value", safe);
		return false;
	}
	const char *name = text_of(scenario, "strategy", NULL);

	if (!name) {
		g_set_error(
			error, LU_ERROR, LU_ERROR_USAGE,
			"--param: no strategy yet; allowed: --strategy=NAME or a scenario file");
		return false;
	}
	g_autofree char *key = g_strndup(key_value, equals - key_value);
	const struct lu_strategy *strategy = lu_strategy_find(name, error);
	const struct lu_workload *workload = NULL;

	if (!strategy)
		return false;
	if (!lu_services_given(scenario)) {
		workload = lu_workload_find(lu_scenario_workload(scenario), error);
		if (!workload)
			return false;
	}
	return set_param(scenario, strategy, workload, key, equals + 1, error);
}
