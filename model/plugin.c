/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared objects of strategies: found, checked before anything of them is used, and refused in words. */
#include "model/plugin.h"
#include <dlfcn.h>
#include <string.h>
#include "model/guest.h"

#define MAX_PHASES 64

static struct {
	GPtrArray *taken;   /* struct lu_loaded_plugin */
	GPtrArray *refused; /* strings */
} plugins;

static bool G_GNUC_PRINTF(2, 3) refuse(const char *path, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *why = g_strdup_vprintf(format, args);

	va_end(args);
	g_ptr_array_add(plugins.refused, g_strdup_printf("%s: %s", path, why));
	return false;
}

static bool known_name(const char *name)
{
	for (size_t i = 0; lu_strategies[i]; i++)
		if (g_str_equal(lu_strategies[i]->name, name))
			return true;
	for (guint i = 0; i < plugins.taken->len; i++) {
		const struct lu_loaded_plugin *plugin = plugins.taken->pdata[i];

		if (g_str_equal(plugin->strategy->name, name))
			return true;
	}
	return false;
}

static bool same_headers(const char *path, const struct lu_plugin *plugin)
{
	if (memcmp(plugin->magic, LU_PLUGIN_MAGIC, sizeof(plugin->magic)) != 0)
		return refuse(path, "its lu_plugin is not of lubench");
	if (plugin->abi != LU_PLUGIN_ABI)
		return refuse(path, "it was built for plugin ABI %u, this lubench has %d",
			      plugin->abi, LU_PLUGIN_ABI);
	if (plugin->strategy_size != sizeof(struct lu_strategy) ||
	    plugin->phase_size != sizeof(struct lu_phase) ||
	    plugin->guest_ops_size != sizeof(struct lu_guest_ops) ||
	    plugin->plan_size != sizeof(struct lu_plan) ||
	    plugin->needs_size != sizeof(struct lu_needs))
		return refuse(path, "it was built with other headers than this lubench's");
	return true;
}

static bool name_ok(const char *name)
{
	return name && *name && strlen(name) <= 64 &&
	       !name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-")];
}

/* As the tests require of our own: phases in order, each with a body, no undo from SWITCH on. */
static const char *flaw(const struct lu_strategy *strategy)
{
	enum lu_phase_kind last = LU_PREPARE;
	size_t n = 0;

	if (!strategy->summary || !strategy->phases || !strategy->updates || !strategy->updates[0])
		return "its strategy has no summary, no phases or no kind of update";
	for (const struct lu_phase *p = strategy->phases; p->name; p++) {
		if (++n > MAX_PHASES)
			return "its table of phases has no end";
		if (!p->run || p->kind < last || p->kind >= LU_PHASE_KINDS)
			return "its phases are out of order, or one has no body";
		if (p->undo && p->kind >= LU_SWITCH)
			return "a phase from SWITCH on cannot be undone";
		last = p->kind;
	}
	return n ? NULL : "its strategy has no phases";
}

static bool usable(const char *path, const struct lu_plugin *plugin)
{
	const struct lu_strategy *strategy;
	const char *why;

	if (!same_headers(path, plugin))
		return false;
	strategy = plugin->strategy;
	if (!strategy || !name_ok(strategy->name))
		return refuse(path, "its strategy has no name of letters, digits and . _ + -");
	why = flaw(strategy);
	if (why)
		return refuse(path, "%s", why);
	return !known_name(strategy->name) ||
	       refuse(path, "there is a strategy '%s' already", strategy->name);
}

static char *hash_of(const char *path)
{
	g_autofree char *bytes = NULL;
	gsize len;

	if (!g_file_get_contents(path, &bytes, &len, NULL))
		return NULL;
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, len);
}

/* It stays loaded: strategies are borrowed for as long as the process lives. */
static void take(const char *path)
{
	g_autofree char *sha256 = hash_of(path);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct lu_plugin *plugin = handle ? dlsym(handle, "lu_plugin") : NULL;
	struct lu_loaded_plugin *loaded;

	if (!handle || !sha256) {
		const char *why = dlerror();

		refuse(path, "%s", why ? why : "cannot be read");
		return;
	}
	if (!plugin)
		refuse(path, "it has no symbol lu_plugin: LU_PLUGIN(strategy) of model/plugin.h "
			     "defines it");
	if (!plugin || !usable(path, plugin)) {
		dlclose(handle);
		return;
	}
	loaded = g_new0(struct lu_loaded_plugin, 1);
	loaded->strategy = plugin->strategy;
	loaded->path = g_strdup(path);
	loaded->sha256 = g_steal_pointer(&sha256);
	g_ptr_array_add(plugins.taken, loaded);
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void look_in(const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	if (!dir) {
		refuse(folder, "%s", error->message);
		return;
	}
	while ((name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".so"))
			/* with a slash, or dlopen() would search for it */
			g_ptr_array_add(paths, g_canonicalize_filename(name, folder));
	g_ptr_array_sort(paths, by_text);
	for (guint i = 0; i < paths->len; i++)
		take(paths->pdata[i]);
}

static gpointer look(gpointer unused)
{
	g_auto(GStrv) folders = g_strsplit(g_getenv("LUBENCH_PLUGINS") ?: "", ":", -1);

	plugins.taken = g_ptr_array_new();
	plugins.refused = g_ptr_array_new();
	for (char **folder = folders; *folder; folder++)
		if (**folder) {
			g_autofree char *full = g_canonicalize_filename(*folder, NULL);

			look_in(full);
		}
	return NULL;
}

static void look_once(void)
{
	static GOnce once = G_ONCE_INIT;

	g_once(&once, look, NULL);
}

GPtrArray *lu_plugins(void)
{
	look_once();
	return plugins.taken;
}

GPtrArray *lu_plugins_refused(void)
{
	look_once();
	return plugins.refused;
}

const struct lu_loaded_plugin *lu_plugin_of(const struct lu_strategy *strategy)
{
	GPtrArray *taken = lu_plugins();

	for (guint i = 0; i < taken->len; i++) {
		const struct lu_loaded_plugin *plugin = taken->pdata[i];

		if (plugin->strategy == strategy)
			return plugin;
	}
	return NULL;
}
