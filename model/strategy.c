/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What strategies ask of the guest, within the phase's deadline. */
#include <string.h>
#include "model/strategy.h"
#include "record/of-service.h"

const char *lu_phase_kind_name(enum lu_phase_kind kind)
{
	static const char *const names[LU_PHASE_KINDS] = {"PREPARE", "FREEZE", "PRESERVE", "SWITCH",
							  "RESTORE", "RESUME", "FINISH"};

	return names[kind];
}

static void kmod_free(gpointer data)
{
	struct lu_kmod *kmod = data;

	g_free(kmod->params);
	g_free(kmod);
}

const char *lu_strategy_workload(const struct lu_strategy *strategy)
{
	return strategy && strategy->workload ? strategy->workload : LU_DEFAULT_WORKLOAD;
}

const struct lu_param *lu_strategy_param(const struct lu_strategy *strategy, const char *name)
{
	const struct lu_param *found = lu_param_find(strategy->params, name);

	return found ? found : lu_param_find(strategy->several, name);
}

struct lu_param *lu_strategy_params(const struct lu_strategy *strategy, bool several)
{
	const struct lu_param *const tables[] = {strategy->params,
						 several ? strategy->several : NULL};
	GArray *all = g_array_new(TRUE, TRUE, sizeof(struct lu_param));

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
		for (const struct lu_param *p = tables[i]; p && p->name; p++)
			g_array_append_vals(all, p, 1);
	return (struct lu_param *)g_array_free(all, FALSE);
}

static void part_free(gpointer data)
{
	struct lu_guest_part *part = data;

	g_free(part->path);
	g_free(part->host);
	g_free(part->text);
	g_free(part);
}

static gpointer part_copy(gconstpointer data, gpointer unused)
{
	const struct lu_guest_part *part = data;
	struct lu_guest_part *copy = g_memdup2(part, sizeof(*part));

	copy->path = g_strdup(part->path);
	copy->host = g_strdup(part->host);
	copy->text = g_strdup(part->text);
	return copy;
}

struct lu_needs *lu_needs_new(void)
{
	struct lu_needs *needs = g_new0(struct lu_needs, 1);

	needs->features = g_ptr_array_new();
	needs->programs = g_ptr_array_new();
	needs->packages = g_ptr_array_new();
	needs->parts = g_ptr_array_new_with_free_func(part_free);
	needs->kmods = g_ptr_array_new_with_free_func(kmod_free);
	needs->next_boot.qemu_args = g_ptr_array_new();
	needs->next_boot.saved = g_ptr_array_new();
	needs->next_boot.added = g_ptr_array_new();
	return needs;
}

static gpointer kmod_copy(gconstpointer data, gpointer unused)
{
	const struct lu_kmod *kmod = data;
	struct lu_kmod *copy = g_memdup2(kmod, sizeof(*kmod));

	copy->params = g_strdup(kmod->params);
	return copy;
}

struct lu_needs *lu_needs_copy(const struct lu_needs *needs)
{
	struct lu_needs *copy = g_memdup2(needs, sizeof(*needs));

	copy->features = g_ptr_array_copy(needs->features, NULL, NULL);
	copy->programs = g_ptr_array_copy(needs->programs, NULL, NULL);
	copy->packages = g_ptr_array_copy(needs->packages, NULL, NULL);
	copy->parts = g_ptr_array_copy(needs->parts, part_copy, NULL);
	copy->kmods = g_ptr_array_copy(needs->kmods, kmod_copy, NULL);
	copy->next_boot.qemu_args = g_ptr_array_copy(needs->next_boot.qemu_args, NULL, NULL);
	copy->next_boot.saved = g_ptr_array_copy(needs->next_boot.saved, NULL, NULL);
	copy->next_boot.added = g_ptr_array_copy(needs->next_boot.added, NULL, NULL);
	return copy;
}

void lu_needs_free(struct lu_needs *needs)
{
	if (!needs)
		return;
	g_ptr_array_unref(needs->features);
	g_ptr_array_unref(needs->programs);
	g_ptr_array_unref(needs->packages);
	g_ptr_array_unref(needs->parts);
	g_ptr_array_unref(needs->kmods);
	g_ptr_array_unref(needs->next_boot.qemu_args);
	g_ptr_array_unref(needs->next_boot.saved);
	g_ptr_array_unref(needs->next_boot.added);
	g_free(needs);
}

static void add_once(GPtrArray *list, const char *word)
{
	const char *interned = g_intern_string(word);

	if (!g_ptr_array_find(list, interned, NULL))
		g_ptr_array_add(list, (gpointer)interned);
}

void lu_needs_feature(struct lu_needs *needs, const char *feature)
{
	add_once(needs->features, feature);
}

void lu_needs_program(struct lu_needs *needs, const char *program)
{
	add_once(needs->programs, program);
}

/* Documentation/admin-guide/kernel-parameters.txt: without an init in the initramfs the kernel looks
 * for a root device, and panics when there is none; rootwait has it wait instead. */
