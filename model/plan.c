/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a plan of a scenario: everything checked, every default explicit, hashed. A plan's doc is
 * itself a scenario. */
#include <inttypes.h>
#include <string.h>
#include "record/error.h"
#include "model/fault.h"
#include "model/layout.h"
#include "model/plan-churn.h"
#include "model/plan-needs.h"
#include "model/plan-network.h"
#include "model/plan-services.h"
#include "model/plan.h"
#include "model/scenario-keys.h"
#include "model/strategy.h"
#include "model/workload.h"

/* Left to the host besides the guest: QEMU itself, the harness, the page cache,
 * whatever else runs there. */
#define HOST_RESERVE_MB 1024
/* With fewer replies, neither the median interval nor the longest gap is worth comparing with. */
#define MIN_BASELINE_REQUESTS 5

/* A plan under construction. */
struct draft {
	struct lu_plan *plan;
	const json_t *scenario;
	const char *name, *machines_dir;
	/* resolved, in the order of lu_scenario_sections; NULL for an optional one not given */
	json_t *sections[8];
	GError **error;
};

static bool G_GNUC_PRINTF(2, 3) wrong(struct draft *draft, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);

	va_end(args);
	g_set_error(draft->error, LU_ERROR, LU_ERROR_USAGE, "%s: %s", draft->name, text);
	return false;
}

static bool check_top_keys(struct draft *draft)
{
	g_autofree const char **allowed = lu_scenario_top_keys();
	const char *key;
	json_t *value;

	if (!json_is_object(draft->scenario))
		return wrong(draft, "must be a JSON object; allowed: {…}");
	json_object_foreach((json_t *)draft->scenario, key, value)
	{
		if (g_strv_contains(allowed, key))
			continue;
		lu_unknown_key(draft->error, draft->name, key, allowed);
		return false;
	}
	if (json_object_get(draft->scenario, "strategy"))
		return true;
	return wrong(draft,
		     "strategy: missing; allowed: a name that `lubench list strategies` shows");
}

/* The scalars of the scenario's top level, by themselves. */
static json_t *top_scalars(const json_t *scenario, const struct lu_section *section)
{
	json_t *scalars = json_object();

	for (const struct lu_param *spec = section->specs; spec->name; spec++)
		json_object_set(scalars, spec->name, json_object_get(scenario, spec->name));
	return scalars;
}

static void default_workload(json_t *scalars)
{
	if (!json_object_get(scalars, "workload"))
		json_object_set_new(scalars, "workload",
				    json_string(lu_scenario_workload(scalars)));
}

/* Without a machine, use the default of the folder of machines. */
static bool default_machine(struct draft *draft, json_t *scalars)
{
	g_autofree char *name = NULL;

	if (json_object_get(scalars, "machine"))
		return true;
	name = lu_machine_default(draft->machines_dir, draft->error);
	if (name)
		return !json_object_set_new(scalars, "machine", json_string(name));
	g_prefix_error(draft->error, "%s: ", draft->name);
	return false;
}

static json_t *resolve_section(struct draft *draft, const struct lu_section *section)
{
	g_autofree char *where = g_strdup_printf("%s: %s", draft->name, section->name);
	bool top = !*section->name;
	json_t *given = top ? top_scalars(draft->scenario, section)
			    : json_incref(json_object_get(draft->scenario, section->name));
	json_t *values = NULL;

	g_strchomp(where);
	if (top)
		default_workload(given);
	if (!top || default_machine(draft, given))
		values = lu_params_resolve_strict(section->specs, given, where, draft->error);

	json_decref(given);
	return values;
}

static bool resolve_sections(struct draft *draft)
{
	for (size_t i = 0; lu_scenario_sections[i].name; i++) {
		const struct lu_section *section = &lu_scenario_sections[i];

		g_assert(i < G_N_ELEMENTS(draft->sections));
		if (section->optional && !json_object_get(draft->scenario, section->name))
			continue;
		draft->sections[i] = resolve_section(draft, section);
		if (!draft->sections[i])
			return false;
	}
	return true;
}

static const json_t *section(const struct draft *draft, const char *name)
{
	return draft->sections[lu_section_find(name) - lu_scenario_sections];
}

static json_t *resolve_params(struct draft *draft, const char *key, const struct lu_param *specs)
{
	g_autofree char *where = g_strdup_printf("%s: %s", draft->name, key);
	g_autofree char *data_dir = g_path_get_dirname(draft->machines_dir);
	json_t *values = lu_params_resolve(specs, json_object_get(draft->scenario, key), where,
					   draft->error);

	/* The data folders lie side by side. */
	if (values && lu_params_read(specs, values, data_dir, where, draft->error))
		return values;
	json_decref(values);
	return NULL;
}

