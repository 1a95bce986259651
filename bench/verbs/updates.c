/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates: which small updates of a kernel component each mechanism carries, by trying. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/exec/kit/progress.h"
#include "bench/exec/kit/signals.h"
#include "bench/report/update-cell.h"
#include "bench/report/update-print.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/plan.h"
#include "qemu/guest.h"

#define BOOT_NS (120 * G_GINT64_CONSTANT(1000000000))

static struct {
	char *csv, *machine;
	gboolean offline, quiet;
} options;

static const GOptionEntry entries[] = {
	{"csv", 0, 0, G_OPTION_ARG_FILENAME, &options.csv, "also write the cells to this file",
	 "FILE"},
	{"machine", 'm', 0, G_OPTION_ARG_STRING, &options.machine,
	 "machine (default: that of lubench run)", "NAME"},
	{"offline", 0, 0, G_OPTION_ARG_NONE, &options.offline, "take cached assets only", NULL},
	{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options.quiet, "no progress", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* One guest after another: the next one comes when a trial has broken the last. */
struct session {
	struct lu_plan *plan;
	GPtrArray *updates, *kmods;
	struct lu_update_cell *cells; /* updates × mechanisms */
	GCancellable *cancellable;
	struct lu_progress progress;
	struct lu_guest *guest; /* NULL: none runs */
	struct lu_timeline *timeline;
};

static struct lu_update_cell *cell_at(struct session *session, guint update, int mechanism)
{
	return &session->cells[update * LU_MECHANISMS + (guint)mechanism];
}

static void drop_guest(struct session *session)
{
	if (session->guest)
		lu_guest_free(session->guest);
	if (session->timeline)
		lu_timeline_free(session->timeline);
	session->guest = NULL;
	session->timeline = NULL;
}

static bool boot_guest(struct session *session, GError **error)
{
	g_autofree char *agents = lu_cli_exe_dir();
	g_autofree char *kmod_dir = lu_cli_data_dir("kmod");
	const struct lu_qemu_options own = {
		.cancellable = session->cancellable,
		.agent_dir = agents,
		.kmod_dir = kmod_dir,
		.kmods = (const char *const *)session->kmods->pdata,
		.offline = options.offline,
		.note = lu_progress_note,
		.note_data = &session->progress,
	};

	if (session->guest)
		return true;
	session->timeline = lu_timeline_new();
	session->guest = lu_qemu_guest_new(session->plan, session->timeline, &own, error);
	if (session->guest &&
	    session->guest->ops->boot(session->guest, LU_RELEASE_OLD, BOOT_NS, error))
		return true;
	drop_guest(session);
	return false;
}

/* What ends the whole session: this host cannot do it, or the user does not want it any more. */
static bool is_final(const GError *error)
{
	return g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED) ||
	       g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED);
}

/* A guest that broke is a result, and the next trial gets another one. */
static bool try_cell(struct session *session, guint i, enum lu_mechanism mechanism, GError **error)
{
	const struct lu_update *update = session->updates->pdata[i];
	struct lu_update_cell *cell = cell_at(session, i, mechanism);
	g_autofree char *step =
		g_strdup_printf("%s by %s", update->name, lu_mechanism_name(mechanism));
	g_autoptr(GError) broke = NULL;

	lu_progress_note(&session->progress, step);
	if (!lu_update_try(session->guest, update, mechanism, cell, &broke)) {
		if (is_final(broke)) {
			g_propagate_error(error, g_steal_pointer(&broke));
			return false;
		}
		lu_update_cell_clear(cell);
		cell->carried = LU_BROKE;
		cell->took_ns = -1;
		cell->why = g_strdup(broke->message);
	}
	if (cell->carried == LU_BROKE)
		drop_guest(session);
	return true;
}

static bool try_by(struct session *session, enum lu_mechanism mechanism, GError **error)
{
	for (guint i = 0; i < session->updates->len; i++) {
		if (!boot_guest(session, error) || !try_cell(session, i, mechanism, error))
			return false;
	}
	return true;
}

static bool jump(struct session *session, GError **error)
{
	const struct lu_machine *machine = session->plan->machine;

	return boot_guest(session, error) &&
	       lu_update_jump(session->guest, machine->kexec_methods[0], machine->images[0], error);
}