const char *lu_needs_next_words(const struct lu_needs *needs)
{
	switch (needs->next_fault) {
	case LU_NEXT_PANICS:
		return " rdinit=/none root=/dev/none";
	case LU_NEXT_HANGS:
		return " rdinit=/none root=/dev/none rootwait";
	default:
		return "";
	}
}

void lu_needs_package(struct lu_needs *needs, const char *package)
{
	add_once(needs->packages, package);
}

static void add_part(struct lu_needs *needs, const char *path, const char *host, const char *text,
		     bool run)
{
	struct lu_guest_part *part = g_new0(struct lu_guest_part, 1);

	*part = (struct lu_guest_part){g_strdup(path), g_strdup(host), g_strdup(text), run};
	g_ptr_array_add(needs->parts, part);
}

void lu_needs_text(struct lu_needs *needs, const char *path, const char *text, bool run)
{
	add_part(needs, path, NULL, text, run);
}

void lu_needs_host(struct lu_needs *needs, const char *path, const char *host)
{
	add_part(needs, path, host, NULL, true);
}

static struct lu_kmod *kmod_of(struct lu_needs *needs, const char *name)
{
	struct lu_kmod *kmod;

	for (guint i = 0; i < needs->kmods->len; i++) {
		kmod = needs->kmods->pdata[i];
		if (g_str_equal(kmod->name, name))
			return kmod;
	}
	kmod = g_new0(struct lu_kmod, 1);
	kmod->name = g_intern_string(name);
	kmod->params = g_strdup("");
	g_ptr_array_add(needs->kmods, kmod);
	return kmod;
}

void lu_needs_kmod(struct lu_needs *needs, const char *name, const char *params)
{
	struct lu_kmod *kmod = kmod_of(needs, name);
	g_autofree char *before = kmod->params;

	kmod->params = g_strstrip(g_strjoin(" ", before, params ? params : "", NULL));
}

int64_t lu_run_left(struct lu_run *run)
{
	int64_t left = run->deadline_ns - run->guest->ops->now(run->guest);

	return MAX(left, 0);
}

struct lu_run lu_run_of(const struct lu_run *run, unsigned i)
{
	struct lu_run its = *run;

	if (lu_plan_services(run->plan) > 1) {
		its.plan = lu_plan_service(run->plan, i);
		its.service = its.plan->service;
	}
	return its;
}

/* args is taken, and may be NULL. */
static json_t *about(const struct lu_run *run, json_t *args)
{
	if (!run->service)
		return args;
	args = args ? args : json_object();
	json_object_set_new(args, "service", json_string(run->service));
	return args;
}

bool lu_run_call(struct lu_run *run, const char *verb, json_t *args, json_t **reply, GError **error)
{
	return run->guest->ops->call(run->guest, verb, about(run, args), lu_run_left(run), reply,
				     error);
}

bool lu_run_call_standby(struct lu_run *run, const char *verb, json_t *args, json_t **reply,
			 GError **error)
{
	return run->guest->ops->standby_call(run->guest, verb, about(run, args), lu_run_left(run),
					     reply, error);
}

bool lu_run_jump(struct lu_run *run, const char *verb, json_t *args, GError **error)
{
	return run->guest->ops->jump(run->guest, verb, args, lu_run_left(run), error);
}

bool lu_run_wait(struct lu_run *run, int64_t ns, GError **error)
{
	return run->guest->ops->wait(run->guest, ns, error);
}

void lu_run_claim(struct lu_run *run, const char *name, int64_t ns)
{
	lu_timeline_add(run->timeline, run->guest->ops->now(run->guest),
			lu_source_of("guest", run->service), "claim", 0,
			json_pack("{s:s, s:I}", "name", name, "ns", (json_int_t)ns));
}

void lu_run_note(struct lu_run *run, const char *name, const char *text)
{
	lu_timeline_add(run->timeline, run->guest->ops->now(run->guest),
			lu_source_of("guest", run->service), "note", 0,
			json_pack("{s:s, s:s}", "name", name, "text", text));
}

void lu_run_step(struct lu_run *run, const char *name)
{
	g_autofree char *whose =
		run->service ? g_strdup_printf("%s: %s", run->service, name) : NULL;

	lu_timeline_add(run->timeline, run->guest->ops->now(run->guest), "guest", "step", 0,
			json_pack("{s:s}", "name", whose ?: name));
}

void lu_run_app(struct lu_run *run, const char *version)
{
	lu_timeline_add(run->timeline, run->guest->ops->now(run->guest), "guest", "app", 0,
			json_pack("{s:s}", "version", version));
}

void lu_run_claims(struct lu_run *run, const char *prefix, const json_t *reply)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)reply, key, value)
	{
		if (!g_str_has_suffix(key, "_ns") || !json_is_integer(value))
			continue;
		g_autofree char *name = g_strdup_printf("%s.%s", prefix, key);

		lu_run_claim(run, name, json_integer_value(value));
	}
}