static bool find_backends(struct draft *draft)
{
	struct lu_plan *plan = draft->plan;
	const json_t *top = section(draft, "");
	g_autofree struct lu_param *params = NULL;

	plan->strategy = lu_strategy_find(lu_param_str(top, "strategy"), draft->error);
	if (plan->strategy)
		plan->workload = lu_workload_find(lu_param_str(top, "workload"), draft->error);
	if (!plan->strategy || !plan->workload) {
		g_prefix_error(draft->error, "%s: ", draft->name);
		return false;
	}
	params = lu_strategy_params(plan->strategy, lu_services_given(draft->scenario));
	plan->strategy_params = resolve_params(draft, "strategy_params", params);
	if (!plan->strategy_params)
		return false;
	plan->workload_params = resolve_params(draft, "workload_params", plan->workload->params);
	return plan->workload_params != NULL;
}

static void take_client(struct lu_plan *plan, const json_t *client, const json_t *timeouts)
{
	plan->connections = lu_param_int(client, "connections");
	plan->rate_hz = lu_param_real(client, "rate_hz");
	plan->churn_hz = (unsigned)lu_param_int(client, "churn_hz");
	plan->timeout_ns = lu_param_int(client, "timeout_ms") * 1000000;
	plan->baseline_ns = lu_param_int(client, "baseline_ms") * 1000000;
	plan->settle_ns = lu_param_int(client, "settle_ms") * 1000000;
	plan->boot_timeout_ns = lu_param_int(timeouts, "boot_ms") * 1000000;
	plan->phase_timeout_ns = lu_param_int(timeouts, "phase_ms") * 1000000;
}

static void take_network(struct lu_plan *plan, const json_t *network)
{
	plan->net_delay_ns = lu_param_int(network, "delay_us") * 1000;
	plan->net_loss = (double)lu_param_int(network, "loss_ppm") / 1e6;
	plan->net_rate_bps = (uint64_t)lu_param_int(network, "rate_kbps") * 1000;
}

/* What sets it apart from the others, of several (model/plan-services.h). */
static void take_service(struct draft *draft)
{
	const json_t *service = json_object_get(draft->scenario, "services");

	draft->plan->service = g_strdup(json_string_value(json_object_get(service, "name")));
	draft->plan->priority = (int)json_integer_value(json_object_get(service, "priority"));
}

static void take_values(struct draft *draft)
{
	struct lu_plan *plan = draft->plan;
	const json_t *top = section(draft, ""), *update = section(draft, "update");
	const json_t *fault = section(draft, "fault");

	plan->guest = g_str_equal(lu_param_str(top, "guest"), "sim") ? LU_GUEST_SIM : LU_GUEST_QEMU;
	plan->seed = lu_param_int(top, "seed");
	plan->accel = g_strdup(lu_param_str(top, "accel"));
	plan->memory_mb = lu_param_int(top, "memory_mb");
	plan->cpus = lu_param_int(top, "cpus") ?: plan->machine->cpus;
	plan->cycles = (unsigned)lu_param_int(top, "cycles");
	plan->update_kind = g_strdup(lu_param_str(update, "kind"));
	plan->update_from = g_strdup(lu_param_str(update, "from"));
	plan->update_to = g_strdup(lu_param_str(update, "to"));
	plan->initramfs_mb = (unsigned)lu_param_int(update, "initramfs_mb");
	plan->fault_phase = fault ? g_strdup(lu_param_str(fault, "phase")) : NULL;
	plan->fault_kind = fault ? g_strdup(lu_param_str(fault, "kind")) : NULL;
	take_client(plan, section(draft, "client"), section(draft, "timeouts"));
	take_service(draft);
	if (section(draft, "network"))
		take_network(plan, section(draft, "network"));
}

static bool check_baseline(struct draft *draft)
{
	const struct lu_plan *plan = draft->plan;
	double requests = plan->rate_hz * plan->baseline_ns / 1e9;

	if (requests >= MIN_BASELINE_REQUESTS)
		return true;
	return wrong(
		draft,
		"client.baseline_ms: %" G_GINT64_FORMAT
		" ms at %g Hz hold %.1f requests, too few to know the steady state; allowed: at "
		"least %.0f",
		plan->baseline_ns / 1000000, plan->rate_hz, requests,
		MIN_BASELINE_REQUESTS * 1000 / plan->rate_hz);
}

