/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two sets of runs against each other: read, or run in turn. */
#include "bench/compare-ab.h"
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/batch.h"
#include "bench/report/ab.h"
#include "bench/report/gate.h"
#include "bench/report/metric.h"
#include "bench/report/summary.h"
#include "bench/store.h"
#include "bench/verb.h"
#include "record/error.h"

#define EFFECT	 1.10
#define POWER	 0.90
#define MAX_RUNS 4000

void lu_ab_entries(struct lu_ab_options *options, GOptionEntry entries[LU_AB_ENTRIES])
{
	const GOptionEntry all[LU_AB_ENTRIES] = {
		{"a", 0, 0, G_OPTION_ARG_STRING, &options->a,
		 "compare with these alike runs: a folder, a label or any RUN", "RUN"},
		{"b", 0, 0, G_OPTION_ARG_STRING, &options->b, "these alike runs", "RUN"},
		{"run", 0, 0, G_OPTION_ARG_NONE, &options->run,
		 "run two scenarios A and B in pairs, in random order, and compare them", NULL},
		{"fail-if", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->fail_if,
		 "exit with 1 when b is so much worse: 'blackout > 1.05'; repeatable",
		 "METRIC>FACTOR"},
		{"paired", 0, 0, G_OPTION_ARG_NONE, &options->paired,
		 "runs of the same seed are pairs", NULL},
		{"mixed", 0, 0, G_OPTION_ARG_NONE, &options->mixed,
		 "judge runs of different hosts, resume on another host or with another revision",
		 NULL},
		{"effect", 0, 0, G_OPTION_ARG_DOUBLE, &options->effect,
		 "change that the proposed number of runs sees (default 1.10)", "FACTOR"},
	};

	memcpy(entries, all, sizeof(all));
}

void lu_ab_options_clear(struct lu_ab_options *options)
{
	g_free(options->a);
	g_free(options->b);
	g_strfreev(options->fail_if);
}

bool lu_ab_asked_for(const struct lu_ab_options *options)
{
	return options->a || options->b || options->run || options->fail_if || options->paired;
}

/* The two sides on their way to a comparison. */
struct sides {
	json_t *a, *b;
	char *name_a, *name_b;
};

static void sides_clear(struct sides *sides)
{
	json_decref(sides->a);
	json_decref(sides->b);
	g_free(sides->name_a);
	g_free(sides->name_b);
}

/* Those of them that are called so. New reference. */
static json_t *with_label(const json_t *results, const char *label)
{
	json_t *found = json_array(), *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		if (strcmp(lu_cli_get_str(result, "run.label"), label) == 0)
			json_array_append(found, result);
	}
	return found;
}

static json_t *load(char **names, GError **error)
{
	g_autoptr(GPtrArray) saved = lu_store_load(names, error);

	return saved ? lu_store_results(saved) : NULL;
}

/* A label among the runs that are named; without any, what is named itself. */
static json_t *load_side(const char *name, char **among, GError **error)
{
	char *own[] = {(char *)name, NULL};

	if (!*among)
		return load(own, error);
	json_t *all = load(among, error), *side = all ? with_label(all, name) : NULL;

	json_decref(all);
	if (side && json_array_size(side) == 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: none of these runs is labelled so", name);
		json_decref(g_steal_pointer(&side));
	}
	return side;
}

static bool read_sides(struct sides *sides, const struct lu_ab_options *options,
		       const struct lu_ab_request *request, GError **error)
{
	if (!options->a || !options->b)
		return lu_cli_usage(error,
				    "--a and --b go together: say what is compared with what");
	sides->name_a = g_strdup(options->a);
	sides->name_b = g_strdup(options->b);
	sides->a = load_side(options->a, request->names, error);
	sides->b = sides->a ? load_side(options->b, request->names, error) : NULL;
	return sides->b && (!options->paired || lu_ab_pair(sides->a, sides->b, error));
}

static json_t *load_scenario(const char *given, char **path, const struct lu_ab_request *request,
			     GError **error)
{
	*path = lu_cli_data_file("scenarios", given);
	json_t *scenario = lu_scenario_load(*path, error);
	bool ok = scenario &&
		  (!request->guest || lu_scenario_set(scenario, "guest", request->guest, error));

	for (char **set = request->sets; ok && set && *set; set++)
		ok = lu_cli_apply_set(scenario, *set, lu_scenario_set, error);
	if (!ok)
		json_decref(g_steal_pointer(&scenario));
	return scenario;
}

