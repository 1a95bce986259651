/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, address and service of a freshly started kernel, by the agent's verbs. */
#include "model/bringup.h"
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"

static bool call(struct lu_guest *guest, const char *verb, json_t *args, int64_t deadline_ns,
		 json_t **reply, GError **error)
{
	int64_t left = deadline_ns - guest->ops->now(guest);

	return guest->ops->call(guest, verb, args, MAX(left, 0), reply, error);
}

bool lu_bringup_modules(struct lu_guest *guest, const char *const *features, int64_t deadline_ns,
			json_t **reply, GError **error)
{
	json_t *list = json_array();

	for (size_t i = 0; features[i]; i++)
		json_array_append_new(list, json_string(features[i]));
	return call(guest, "modules", json_pack("{s:o}", "features", list), deadline_ns, reply,
		    error);
}

/* Those of the workload's features that the machine lists as modules: the others are built in. */
static GPtrArray *listed_features(const struct lu_plan *plan)
{
	const char *const *feature = plan->workload->features;
	GPtrArray *names = g_ptr_array_new();

	for (; feature && *feature; feature++)
		if (json_object_get(plan->machine->features, *feature))
			g_ptr_array_add(names, (gpointer)*feature);
	return names;
}

/* Its two modules of the workload's component in the place of the first version's. */
static void add_kmods(GPtrArray *names, const struct lu_plan *plan, char **modules)
{
	const struct lu_component *component = plan->workload->component;
	const char *const *kmods = plan->workload->kmods;
	g_autofree char *first =
		modules ? lu_component_module(component, component->versions[0]) : NULL;
	g_autofree char *driver = modules ? lu_component_module(component, NULL) : NULL;

	for (; kmods && *kmods; kmods++) {
		const char *name = *kmods;

		if (modules && g_str_equal(name, first))
			name = modules[0];
		else if (modules && g_str_equal(name, driver))
			name = modules[1];
		g_ptr_array_add(names, (gpointer)name);
	}
}

static json_t *kmod_args(const struct lu_plan *plan, const char *version)
{
	g_autoptr(GPtrArray) names = listed_features(plan);
	g_autofree char *words = NULL;
	g_auto(GStrv) modules =
		version ? lu_component_modules(plan->workload->component, version, &words) : NULL;
	json_t *args = json_pack("{s:[]}", "features");

	add_kmods(names, plan, modules);
	for (guint i = 0; i < names->len; i++)
		json_array_append_new(json_object_get(args, "features"),
				      json_string(names->pdata[i]));
	if (words)
		json_object_set_new(args, "params", json_pack("{s:s}", modules[1], words));
	return args;
}

static bool load_kmods(struct lu_guest *guest, const struct lu_plan *plan, const char *version,
		       int64_t deadline_ns, GError **error)
{
	json_t *args = kmod_args(plan, version);

	if (json_array_size(json_object_get(args, "features")))
		return call(guest, "modules", args, deadline_ns, NULL, error);
	json_decref(args);
	return true;
}

bool lu_bringup_kmods(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		      GError **error)
{
	return load_kmods(guest, plan, NULL, deadline_ns, error);
}

bool lu_bringup_movable(const struct lu_plan *plan, GError **error)
{
	if (!plan->workload->kmods)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "workload %s keeps state in kernel modules (%s, …), which strategy %s "
		    "replaces: a checkpoint of a process does not carry it",
		    plan->workload->name, plan->workload->kmods[0], plan->strategy->name);
	return false;
}

/* The addresses are those of QEMU's user networking; its gateway's hardware address is 52:55 and
 * the IPv4 address. */
json_t *lu_bringup_net_args(bool locked)
{
	return json_pack("{s:s, s:i, s:s, s:{s:s}, s:b}", "address", "10.0.2.15", "prefix", 24,
			 "gateway", "10.0.2.2", "arp", "10.0.2.2", "52:55:0a:00:02:02", "locked",
			 (int)locked);
}

bool lu_bringup_net(struct lu_guest *guest, bool locked, int64_t deadline_ns, GError **error)
{
	return call(guest, "net.up", lu_bringup_net_args(locked), deadline_ns, NULL, error);
}

