/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench survive: which kernel resources of a running process each strategy carries over. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/exec/kit/catalogue.h"
#include "bench/report/plot-survive.h"
#include "bench/report/survive-document.h"
#include "bench/verb.h"
#include "record/error.h"

static const char description[] =
	"Every cell of the table is a run of workload \"probe\" (docs/guide/survive.md): a process "
	"in\n"
	"the guest holds one resource of its kernel, the strategy upgrades under load, and the "
	"process\n"
	"says whether the resource is exactly what it was. The runs are a sweep called "
	"\"survive\"\n"
	"(lubench sweep --help: order, record, --resume), so lubench show, plot and compare read "
	"them, too.\n"
	"\n"
	"  survived       exactly what it was\n"
	"  refused        with a reason, before the point of no return; the service went on "
	"unharmed\n"
	"  lost, told     the upgrade failed, and said so; or it said beforehand what is lost\n"
	"  harmed         refused, but the service was not as before\n"
	"  LOST SILENTLY  the upgrade says ok, and the resource is not what it was\n"
	"  n.a.           the resource or the strategy is not to be had there; why is below\n"
	"  not tried      no run, or none that came as far as the upgrade\n"
	"\n"
	"PROBE is one of lubench list workloads; none: all. Without --strategies: those that carry "
	"a\n"
	"running process to another kernel or hypervisor. csv and json have a row for each cell.\n"
	"\n"
	"Exit status: 0 when each run has been made, whatever its outcome; 2 usage; 4 when none\n"
	"can be made on this host; 128 + N when signal N ended it.\n"
	"\n"
	"Examples:\n"
	"  lubench survive --strategies=kexec pipe-data epoll inotify-queued\n"
	"  lubench survive --format=html --plot=survive.svg > survive.html\n"
	"  lubench survive --resume && lubench compare --sweep=survive\n"
	"  lubench run --strategy=kexec --workload=probe --param probe=epoll\n";

struct options {
	struct lu_catalogue_options common;
	char *from_kernel, *to_kernel, *plot;
	gboolean spoil;
	char **names; /* of probes; empty: all of them */
	lu_render *render;
};

static void options_clear(struct options *options)
{
	lu_catalogue_clear(&options->common);
	g_free(options->from_kernel);
	g_free(options->to_kernel);
	g_free(options->plot);
}

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	struct lu_catalogue_options *common = &options->common;
	const GOptionEntry entries[] = {
		{"update-from", 0, 0, G_OPTION_ARG_STRING, &options->from_kernel,
		 "kernel before the upgrade (default previous)", "KERNEL"},
		{"update-to", 0, 0, G_OPTION_ARG_STRING, &options->to_kernel,
		 "kernel after it: a release, a series as 6.12, a folder (default newest)",
		 "KERNEL"},
		{"spoil", 0, 0, G_OPTION_ARG_NONE, &options->spoil,
		 "break each resource on purpose before it is verified: nothing must survive",
		 NULL},
		{"plot", 0, 0, G_OPTION_ARG_FILENAME, &options->plot,
		 "also draw it: .svg, .png or .pdf", "FILE"},
		{"guest", 0, 0, G_OPTION_ARG_STRING, &common->guest,
		 "real guests or the simulator, in which every resource survives with its process "
		 "(default qemu)",
		 "qemu|sim"},
		LU_CATALOGUE_TABLE_ENTRIES(common),
		LU_CATALOGUE_ENTRIES(common),
		{NULL},
	};

	return lu_cli_parse(argc, argv, entries, "[PROBE…]",
			    "Try which kernel resources of a running process survive an upgrade.",
			    description, status);
}

static const struct lu_catalogue_subject probes = {"probe", "probe"};

/* The last choice is the workload's word for all of them in one run. */
static json_t *probes_of(char **names)
{
	json_t *list = lu_catalogue_names(&probes, names);

	if (!*names)
		json_array_remove(list, json_array_size(list) - 1);
	return list;
}

/* A kind that is not the strategy's own has no kernels to name. */
static json_t *update_of(const struct options *options)
{
	if (!options->from_kernel && !options->to_kernel)
		return NULL;
	return json_pack("{s:s*, s:s*}", "from", options->from_kernel, "to", options->to_kernel);
}

/* A light load: the table is about what is carried, not how fast. */
static json_t *define(const struct options *options, GError **error)
{
	json_t *strategies = lu_catalogue_strategies(options->common.strategies, error);

	if (!strategies)
		return NULL;
	return json_pack("{s:s, s:{s:o, s:b}, s:o, s:s*, s:s*, s:o*, s:{s:i, s:f, s:i, s:i}}",
			 "workload", "probe", "workload_params", "probe", probes_of(options->names),
			 "spoil", (int)options->spoil, "strategy", strategies, "machine",
			 options->common.machine, "guest", options->common.guest, "update",
			 update_of(options), "client", "connections", 2, "rate_hz", 50.0,
			 "baseline_ms", 500, "settle_ms", 500);
}

static bool show(const json_t *results, void *data, GError **error)
{
	const struct options *options = data;
	struct lu_survive *survive = lu_survive_new(results, (const char *const *)options->names);
	bool records = lu_catalogue_is_records(options->render);
	struct lu_document *document = NULL;
	bool ok = survive->rows->len > 0;

	if (ok) {
		document = records ? lu_survive_records(survive) : lu_survive_document(survive);
		options->render(stdout, document);
		lu_document_free(document);
		ok = !options->plot || lu_plot_survive(survive, options->plot, error);
	} else {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: no run of a probe",
			    options->common.from ?: "survive");
	}
	lu_survive_free(survive);
	return ok;
}

static int run(struct options *options)
{
	struct lu_catalogue catalogue = {.name = "survive", .show = show, .data = options};
	g_autoptr(GError) error = NULL;
	json_auto_t *definition = define(options, &error);

	if (!definition)
		return lu_cli_fail(error);
	lu_catalogue_choose(&catalogue, &options->common);
	return lu_catalogue_run(&catalogue, definition);
}

static int survive_main(int argc, char **argv)
{
	struct options options = {0};
	g_autoptr(GError) error = NULL;
	int status;

	if (!parse(&options, &argc, &argv, &status))
		return status;
	options.names = argv + 1;
	options.render = lu_catalogue_render(&options.common, &error);
	status = options.render && lu_catalogue_check(&probes, options.names, &error)
			 ? run(&options)
			 : lu_cli_fail(error);
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_survive = {
	.name = "survive",
	.summary = "try which kernel resources of a running process survive an upgrade",
	.place = 101,
	.main = survive_main,
};