static struct lu_plan *make_plan(const char *given, const char *label,
				 const struct lu_ab_request *request, GError **error)
{
	g_autofree char *machines = lu_cli_data_dir("machines"), *path = NULL;
	json_t *scenario = load_scenario(given, &path, request, error);
	struct lu_plan *plan =
		scenario ? lu_plan_new(scenario, path, machines, lu_cli_host_memory_mb(), error)
			 : NULL;

	json_decref(scenario);
	if (plan && !lu_plan_set_label(plan, label, error))
		g_clear_pointer(&plan, lu_plan_free);
	return plan;
}

/* "before" of before.json. Caller frees. */
static char *stem_of(const char *path)
{
	char *name = g_path_get_basename(path);

	if (g_str_has_suffix(name, ".json"))
		name[strlen(name) - strlen(".json")] = '\0';
	return g_strdelimit(name, " ", '_');
}

/* Runs of both in turn. */
struct session {
	struct lu_plan *plans[2];
	GPtrArray *all; /* of all runs, in their order */
	GArray *sides;	/* guint: whose each of them is */
	struct sides *results;
	struct lu_batch batch;
	bool quiet;
};

/* Each pair has a seed of its own, and chance says which side begins: a host that drifts, or that
 * the first run of a pair leaves warm, is no advantage to either. */
static void order_runs(struct session *session, unsigned pairs)
{
	GRand *rand = g_rand_new_with_seed((guint32)session->plans[0]->seed);

	session->all = g_ptr_array_new_with_free_func((GDestroyNotify)lu_plan_free);
	session->sides = g_array_new(FALSE, FALSE, sizeof(guint));
	for (unsigned i = 0; i < pairs; i++) {
		guint first = g_rand_boolean(rand);

		for (guint k = 0; k < 2; k++) {
			guint side = k ? !first : first;
			const struct lu_plan *plan = session->plans[side];

			g_ptr_array_add(session->all, lu_plan_with_seed(plan, plan->seed + i));
			g_array_append_val(session->sides, side);
		}
	}
	g_rand_free(rand);
}

static void print_order(const struct session *session)
{
	for (guint i = 0; i < session->all->len; i++) {
		const struct lu_plan *plan = g_ptr_array_index(session->all, i);

		printf("%4u  %.12s  seed %-4lld %s\n", i + 1, plan->hash, (long long)plan->seed,
		       plan->label);
	}
}

static bool keep(void *data, const struct lu_ended *run)
{
	struct session *session = data;
	guint side = g_array_index(session->sides, guint, run->index);
	json_t *results = side ? session->results->b : session->results->a;

	/* An executor may end them in another order than it began them; pairs are by index. */
	while (json_array_size(results) <= run->index / 2)
		json_array_append_new(results, json_null());
	json_array_set(results, run->index / 2, (json_t *)run->result);
	if (!session->quiet)
		g_printerr("%s  ", side ? "b" : "a");
	if (!session->quiet)
		lu_summary_line(stderr, run->result);
	return true;
}

static bool run_all(struct session *session, const struct lu_ab_request *request, GError **error)
{
	const char *name = request->names[0];

	lu_batch_init(&session->batch, name, request->output, session->all->len, request->quiet,
		      request->offline);
	bool ok = lu_batch_check_dir(session->batch.dir, error) &&
		  lu_batch_run(&session->batch, session->all, keep, session, error);

	if (ok && !request->quiet)
		g_printerr("saved       %s\n", session->batch.dir);
	return ok;
}

static bool make_plans(struct session *session, const struct lu_ab_request *request,
		       struct sides *sides, GError **error)
{
	sides->name_a = stem_of(request->names[0]);
	sides->name_b = stem_of(request->names[1]);
	if (strcmp(sides->name_a, sides->name_b) == 0) {
		g_free(sides->name_a);
		g_free(sides->name_b);
		sides->name_a = g_strdup("a");
		sides->name_b = g_strdup("b");
	}
	session->plans[0] = make_plan(request->names[0], sides->name_a, request, error);
	session->plans[1] = session->plans[0]
				    ? make_plan(request->names[1], sides->name_b, request, error)
				    : NULL;
	return session->plans[1] != NULL;
}

static bool check_run(const struct lu_ab_options *options, const struct lu_ab_request *request,
		      GError **error)
{
	if (options->a || options->b)
		return lu_cli_usage(error, "--run and --a, --b: allowed is one of them");
	if (g_strv_length(request->names) != 2)
		return lu_cli_usage(error, "--run: two scenarios: --run A.json B.json");
	if (request->repeat < 1 || request->repeat > MAX_RUNS)
		return lu_cli_usage(error, "--run: say how many pairs: --repeat=N, 1 to 4000");
	return true;
}