/* One jump does for all: no state of the old kernel's components comes along. */
static bool try_by_kexec(struct session *session, GError **error)
{
	for (guint i = 0; i < session->updates->len; i++) {
		if (!session->guest && !jump(session, error))
			return false;
		if (!try_cell(session, i, LU_BY_KEXEC, error))
			return false;
	}
	return true;
}

static bool try_all(struct session *session, GError **error)
{
	bool ok = try_by(session, LU_BY_HOTSWAP, error) &&
		  try_by(session, LU_BY_LIVEPATCH, error) && try_by(session, LU_BY_RELOAD, error);

	drop_guest(session);
	ok = ok && try_by_kexec(session, error);
	drop_guest(session);
	return ok;
}

static bool write_csv(struct session *session, GError **error)
{
	FILE *file = options.csv ? fopen(options.csv, "we") : NULL;

	if (!options.csv)
		return true;
	if (file)
		lu_updates_print_csv(file, session->updates, session->cells);
	if (file && fclose(file) == 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s cannot be written", options.csv);
	return false;
}

/* What was asked for by name; all without names. */
static bool choose(GPtrArray *updates, char **names, GError **error)
{
	for (char **name = names; *name; name++) {
		bool known = false;

		for (guint i = 0; i < updates->len; i++)
			known |= g_str_equal(((struct lu_update *)updates->pdata[i])->name, *name);
		if (!known) {
			g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "there is no update %s",
				    *name);
			return false;
		}
	}
	for (guint i = updates->len; *names && i-- > 0;)
		if (!g_strv_contains((const char *const *)names,
				     ((struct lu_update *)updates->pdata[i])->name))
			g_ptr_array_remove_index(updates, i);
	return true;
}

/* A plan whose guest can jump into the next kernel; its service is not started. */
static struct lu_plan *make_plan(GError **error)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	json_t *scenario = json_pack("{s:s, s:s, s:s*}", "strategy", "kexec", "workload", "tick",
				     "machine", options.machine);
	struct lu_plan *plan =
		lu_plan_new(scenario, "updates", machines, lu_cli_host_memory_mb(), error);

	json_decref(scenario);
	return plan;
}

static bool prepare(struct session *session, char **names, GError **error)
{
	g_autofree char *kmod_dir = lu_cli_data_dir("kmod");
	g_autofree char *folder = g_build_filename(kmod_dir ?: "", "catalog", NULL);

	session->plan = make_plan(error);
	session->updates = session->plan ? lu_updates_read(folder, error) : NULL;
	if (!session->updates || !choose(session->updates, names, error))
		return false;
	session->kmods = lu_update_kmods(session->updates);
	session->cells = g_new0(struct lu_update_cell, session->updates->len * LU_MECHANISMS);
	session->cancellable = g_cancellable_new();
	lu_progress_init(&session->progress, options.quiet, 1);
	lu_signals_watch(session->cancellable);
	return true;
}

static void clear(struct session *session)
{
	for (guint i = 0; session->cells && i < session->updates->len * LU_MECHANISMS; i++)
		lu_update_cell_clear(&session->cells[i]);
	g_free(session->cells);
	g_clear_pointer(&session->kmods, g_ptr_array_unref);
	g_clear_pointer(&session->updates, g_ptr_array_unref);
	lu_plan_free(session->plan);
}

static bool run(struct session *session, char **names, GError **error)
{
	if (!prepare(session, names, error) || !try_all(session, error))
		return false;
	lu_progress_clear(&session->progress);
	lu_updates_print(stdout, session->updates, session->cells);
	return write_csv(session, error);
}

static int updates_main(int argc, char **argv)
{
	struct session session = {};
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, "[UPDATE…]",
			  "Try which small updates of a kernel component each mechanism carries.",
			  "Every cell of the table is a trial in a real guest "
			  "(docs/guide/update-coverage.md).",
			  &status))
		return status;
	status = run(&session, argv + 1, &error) ? LU_EXIT_OK : lu_cli_fail(error);
	drop_guest(&session);
	clear(&session);
	if (lu_signals_caught())
		status = LU_EXIT_SIGNAL + lu_signals_caught();
	return status;
}

const struct lu_verb lu_verb_updates = {
	.name = "updates",
	.summary = "try which small updates of a kernel component each mechanism carries",
	.place = 100,
	.main = updates_main,
};
