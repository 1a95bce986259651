/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench image: make a release's memory image beforehand; say how blackouts grow with images. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/environment.h"
#include "bench/progress.h"
#include "bench/run-options.h"
#include "bench/signals.h"
#include "bench/store.h"
#include "bench/verb.h"
#include "core/error.h"
#include "core/fit.h"
#include "core/plan.h"
#include "core/result.h"
#include "guest/accel.h"
#include "guest/images.h"
#include "iface/strategy.h"

#define MEGABYTE 1e6

static const char *const usage =
	"lubench image build [--strategy=image] [OPTION…]   make the memory image that such a run "
	"would take\n"
	"lubench image fit DIR…                              fit blackout = a + bytes / R to "
	"results, by flash and form\n"
	"(options of build: those of lubench run)\n";

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
	g_autofree char *agents = lu_cli_exe_dir();
	g_autofree char *why = NULL;
	struct lu_progress progress;
	struct lu_images images;
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
	if (!accel || !lu_images_make(&images, plan, accel, &options, error))
		return false;
	lu_progress_clear(&progress);
	if (images.image)
		describe(images.image);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "strategy %s takes no memory image: --strategy=image",
			    plan->strategy->name);
	lu_images_clear(&images);
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
	if (plan && plan->strategy->check && !plan->strategy->check(plan, error))
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

/* Points of one line: x in bytes, y in ns. */
struct line {
	GArray *x, *y;
};

static void line_free(void *data)
{
	struct line *line = data;

	g_array_unref(line->x);
	g_array_unref(line->y);
	g_free(line);
}

static const json_t *at(const json_t *result, const char *const *path)
{
	for (; *path && result; path++)
		result = json_object_get(result, *path);
	return result;
}

/* "emmc dedup zstd lazy ahead", as far as it is. */
static char *label_of(const json_t *params)
{
	bool zstd = !g_strcmp0(lu_cli_get_str(params, "compression"), "zstd");
	bool ahead = !g_strcmp0(lu_cli_get_str(params, "when"), "ahead");

	return g_strdup_printf("%s%s%s%s%s", lu_cli_get_str(params, "flash"),
			       json_is_true(json_object_get(params, "dedup")) ? "" : " whole",
			       zstd ? " zstd" : "",
			       json_is_true(json_object_get(params, "lazy")) ? " lazy" : "",
			       ahead ? " ahead" : "");
}

static struct line *line_named(GHashTable *lines, const char *label)
{
	struct line *line = g_hash_table_lookup(lines, label);

	if (line)
		return line;
	line = g_new(struct line, 1);
	line->x = g_array_new(FALSE, FALSE, sizeof(double));
	line->y = g_array_new(FALSE, FALSE, sizeof(double));
	g_hash_table_insert(lines, g_strdup(label), line);
	return line;
}

static void add_result(GHashTable *lines, const json_t *result)
{
	static const char *const bytes[] = {"environment", "guest", "image", "bytes", NULL};
	static const char *const blackout[] = {"metrics", "blackout_ns", NULL};
	static const char *const params[] = {"plan", "strategy_params", NULL};
	static const char *const outcome[] = {"outcome", NULL};
	const json_t *x = at(result, bytes), *y = at(result, blackout);

	if (!x || !y || g_strcmp0(json_string_value(at(result, outcome)), "ok"))
		return;
	g_autofree char *label = label_of(at(result, params));
	struct line *line = line_named(lines, label);
	double values[] = {(double)json_integer_value(x), (double)json_integer_value(y)};

	g_array_append_val(line->x, values[0]);
	g_array_append_val(line->y, values[1]);
	printf("%s\t%.3f\t%.4f\n", label, values[0] / MEGABYTE, values[1] / 1e9);
}

static bool add_folder(GHashTable *lines, const char *dir, GError **error)
{
	g_autoptr(GDir) folder = g_dir_open(dir, 0, error);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		if (!g_str_has_suffix(name, ".json"))
			continue;
		json_t *result = lu_result_load(path, error);

		if (!result)
			return false;
		add_result(lines, result);
		json_decref(result);
	}
	return folder != NULL;
}

static bool two_sizes(const struct line *line)
{
	const double *x = (const double *)line->x->data;

	for (guint i = 1; i < line->x->len; i++)
		if (x[i] < x[0] || x[i] > x[0])
			return true;
	return false;
}

static void print_fit(const char *label, const struct line *line)
{
	if (!two_sizes(line))
		return;
	struct lu_fit fit = lu_fit_line((const double *)line->x->data,
					(const double *)line->y->data, line->x->len);

	printf("# %-24s a = %7.3f s   R = %8.2f MB/s   R2 = %.5f   %u runs\n", label,
	       fit.offset / 1e9, 1e3 / fit.slope, fit.r2, line->x->len);
}

static int fit(int argc, char **argv)
{
	g_autoptr(GHashTable) lines =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, line_free);
	g_autoptr(GError) error = NULL;
	g_autoptr(GList) labels = NULL;

	printf("# form\timage, MB\tblackout, s\n");
	for (int i = 1; i < argc; i++)
		if (!add_folder(lines, argv[i], &error))
			return lu_cli_fail(error);
	labels = g_list_sort(g_hash_table_get_keys(lines), (GCompareFunc)strcmp);
	for (GList *each = labels; each; each = each->next)
		print_fit(each->data, g_hash_table_lookup(lines, each->data));
	return LU_EXIT_OK;
}

static int image_main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "build"))
		return build(argc - 1, argv + 1);
	if (argc > 2 && !strcmp(argv[1], "fit"))
		return fit(argc - 1, argv + 1);
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		printf("Usage:\n%s\nExit status: 0 ok; 1 failed; 2 usage; 4 unsupported.\n", usage);
		return LU_EXIT_OK;
	}
	g_printerr("lubench image: allowed is:\n%s", usage);
	return LU_EXIT_USAGE;
}

const struct lu_verb lu_verb_image = {
	.name = "image",
	.summary = "make a release's memory image, or fit blackouts over images' sizes",
	.main = image_main,
};