/* *status is set when it was not run to its end, or only told. */
static bool run_sides(struct sides *sides, const struct lu_ab_options *options,
		      const struct lu_ab_request *request, int *status, GError **error)
{
	struct session session = {.results = sides, .quiet = request->quiet};
	bool ok = check_run(options, request, error) && make_plans(&session, request, sides, error);

	sides->a = json_array();
	sides->b = json_array();
	if (ok)
		order_runs(&session, (unsigned)request->repeat);
	if (ok && request->dry_run) {
		print_order(&session);
		*status = LU_EXIT_OK;
		ok = false;
	} else if (ok) {
		ok = run_all(&session, request, error);
		if (!ok)
			*status = lu_batch_fail(&session.batch, *error);
		lu_batch_clear(&session.batch);
	}
	g_clear_pointer(&session.all, g_ptr_array_unref);
	g_clear_pointer(&session.sides, g_array_unref);
	g_clear_pointer(&session.plans[0], lu_plan_free);
	g_clear_pointer(&session.plans[1], lu_plan_free);
	return ok;
}

static GPtrArray *parse_gates(char **texts, GPtrArray *metrics, GError **error)
{
	GPtrArray *gates = g_ptr_array_new_with_free_func((GDestroyNotify)lu_gate_free);

	for (char **text = texts; text && *text; text++) {
		struct lu_gate *gate = lu_gate_parse(*text, error);

		if (!gate) {
			g_ptr_array_unref(gates);
			return NULL;
		}
		g_ptr_array_add(gates, gate);
		if (!g_ptr_array_find_with_equal_func(metrics, gate->metric, g_str_equal, NULL))
			g_ptr_array_add(metrics, (gpointer)gate->metric);
	}
	return gates;
}

static bool check_effect(const GPtrArray *gates, double effect, GError **error)
{
	if (!(effect > 1))
		return lu_cli_usage(error,
				    "--effect: allowed is a factor above 1: 1.10 for a tenth");
	for (guint i = 0; i < gates->len; i++) {
		const struct lu_gate *gate = g_ptr_array_index(gates, i);

		if (lu_gate_beyond(gate, effect) > 1)
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--effect: %g is no more than what --fail-if '%s' allows: no number of "
			    "runs sees it; allowed is more",
			    effect, gate->text);
		return false;
	}
	return true;
}

static int status_of(const json_t *comparison)
{
	const char *verdict = lu_cli_get_str(comparison, "verdict");

	if (strcmp(verdict, lu_gate_verdict_name(LU_GATE_PASSES)) == 0)
		return LU_EXIT_OK;
	return strcmp(verdict, lu_gate_verdict_name(LU_GATE_FAILS)) == 0 ? LU_EXIT_FAILED
									 : LU_EXIT_UNDECIDED;
}

static void print(const json_t *comparison, const struct lu_ab_request *request)
{
	struct lu_document *document;

	if (!request->render) {
		lu_cli_print_json(comparison);
		return;
	}
	document = lu_ab_document(comparison);
	request->render(stdout, document);
	lu_document_free(document);
}

/* Only results know what classes of requests there are. */
static bool check_metrics(const struct sides *sides, const struct lu_ab_request *request,
			  GError **error)
{
	json_t *both = json_copy(sides->a);

	json_array_extend(both, sides->b);
	bool ok = lu_metric_check_classes(request->metrics, both, error);

	json_decref(both);
	return ok;
}

static int judge(const struct sides *sides, const struct lu_ab_options *options,
		 const struct lu_ab_request *request, const GPtrArray *gates, double effect,
		 GError **error)
{
	const struct lu_ab ab = {
		.name_a = sides->name_a,
		.name_b = sides->name_b,
		.a = sides->a,
		.b = sides->b,
		.paired = options->paired || options->run,
		.with_suspect = request->with_suspect,
		.mixed = options->mixed,
		.effect = effect,
		.power = POWER,
		.metrics = request->metrics,
		.gates = gates,
	};
	json_t *comparison =
		check_metrics(sides, request, error) ? lu_ab_compare(&ab, error) : NULL;

	if (!comparison)
		return lu_cli_fail(*error);
	print(comparison, request);
	int status = status_of(comparison);

	json_decref(comparison);
	return status;
}

int lu_ab_main(const struct lu_ab_options *options, const struct lu_ab_request *request)
{
	double effect = options->effect != 0 ? options->effect : EFFECT;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) gates = parse_gates(options->fail_if, request->metrics, &error);
	struct sides sides = {0};
	int status = -1;
	bool ok = gates && (options->effect == 0 || check_effect(gates, effect, &error));

	if (ok)
		ok = options->run ? run_sides(&sides, options, request, &status, &error)
				  : read_sides(&sides, options, request, &error);
	if (ok)
		status = judge(&sides, options, request, gates, effect, &error);
	else if (status < 0)
		status = lu_cli_fail(error);
	sides_clear(&sides);
	return status;
}