static bool check_memory(struct draft *draft, unsigned host_mb)
{
	struct lu_plan *plan = draft->plan;
	const struct lu_machine *machine = plan->machine;
	unsigned most = host_mb > HOST_RESERVE_MB ? host_mb - HOST_RESERVE_MB : 0;

	if (!plan->memory_mb)
		plan->memory_mb = machine->memory_mb;
	if (plan->memory_mb < machine->memory_min_mb)
		return wrong(draft, "memory_mb: %u is too little for %s; allowed: %u or more",
			     plan->memory_mb, machine->name, machine->memory_min_mb);
	if (plan->memory_mb % machine->memory_step_mb)
		return wrong(draft, "memory_mb: %u does not fit %s; allowed: multiples of %u",
			     plan->memory_mb, machine->name, machine->memory_step_mb);
	if (host_mb && plan->guest == LU_GUEST_QEMU && plan->memory_mb > most)
		return wrong(draft,
			     "memory_mb: %u does not fit this host, which has %u; allowed: up to "
			     "%u, which leaves %u to the host",
			     plan->memory_mb, host_mb, most, HOST_RESERVE_MB);
	return true;
}

/* Otherwise the guest would run out of memory while the service starts, and only its
 * console would say so. */
static bool check_state(struct draft *draft)
{
	const struct lu_plan *plan = draft->plan;
	uint64_t state_mb = (lu_plan_state_bytes(plan) >> 20) + UINT64_C(2) * plan->initramfs_mb;
	uint64_t step = plan->machine->memory_step_mb;
	uint64_t least = (state_mb + LU_GUEST_RESERVE_MB + step - 1) / step * step;

	if (plan->guest != LU_GUEST_QEMU || plan->memory_mb >= least)
		return true;
	return wrong(draft,
		     "memory_mb: %u is too little for workload %s%s with a state of %" PRIu64
		     " MiB%s; allowed: %" PRIu64 " or more",
		     plan->memory_mb, plan->workload->name,
		     plan->others ? " and the other services" : "", state_mb,
		     plan->initramfs_mb ? " with the initramfs, packed and unpacked" : "", least);
}

/* A store in memory lies between the kernel and its initramfs, whose room is not the store's size. */
static bool check_store(struct draft *draft)
{
	const struct lu_plan *plan = draft->plan;
	const struct lu_needs *needs = plan->needs;
	unsigned have = plan->memory_mb + needs->spare_mb, least = have;

	if (plan->guest == LU_GUEST_QEMU && !g_strcmp0(needs->store, "pmem"))
		least = lu_layout_least(plan->machine, have, needs->store_mb);
	if (least == have)
		return true;
	return wrong(draft,
		     "memory_mb: %u is too little for strategy %s, whose store of %u MiB takes a "
		     "place in memory; allowed: %u or more",
		     plan->memory_mb, plan->strategy->name, needs->store_mb,
		     least - needs->spare_mb);
}

/* What it breaks is known once the plan's needs are. */
static bool check_fault_kind(struct draft *draft)
{
	const struct lu_plan *plan = draft->plan;
	const struct lu_fault *fault = plan->fault_kind ? lu_fault_find(plan->fault_kind) : NULL;

	if (!fault || !fault->check || plan->refusal || fault->check(plan, draft->error))
		return true;
	g_prefix_error(draft->error, "%s: ", draft->name);
	return false;
}

static bool check_network(struct draft *draft)
{
	if (lu_plan_network_carries(draft->plan, draft->error) &&
	    lu_plan_churns(draft->plan, draft->error))
		return true;
	g_prefix_error(draft->error, "%s: ", draft->name);
	return false;
}

/* Only a kernel that is booted has an initramfs. */
static bool check_initramfs(struct draft *draft)
{
	const struct lu_plan *plan = draft->plan;

	if (!plan->initramfs_mb || g_str_equal(plan->update_kind, "kernel"))
		return true;
	return wrong(draft,
		     "update.initramfs_mb: an update of kind %s boots no next kernel; allowed: 0",
		     plan->update_kind);
}

/* A simulated kernel is a table of measured costs, and
 * there is none for a kernel that a user has built. */
static bool check_trees(struct draft *draft)
{
	for (int after = 0; after < 2; after++) {
		const char *tree = lu_plan_tree(draft->plan, after);

		if (tree && draft->plan->guest == LU_GUEST_SIM)
			return wrong(draft,
				     "update.%s: %s: a kernel built from source runs on a real "
				     "guest only; "
				     "allowed with guest sim: previous, newest or a release",
				     after ? "to" : "from", tree);
	}
	return true;
}

