/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads of this process and of all that it has started. */
#include "host/tasks.h"
#include "host/numbers.h"

static char *read_file(const char *proc, const char *pid, const char *tid, const char *name)
{
	g_autofree char *path = g_build_filename(proc, pid, "task", tid, name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* 0 of "self" */
static pid_t number_of(const char *name)
{
	int64_t number = 0;

	lu_numbers_read(name, &number, 1);
	return (pid_t)number;
}

/* "RUN WAIT SLICES", ns */
static void add_task(GHashTable *tasks, const char *proc, const char *pid, const char *tid)
{
	g_autofree char *text = read_file(proc, pid, tid, "schedstat");
	struct lu_task task = {.pid = number_of(pid), .tid = number_of(tid)};
	int64_t times[2];

	if (lu_numbers_read(text, times, G_N_ELEMENTS(times)) < G_N_ELEMENTS(times))
		return;
	task.run_ns = times[0];
	task.wait_ns = times[1];
	g_hash_table_insert(tasks, GINT_TO_POINTER(task.tid), g_memdup2(&task, sizeof(task)));
}

/* "PID PID …" of the children that this thread has started. */
static void add_children(GPtrArray *pids, const char *proc, const char *pid, const char *tid)
{
	g_autofree char *text = read_file(proc, pid, tid, "children");
	g_auto(GStrv) children = text ? g_strsplit_set(g_strstrip(text), " \n", -1) : NULL;

	for (char **child = children; child && *child; child++) {
		if (**child)
			g_ptr_array_add(pids, g_strdup(*child));
	}
}

static void add_process(GHashTable *tasks, GPtrArray *pids, const char *proc, const char *pid)
{
	g_autofree char *path = g_build_filename(proc, pid, "task", NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *tid;

	while (dir && (tid = g_dir_read_name(dir))) {
		add_task(tasks, proc, pid, tid);
		add_children(pids, proc, pid, tid);
	}
	g_clear_pointer(&dir, g_dir_close);
}

GHashTable *lu_tasks_read(const char *proc)
{
	GHashTable *tasks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_autoptr(GPtrArray) pids = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(pids, g_strdup("self"));
	for (guint i = 0; i < pids->len; i++)
		add_process(tasks, pids, proc, g_ptr_array_index(pids, i));
	return tasks;
}

char *lu_task_name(const char *proc, const struct lu_task *task)
{
	g_autofree char *pid = g_strdup_printf("%d", task->pid);
	g_autofree char *tid = g_strdup_printf("%d", task->tid);
	char *name = read_file(proc, task->pid ? pid : "self", tid, "comm");

	return name ? g_strstrip(name) : g_strdup("?");
}
