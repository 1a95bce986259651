/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/child-executor.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include "bench/exec/kit/execute.h"
#include "bench/exec/kit/progress.h"
#include "model/result.h"
#include "record/error.h"

enum { TASKS = 2 };

struct task {
	guint index;
	char *plan; /* its file */
	GSubprocess *process;
	int64_t begin_us;
};

static bool failed(GError **error, const char *what, const char *why)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", what, why);
	return false;
}

static bool begin(struct task *task, const struct lu_work *work, guint i, GError **error)
{
	const struct lu_plan *plan = g_ptr_array_index(work->plans, i);
	g_autoptr(GError) why = NULL;
	int fd = g_file_open_tmp("plan-XXXXXX.json", &task->plan, &why);

	*task = (struct task){i, task->plan, .begin_us = g_get_monotonic_time()};
	if (fd < 0 || json_dumpfd(plan->doc, fd, JSON_INDENT(1)) < 0 || g_close(fd, NULL) < 0)
		return failed(error, "plan", why ? why->message : "cannot be written");
	lu_progress_next(work->progress);
	task->process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &why, LU_BUILD_DIR "/lubench",
				 "run", task->plan, "--output", work->dir, "--json", "--quiet",
				 work->offline ? "--offline" : NULL, NULL);
	return task->process || failed(error, "lubench", why->message);
}

/* The run has saved its result under its ID, or there is none. */
static bool tell(const struct task *task, const struct lu_work *work, const char *text,
		 bool *enough, GError **error)
{
	json_auto_t *result = json_loads(text, 0, NULL);
	const char *id = json_string_value(json_object_get(json_object_get(result, "run"), "id"));

	if (!id)
		return failed(error, "lubench run", "no result");
	g_autofree char *file = g_strconcat(id, ".json", NULL);
	g_autofree char *path = g_build_filename(work->dir, file, NULL);
	const struct lu_ended run = {
		.index = task->index,
		.result = result,
		.path = path,
		.took_us = g_get_monotonic_time() - task->begin_us,
	};

	*enough = !work->ended(work->data, &run);
	return true;
}

static bool await(struct task *task, const struct lu_work *work, bool *enough, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL;

	if (g_subprocess_communicate_utf8(task->process, NULL, work->cancellable, &text, NULL,
					  &why))
		return tell(task, work, text, enough, error);
	g_set_error(error, LU_ERROR,
		    g_error_matches(why, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? LU_ERROR_INTERRUPTED
									   : LU_ERROR_FAILED,
		    "%s", why->message);
	return false;
}

/* However it came to its end; one that runs is ended. */
static void clear(struct task *task)
{
	if (task->process) {
		g_subprocess_send_signal(task->process, SIGTERM);
		g_subprocess_wait(task->process, NULL, NULL);
	}
	g_clear_object(&task->process);
	if (task->plan)
		g_remove(task->plan);
	g_clear_pointer(&task->plan, g_free);
}

/* From the i-th on, as many as there are tasks; *i is after them. */
static bool some(const struct lu_work *work, guint *i, bool *enough, GError **error)
{
	struct task tasks[TASKS] = {};
	guint n = 0;
	bool ok = true;

	for (; ok && !*enough && n < TASKS && *i < work->plans->len; ++*i) {
		if (lu_plan_feasible(g_ptr_array_index(work->plans, *i), NULL))
			ok = begin(&tasks[n++], work, *i, error);
		else
			ok = lu_execute_here(work, *i, enough, error);
	}
	for (guint k = n; ok && !*enough && k-- > 0;)
		ok = await(&tasks[k], work, enough, error);
	for (guint k = 0; k < n; k++)
		clear(&tasks[k]);
	return ok;
}

static bool run(const struct lu_work *work, GError **error)
{
	bool enough = false;

	for (guint i = 0; !enough && i < work->plans->len;)
		if (!some(work, &i, &enough, error))
			return false;
	return true;
}

const struct lu_executor child_executor = {
	.name = "child",
	.summary = "each in a process of its own",
	.run = run,
};
