/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench assets: fetch the kernels and programs that guests are made of, and list them. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/progress.h"
#include "bench/exec/kit/signals.h"
#include "bench/report/render.h"
#include "bench/verb.h"
#include "record/error.h"
#include "assets/assets.h"

struct asset_options {
	gboolean json, offline, refresh, quiet;
	char **kernels; /* names, as update.to has them; NULL: none */
};

/* Before anything is fetched. */
static bool are_packaged(char **kernels)
{
	for (char **name = kernels; name && *name; name++)
		if (!**name || strchr(*name, '/')) {
			g_printerr("%s: --kernel: '%s' is no packaged kernel, and only those are "
				   "fetched; allowed: a release, or a series (6.12)\n",
				   g_get_prgname(), *name);
			return false;
		}
	return true;
}

static json_t *kernel_json(const struct lu_kernel *kernel)
{
	return json_pack("{s:s, s:s}", "release", kernel->release, "image", kernel->image);
}

static json_t *describe(const struct lu_machine *machine, const struct lu_assets *assets)
{
	return json_pack("{s:s, s:[o, o], s:s, s:O}", "machine", machine->name, "kernels",
			 kernel_json(lu_assets_kernel(assets, 0)),
			 kernel_json(lu_assets_kernel(assets, 1)), "root", lu_assets_root(assets),
			 "packages", lu_assets_describe(assets));
}

static json_t *describe_kernel(const struct lu_machine *machine, const struct lu_assets *assets)
{
	return json_pack("{s:s, s:[o], s:O}", "machine", machine->name, "kernels",
			 kernel_json(lu_assets_kernel(assets, 0)), "packages",
			 lu_assets_describe(assets));
}

static void add_set(struct lu_table *table, const json_t *set)
{
	const json_t *kernels = json_object_get(set, "kernels");
	bool two = json_array_size(kernels) > 1;
	g_autofree char *title = g_strdup_printf(
		"%s: kernel%s %s%s%s", lu_cli_get_str(set, "machine"), two ? "s" : "",
		lu_cli_get_str(json_array_get(kernels, 0), "release"), two ? " → " : "",
		two ? lu_cli_get_str(json_array_get(kernels, 1), "release") : "");
	json_t *package;
	size_t i;

	lu_table_begin_group(table, title);
	json_array_foreach(json_object_get(set, "packages"), i, package)
	{
		g_autofree char *hash =
			g_strdup_printf("%.16s…", lu_cli_get_str(package, "sha256"));

		lu_table_add_row(table);
		lu_table_add_text(table, lu_cli_get_str(package, "package"));
		lu_table_add_text(table, lu_cli_get_str(package, "version"));
		lu_table_add_text(table, lu_cli_get_str(package, "architecture"));
		lu_table_add_text(table, hash);
	}
}

static void print_sets(const json_t *sets)
{
	static const struct lu_column columns[] = {
		{.heading = "package", .width = 44},
		{.heading = "version", .width = 24},
		{.heading = "architecture", .width = 8},
		{.heading = "sha256"},
	};
	struct lu_document *document = lu_document_new("Assets");
	struct lu_table *table = lu_table_new(NULL);
	json_t *set;
	size_t i;

	table->layout = LU_TABLE_LISTING;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	json_array_foreach(sets, i, set) add_set(table, set);
	lu_document_add_table(document, table);
	lu_render_text(stdout, document);
	lu_document_free(document);
}

static bool fetch_set(const struct lu_machine *machine, const struct lu_assets_options *options,
		      json_t *sets, GError **error)
{
	struct lu_assets *assets = lu_assets_open(machine, options, error);

	if (!assets)
		return false;
	json_array_append_new(sets, describe(machine, assets));
	lu_assets_free(assets);
	return true;
}