static bool has_phase(const struct lu_strategy *strategy, const char *kind)
{
	for (const struct lu_phase *phase = strategy->phases; phase->name; phase++)
		if (g_str_equal(lu_phase_kind_name(phase->kind), kind))
			return true;
	return false;
}

/* A fault in a phase that never runs would make a test that cannot fail. */
static bool check_fault(struct draft *draft)
{
	const struct lu_strategy *strategy = draft->plan->strategy;
	g_autoptr(GString) all = g_string_new(NULL);

	const json_t *given = json_object_get(draft->scenario, "fault");

	if (json_is_object(given) && !json_object_size(given))
		return wrong(draft, "fault: says neither phase nor kind; leave it out for a run "
				    "without a fault");
	if (!draft->plan->fault_phase || has_phase(strategy, draft->plan->fault_phase))
		return true;
	for (int kind = 0; kind < LU_PHASE_KINDS; kind++)
		if (has_phase(strategy, lu_phase_kind_name(kind)))
			g_string_append_printf(all, "%s%s", all->len ? ", " : "",
					       lu_phase_kind_name(kind));
	return wrong(draft, "fault.phase: strategy %s has no %s; allowed: %s", strategy->name,
		     draft->plan->fault_phase, all->str);
}

/* A strategy's first kind of update is its main purpose, and the default. */
static void default_update(struct draft *draft)
{
	const json_t *given = json_object_get(draft->scenario, "update");
	json_t *update = draft->sections[lu_section_find("update") - lu_scenario_sections];

	if (!json_object_get(given, "kind"))
		json_object_set_new(update, "kind", json_string(draft->plan->strategy->updates[0]));
}

static bool load_machine(struct draft *draft)
{
	const char *name = lu_param_str(section(draft, ""), "machine");

	draft->plan->machine = lu_machine_load(draft->machines_dir, name, draft->error);
	if (!draft->plan->machine)
		g_prefix_error(draft->error, "%s: ", draft->name);
	return draft->plan->machine != NULL;
}

