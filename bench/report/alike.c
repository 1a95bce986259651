/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When runs are alike: the same plan under the same conditions. */
#include "bench/report/alike.h"
#include <string.h>
#include "bench/cli.h"

/* Path of a condition in a result, and its name beside a plan's keys. */
struct condition {
	const char *name, *path;
};

static const struct condition host[] = {
	{"host_cpu", "environment.host.cpu"},
	{"host_cpus", "environment.host.cpus"},
	{"host_kernel", "environment.host.kernel"},
	{"lubench", "lubench.git"},
};

/* Conditions that only some guests have are left out elsewhere. */
static const struct condition guest[] = {
	{"old_kernel", "environment.guest.kernels.old"},
	{"new_kernel", "environment.guest.kernels.new"},
	{"old_kernel_sha256", "environment.guest.built_kernels.old.sha256"},
	{"new_kernel_sha256", "environment.guest.built_kernels.new.sha256"},
	/* Of its initramfs a run keeps the hash, but it is no condition: it holds what CRIU found
	 * out about the kernel, bytes of which are others after each boot. All else in it is named:
	 * the packages, the agent, and the plan's own files. */
	{"old_kernel_sha256", "environment.guest.booted.old.kernel_sha256"},
	{"new_kernel_sha256", "environment.guest.booted.new.kernel_sha256"},
	{"agent_sha256", "environment.guest.agent_sha256"},
	{"qemu", "environment.guest.qemu"},
	{"next_qemu", "environment.guest.moved.to.qemu"},
	{"plugin", "environment.plugin.sha256"},
};

static void add_all(json_t *to, const json_t *result, const struct condition *all, size_t n,
		    bool always)
{
	for (size_t i = 0; i < n; i++) {
		json_t *value = lu_cli_get(result, all[i].path);

		if (value)
			json_object_set(to, all[i].name, value);
		else if (always)
			json_object_set_new(to, all[i].name, json_null());
	}
}

/* Packages matter as much as kernels do: a service, CRIU, its libraries. */
static json_t *packages_of(const json_t *result)
{
	static const char *const lists[] = {"environment.guest.assets",
					    "environment.guest.packages"};
	json_t *packages = json_object(), *package;
	size_t i;

	for (size_t list = 0; list < G_N_ELEMENTS(lists); list++)
		json_array_foreach(lu_cli_get(result, lists[list]), i, package)
			json_object_set(packages, lu_cli_get_str(package, "package"),
					json_object_get(package, "version"));
	return packages;
}

static void add_guest(json_t *on, const json_t *result)
{
	json_t *accelerator = lu_cli_get(result, "environment.guest.accelerator");
	bool simulated = strcmp(lu_cli_get_str(result, "plan.guest"), "sim") == 0;
	json_t *of_guest = json_object();

	if (!lu_cli_get(result, "environment.guest")) {
		json_decref(of_guest);
		return;
	}
	if (accelerator || !simulated)
		json_object_set_new(on, "accelerator",
				    accelerator ? json_incref(accelerator) : json_null());
	add_all(of_guest, result, guest, G_N_ELEMENTS(guest), false);
	json_object_set_new(of_guest, "packages", packages_of(result));
	json_object_set_new(on, "guest", of_guest);
}

/* Caller frees. */
static char *dump(const json_t *doc)
{
	char *text = json_dumps(doc, JSON_SORT_KEYS | JSON_COMPACT);
	char *copy = g_strdup(text ? text : "");

	free(text);
	return copy;
}

json_t *lu_alike_describe(const json_t *result)
{
	json_t *doc = json_copy(json_object_get(result, "plan")), *on = json_object();
	json_t *of_host = json_object();

	if (!json_is_object(doc)) {
		json_decref(doc);
		doc = json_object();
	}
	json_object_del(doc, "seed");
	json_object_del(doc, "hash");
	g_autofree char *plan = dump(doc);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, plan, -1);

	add_all(of_host, result, host, G_N_ELEMENTS(host), true);
	json_object_set_new(on, "host", of_host);
	add_guest(on, result);
	json_object_set_new(doc, "on", on);
	json_object_set_new(doc, "hash", json_string(hash));
	return doc;
}

char *lu_alike_key(const json_t *description)
{
	g_autofree char *on = dump(json_object_get(description, "on"));

	return g_strconcat(lu_cli_get_str(description, "hash"), on, NULL);
}

char *lu_alike_key_before_guest(const json_t *description)
{
	g_autofree char *of_host = dump(lu_cli_get(description, "on.host"));

	return g_strconcat(lu_cli_get_str(description, "hash"), of_host, NULL);
}

bool lu_alike_has_guest(const json_t *description)
{
	return lu_cli_get(description, "on.guest") != NULL;
}

/* Caller frees. */
static char *shown(const json_t *value)
{
	char *text, *copy;

	if (json_is_string(value))
		return g_strdup(json_string_value(value));
	text = value && !json_is_null(value) ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)
					     : NULL;
	copy = g_strdup(text ? text : "unknown");
	free(text);
	return copy;
}

/* Objects are compared by their members, other values as a whole. */
static void compare(GString *all, const char *name, const json_t *a, const json_t *b)
{
	json_t *value;
	const char *key;

	if (json_equal(a, b) || (!a && !b))
		return;
	if (!json_is_object(a) && !json_is_object(b)) {
		g_autofree char *x = shown(a), *y = shown(b);

		g_string_append_printf(all, "%s%s (%s, %s)", all->len ? ", " : "", name, x, y);
		return;
	}
	json_object_foreach((json_t *)a, key, value)
		compare(all, key, value, json_object_get(b, key));
	json_object_foreach((json_t *)b, key, value)
	{
		if (!json_object_get(a, key))
			compare(all, key, NULL, value);
	}
}

static json_t *plan_of(const json_t *description)
{
	json_t *plan = json_copy((json_t *)description);

	json_object_del(plan, "on");
	json_object_del(plan, "hash");
	return plan;
}

/* A run that ended before it had a guest has no conditions of a guest. */
static void compare_guests(GString *all, const json_t *a, const json_t *b)
{
	if (lu_alike_has_guest(a) && lu_alike_has_guest(b))
		compare(all, "guest", lu_cli_get(a, "on.guest"), lu_cli_get(b, "on.guest"));
}

static void compare_hosts(GString *all, const json_t *a, const json_t *b, bool revision)
{
	json_t *x = json_copy(lu_cli_get(a, "on.host")), *y = json_copy(lu_cli_get(b, "on.host"));

	if (!revision) {
		json_object_del(x, "lubench");
		json_object_del(y, "lubench");
	}
	if (lu_alike_has_guest(a) && lu_alike_has_guest(b))
		compare(all, "accelerator", lu_cli_get(a, "on.accelerator"),
			lu_cli_get(b, "on.accelerator"));
	compare(all, "host", x, y);
	json_decref(x);
	json_decref(y);
}

char *lu_alike_difference(const json_t *a, const json_t *b, enum lu_alike_part part)
{
	g_autoptr(GString) all = g_string_new(NULL);

	if (part == LU_ALIKE_ALL) {
		json_t *x = plan_of(a), *y = plan_of(b);

		compare(all, "plan", x, y);
		json_decref(x);
		json_decref(y);
	}
	compare_hosts(all, a, b, part != LU_ALIKE_HOST);
	if (part != LU_ALIKE_HOST)
		compare_guests(all, a, b);
	return all->len ? g_string_free(g_steal_pointer(&all), FALSE) : NULL;
}