/* A kernel that is named, beside those two. */
static bool fetch_kernel(const struct lu_machine *machine, const char *name,
			 const struct lu_assets_options *options, json_t *sets, GError **error)
{
	struct lu_assets *assets;

	if (g_str_equal(name, "previous") || g_str_equal(name, "newest"))
		return true; /* which the set has */
	assets = lu_assets_open_kernel(machine, name, options, error);
	if (!assets)
		return false;
	json_array_append_new(sets, describe_kernel(machine, assets));
	lu_assets_free(assets);
	return true;
}

static bool fetch(const char *dir, const char *name, char **kernels,
		  const struct lu_assets_options *options, json_t *sets, GError **error)
{
	struct lu_machine *machine = lu_machine_load(dir, name, error);
	bool ok = machine && fetch_set(machine, options, sets, error);

	for (char **kernel = kernels; ok && kernel && *kernel; kernel++)
		ok = fetch_kernel(machine, *kernel, options, sets, error);
	lu_machine_free(machine);
	return ok;
}

static int report(const json_t *sets, bool json)
{
	if (json)
		return lu_cli_print_json(sets) ? LU_EXIT_OK : LU_EXIT_FAILED;
	print_sets(sets);
	g_autofree char *cache = lu_assets_cache_dir();

	printf("cached in %s\n", cache);
	return LU_EXIT_OK;
}

static int fetch_all(char **names, const struct asset_options *own)
{
	struct lu_progress progress;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = lu_cli_data_dir("machines");
	const struct lu_assets_options options = {
		.cancellable = cancellable,
		.offline = own->offline,
		.refresh = own->refresh,
		.note = lu_progress_note,
		.note_data = &progress,
	};
	json_t *sets = json_array();
	int status = LU_EXIT_OK;

	lu_progress_init(&progress, own->quiet, 1);
	lu_signals_watch(cancellable);
	for (char **name = names; *name && status == LU_EXIT_OK; name++)
		if (!fetch(dir, *name, own->kernels, &options, sets, &error))
			status = lu_cli_fail(error);
	if (lu_signals_caught())
		status = LU_EXIT_SIGNAL + lu_signals_caught();
	else if (status == LU_EXIT_OK)
		status = report(sets, own->json);
	json_decref(sets);
	return status;
}

static int fetch_default(const struct asset_options *options)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = lu_cli_data_dir("machines");
	g_autofree char *name = lu_machine_default(dir, &error);
	char *names[] = {name, NULL};

	return name ? fetch_all(names, options) : lu_cli_fail(error);
}

static int assets_main(int argc, char **argv)
{
	struct asset_options options = {0};
	g_autofree char *summary = g_strdup_printf(
		"Fetch the two kernels and the programs that a machine's guests are made of\n"
		"(default: %s), from the archive that this host is configured for.",
		lu_cli_default_machine() ?: "none");
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "print JSON", NULL},
		{"kernel", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.kernels,
		 "also a packaged kernel of the machine's flavour, as update.to names it: a "
		 "release, "
		 "or a series (6.12); repeatable",
		 "RELEASE"},
		{"offline", 0, 0, G_OPTION_ARG_NONE, &options.offline,
		 "never ask the archive: cached sets only", NULL},
		{"refresh", 0, 0, G_OPTION_ARG_NONE, &options.refresh,
		 "ask the archive for newer versions even when a set is cached", NULL},
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options.quiet, "no progress", NULL},
		{NULL},
	};
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, "[MACHINE…]", summary,
			  "Signatures are checked by apt. Everything is cached below "
			  "$XDG_CACHE_HOME/lubench;\n"
			  "nothing is installed on this host, and root is not needed.\n",
			  &status))
		return status;
	if (!are_packaged(options.kernels))
		status = LU_EXIT_USAGE;
	else
		status = argc > 1 ? fetch_all(argv + 1, &options) : fetch_default(&options);
	g_strfreev(options.kernels);
	return status;
}

const struct lu_verb lu_verb_assets = {
	.name = "assets",
	.summary = "fetch the kernels and programs that guests are made of",
	.place = 80,
	.main = assets_main,
};
