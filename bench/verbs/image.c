/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench image: build a release's memory image
 * beforehand; fit the blackout over the image's size. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/image-fit-table.h"
#include "bench/report/image-fit.h"
#include "bench/report/plot-image.h"
#include "bench/report/render.h"
#include "bench/exec/kit/progress.h"
#include "bench/run-options.h"
#include "bench/exec/kit/signals.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/plan.h"
#include "qemu/vm/accel.h"
#include "qemu/boot/boot-files.h"
#include "qemu/memory-image/build.h"
#include "model/strategy.h"

#define MEGABYTE 1e6

static const char *const usage =
	"  lubench image build [--strategy=image] [OPTION…]\n"
	"  lubench image fit [-o FILE] [--format=FORMAT] DIR…\n"
	"\n"
	"build makes the memory image that a run of strategy image would stream, with the options\n"
	"of lubench run; fit fits blackout = a + bytes / R to results, by flash and form.\n";

static void describe(const struct lu_image *image)
{
	const struct lu_image_head *head = image->head;

	printf("image       %s\nflash       %.1f MB\nmemory      %.1f MB, of which stored %.1f "
	       "MB\ndevices     %.3f MB\n",
	       image->path, (double)head->file_bytes / MEGABYTE,
	       (double)head->memory_bytes / MEGABYTE,
	       (double)head->stored * LU_IMAGE_PAGE / MEGABYTE,
	       (double)head->devices_bytes / MEGABYTE);
}

static bool make(const struct lu_plan *plan, const struct lu_run_options *own, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autofree char *agents = lu_cli_guest_dir();
	g_autofree char *why = NULL;
	struct lu_progress progress;
	struct lu_boot_files files;
	struct lu_image *image = NULL;
	const struct lu_qemu_options options = {
		.cancellable = cancellable,
		.agent_dir = agents,
		.offline = own->offline,
		.note = lu_progress_note,
		.note_data = &progress,
	};
	const char *accel = lu_accel_choose(plan->accel, plan->machine->arch, &why, error);

	lu_progress_init(&progress, own->quiet, 1);
	lu_signals_watch(cancellable);
	if (!accel || !lu_boot_files_make(&files, plan, accel, &options, error))
		return false;
	if (files.needs->memory_image.wanted)
		image = lu_image_get(&files, accel, &options, error);
	lu_progress_clear(&progress);
	if (image)
		describe(image);
	else if (!*error)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "strategy %s uses no memory image: use --strategy=image",
			    plan->strategy->name);
	lu_image_close(image);
	lu_boot_files_clear(&files);
	return !*error;
}

static struct lu_plan *plan_of(struct lu_run_options *options, GError **error)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	g_autofree char *name = NULL;
	json_t *scenario = lu_run_options_scenario(options, &name, error);
	struct lu_plan *plan;

	if (!scenario)
		return NULL;
	plan = lu_plan_new(scenario, name, machines, lu_cli_host_memory_mb(), error);
	json_decref(scenario);
	if (plan && !lu_plan_feasible(plan, error))
		g_clear_pointer(&plan, lu_plan_free);
	return plan;
}

static int build(int argc, char **argv)
{
	struct lu_run_options options;
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan;
	int status;

	if (!lu_run_options_parse(&options, argc, argv, &status)) {
		lu_run_options_clear(&options);
		return status;
	}
	if (!options.scenario && !options.keys[0])
		options.keys[0] = g_strdup("image");
	plan = plan_of(&options, &error);
	status = plan && make(plan, &options, &error) ? LU_EXIT_OK : lu_cli_fail(error);
	if (lu_signals_caught())
		status = LU_EXIT_SIGNAL + lu_signals_caught();
	lu_plan_free(plan);
	lu_run_options_clear(&options);
	return status;
}

static bool fit_runs(const char *const *dirs, const char *format, const char *picture,
		     GError **error)
{
	lu_render *render = lu_render_find(format ? format : "md", error);
	struct lu_image_fit *fit = render ? lu_image_fit_new(dirs, error) : NULL;
	struct lu_document *document;
	bool ok;

	if (!fit)
		return false;
	document = lu_image_fit_document(fit);
	render(stdout, document);
	ok = !picture || lu_plot_image(fit, picture, error);
	lu_document_free(document);
	lu_image_fit_free(fit);
	return ok;
}

static int fit_all(int argc, char **argv)
{
	g_autofree char *picture = NULL, *format = NULL;
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &picture, "draw it: .svg, .png or .pdf",
		 "FILE"},
		{"format", 0, 0, G_OPTION_ARG_STRING, &format, "(default md)",
		 "text|md|csv|json|html"},
		{},
	};
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, "DIR…", NULL, NULL, &status))
		return status;
	if (argc < 2) {
		g_printerr("lubench image fit: DIR is missing: the folder of the results\n");
		return LU_EXIT_USAGE;
	}
	if (!fit_runs((const char *const *)argv + 1, format, picture, &error))
		return lu_cli_fail(error);
	return LU_EXIT_OK;
}

static int image_main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "build"))
		return build(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "fit"))
		return fit_all(argc - 1, argv + 1);
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		printf("Usage:\n%s\nExit status: 0 ok; 1 failed; 2 usage; 4 unsupported.\n", usage);
		return LU_EXIT_OK;
	}
	g_printerr("lubench image: allowed is:\n%s", usage);
	return LU_EXIT_USAGE;
}

const struct lu_verb lu_verb_image = {
	.name = "image",
	.summary = "build a release's memory image, or fit the blackout over its size",
	.place = 90,
	.main = image_main,
};