/* Either may be built in: then there is nothing to load. */
static bool load_block_modules(struct lu_guest *guest, const struct lu_plan *plan,
			       int64_t deadline_ns, GError **error)
{
	static const char *const names[] = {"block", "ext4"};
	const char *list[G_N_ELEMENTS(names) + 1] = {NULL};
	size_t n = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (json_object_get(plan->machine->features, names[i]))
			list[n++] = names[i];
	return lu_bringup_modules(guest, list, deadline_ns, NULL, error);
}

bool lu_bringup_data(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		     GError **error)
{
	if (!plan->needs->data_mb)
		return true;
	return load_block_modules(guest, plan, deadline_ns, error) &&
	       call(guest, "data.open", NULL, deadline_ns, NULL, error);
}

bool lu_bringup_data_hold(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
			  GError **error)
{
	return !plan->needs->data_mb || call(guest, "data.hold", NULL, deadline_ns, NULL, error);
}

bool lu_bringup_data_release(struct lu_guest *guest, const struct lu_plan *plan,
			     int64_t deadline_ns, GError **error)
{
	return !plan->needs->data_mb || call(guest, "data.release", NULL, deadline_ns, NULL, error);
}

static void add_word(json_t *list, const char *word)
{
	json_array_append_new(list, json_string(word));
}

/* Takes the words. */
static void add_words(json_t *list, char **words)
{
	for (char **word = words; *word; word++)
		add_word(list, *word);
	g_strfreev(words);
}

json_t *lu_bringup_argv(const struct lu_plan *plan, bool after)
{
	g_auto(GStrv) argv = plan->workload->argv(plan->workload_params);
	json_t *list = json_array();

	for (size_t i = 0; argv[i]; i++)
		add_word(list, argv[i]);
	if (lu_plan_of_app(plan)) {
		char number[] = {(char)('0' + lu_plan_app_number(plan, after)), '\0'};

		add_word(list, "--app");
		add_word(list, number);
		add_word(list, "--handover");
		add_word(list, "/run/service.handover");
		add_word(list, "--state-file");
		add_word(list, "/run/service.state");
	}
	if (plan->needs->state_file)
		add_words(list, plan->workload->saving(plan->needs->state_file));
	return list;
}

bool lu_bringup_version(struct lu_guest *guest, const struct lu_plan *plan, bool after,
			int64_t deadline_ns, json_t **reply, GError **error)
{
	const struct lu_workload *workload = plan->workload;
	json_t *args = json_pack("{s:o, s:i}", "argv", lu_bringup_argv(plan, after), "port",
				 lu_workload_port(workload, plan->workload_params));

	if (workload->start)
		workload->start(plan->workload_params, args);
	if (plan->needs->state_file && workload->tells_ready)
		json_object_set_new(args, "notify", json_true());
	if (plan->service)
		json_object_set_new(args, "service", json_string(plan->service));
	return call(guest, "service.start", args, deadline_ns, reply, error);
}

bool lu_bringup_service(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
			GError **error)
{
	return lu_bringup_version(guest, plan, false, deadline_ns, NULL, error);
}

static bool load_all(struct lu_guest *guest, const struct lu_plan *plan, const char *version,
		     int64_t deadline_ns, GError **error)
{
	for (unsigned i = 0; i < lu_plan_services(plan); i++)
		if (!load_kmods(guest, lu_plan_service(plan, i), version, deadline_ns, error))
			return false;
	return true;
}

static bool start_all(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		      GError **error)
{
	for (unsigned i = 0; i < lu_plan_services(plan); i++)
		if (!lu_bringup_service(guest, lu_plan_service(plan, i), deadline_ns, error))
			return false;
	return true;
}

bool lu_bringup_as(struct lu_guest *guest, const struct lu_plan *plan, const char *version,
		   int64_t deadline_ns, GError **error)
{
	static const char *const features[] = {"net", NULL};

	return lu_bringup_modules(guest, features, deadline_ns, NULL, error) &&
	       lu_bringup_net(guest, false, deadline_ns, error) &&
	       lu_bringup_data(guest, plan, deadline_ns, error) &&
	       load_all(guest, plan, version, deadline_ns, error) &&
	       start_all(guest, plan, deadline_ns, error);
}

bool lu_bringup(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		GError **error)
{
	return lu_bringup_as(guest, plan, NULL, deadline_ns, error);
}