static void hash_doc(struct lu_plan *plan)
{
	g_autofree char *text = json_dumps(plan->doc, JSON_SORT_KEYS | JSON_COMPACT);

	g_free(plan->hash);
	plan->hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static void write_doc(struct draft *draft)
{
	struct lu_plan *plan = draft->plan;
	json_t *doc = json_deep_copy(section(draft, ""));

	json_object_set_new(doc, "memory_mb", json_integer(plan->memory_mb));
	json_object_set_new(doc, "cpus", json_integer(plan->cpus));
	json_object_set(doc, "strategy_params", plan->strategy_params);
	json_object_set(doc, "workload_params", plan->workload_params);
	for (size_t i = 1; lu_scenario_sections[i].name; i++)
		if (draft->sections[i])
			json_object_set(doc, lu_scenario_sections[i].name, draft->sections[i]);
	plan->doc = doc;
	hash_doc(plan);
}

/* Of one service, if there are several of that one. */
static struct lu_plan *plan_of_one(const json_t *scenario, const char *name,
				   const char *machines_dir, unsigned host_memory_mb,
				   GError **error)
{
	struct draft draft = {
		g_new0(struct lu_plan, 1), scenario, name, machines_dir, {NULL}, error};
	bool ok = check_top_keys(&draft) && resolve_sections(&draft) && find_backends(&draft) &&
		  load_machine(&draft);

	if (ok) {
		default_update(&draft);
		take_values(&draft);
		ok = check_baseline(&draft) && check_memory(&draft, host_memory_mb) &&
		     check_state(&draft) && check_network(&draft) && check_fault(&draft) &&
		     check_trees(&draft) && check_initramfs(&draft);
	}
	if (ok) {
		write_doc(&draft);
		lu_plan_resolve_needs(draft.plan);
		ok = check_store(&draft) && check_fault_kind(&draft);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(draft.sections); i++)
		json_decref(draft.sections[i]);
	if (ok)
		return draft.plan;
	lu_plan_free(draft.plan);
	return NULL;
}

/* What only all of them together show. */
static struct lu_plan *join(GPtrArray *plans, const char *name, GError **error)
{
	struct lu_plan *plan = lu_services_join(plans, name, error);
	struct draft draft = {.plan = plan, .name = name, .error = error};
	bool ok = plan && check_state(&draft);

	if (ok) {
		hash_doc(plan);
		lu_plan_resolve_needs(plan);
		ok = check_store(&draft);
	}
	if (ok)
		return plan;
	lu_plan_free(plan);
	return NULL;
}

struct lu_plan *lu_plan_new_unchecked(const json_t *scenario, const char *name,
				      const char *machines_dir, unsigned host_memory_mb,
				      GError **error)
{
	g_autoptr(GPtrArray) plans = NULL;
	json_auto_t *each = NULL;

	if (!lu_services_given(scenario))
		return plan_of_one(scenario, name, machines_dir, host_memory_mb, error);
	plans = g_ptr_array_new_with_free_func((GDestroyNotify)lu_plan_free);
	each = lu_services_split(scenario, name, error);
	for (size_t i = 0; i < json_array_size(each); i++) {
		struct lu_plan *plan = plan_of_one(json_array_get(each, i), name, machines_dir,
						   host_memory_mb, error);

		if (!plan)
			return NULL;
		g_ptr_array_add(plans, plan);
	}
	return plans->len ? join(plans, name, error) : NULL;
}

struct lu_plan *lu_plan_new(const json_t *scenario, const char *name, const char *machines_dir,
			    unsigned host_memory_mb, GError **error)
{
	struct lu_plan *plan =
		lu_plan_new_unchecked(scenario, name, machines_dir, host_memory_mb, error);

	if (!plan || lu_plan_carried(plan, error))
		return plan;
	g_prefix_error(error, "%s: ", name);
	lu_plan_free(plan);
	return NULL;
}

void lu_plan_free(struct lu_plan *plan)
{
	if (!plan)
		return;
	json_decref(plan->strategy_params);
	json_decref(plan->workload_params);
	lu_machine_free(plan->machine);
	g_free(plan->update_kind);
	g_free(plan->update_from);
	g_free(plan->update_to);
	g_free(plan->accel);
	g_free(plan->fault_phase);
	g_free(plan->fault_kind);
	json_decref(plan->doc);
	g_free(plan->hash);
	g_free(plan->label);
	g_clear_pointer(&plan->others, g_ptr_array_unref);
	g_free(plan->service);
	lu_needs_free(plan->needs);
	g_clear_error(&plan->refusal);
	g_free(plan);
}

/* It is looked up by name where there are files and folders, too. */
bool lu_plan_set_label(struct lu_plan *plan, const char *label, GError **error)
{
	glong length = label ? g_utf8_strlen(label, -1) : 1;
	bool is_name = !label || (g_utf8_validate(label, -1, NULL) && length > 0 &&
				  length <= LU_LABEL_MAX && !strchr(label, '/'));

	for (const char *c = label; is_name && c && *c; c = g_utf8_next_char(c))
		is_name = g_unichar_isgraph(g_utf8_get_char(c));
	if (!is_name) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--label: allowed is a word of 1 to %d characters without /",
			    LU_LABEL_MAX);
		return false;
	}
	g_free(plan->label);
	plan->label = g_strdup(label);
	return true;
}

static struct lu_plan *one_with_seed(const struct lu_plan *plan, uint64_t seed)
{
	struct lu_plan *copy = g_memdup2(plan, sizeof(*plan));

	copy->seed = seed;
	copy->machine = lu_machine_copy(plan->machine);
	json_incref(copy->strategy_params);
	json_incref(copy->workload_params);
	copy->update_kind = g_strdup(plan->update_kind);
	copy->update_from = g_strdup(plan->update_from);
	copy->update_to = g_strdup(plan->update_to);
	copy->accel = g_strdup(plan->accel);
	copy->fault_phase = g_strdup(plan->fault_phase);
	copy->fault_kind = g_strdup(plan->fault_kind);
	copy->doc = json_deep_copy(plan->doc);
	copy->label = g_strdup(plan->label);
	copy->service = g_strdup(plan->service);
	copy->others = NULL;
	copy->hash = NULL;
	json_object_set_new(copy->doc, "seed", json_integer(seed));
	hash_doc(copy);
	copy->needs = NULL;
	copy->refusal = NULL;
	return copy;
}

struct lu_plan *lu_plan_with_seed(const struct lu_plan *plan, uint64_t seed)
{
	struct lu_plan *copy = one_with_seed(plan, seed);

	if (plan->others)
		copy->others = g_ptr_array_new_with_free_func((GDestroyNotify)lu_plan_free);
	for (guint i = 0; plan->others && i < plan->others->len; i++)
		g_ptr_array_add(copy->others, one_with_seed(plan->others->pdata[i], seed));
	lu_plan_resolve_needs(copy);
	return copy;
}
