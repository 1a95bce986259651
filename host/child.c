/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a helper program to its end. */
#include "host/child.h"
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "record/error.h"

struct wait {
	GSubprocess *process;
	GMainLoop *loop;
	struct lu_child_result *result;
	GError *error;
	pid_t group; /* it leads one, so that what it has started can be ended with it */
	bool late;
};

/* Runs between fork and exec: a helper must not outlive a harness that was killed. */
static void die_with_parent(gpointer parent)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != GPOINTER_TO_INT(parent))
		_exit(127);
}

static void finished(GObject *source, GAsyncResult *async, gpointer data)
{
	struct wait *wait = data;

	g_subprocess_communicate_utf8_finish(wait->process, async, &wait->result->out,
					     &wait->result->err, &wait->error);
	g_main_loop_quit(wait->loop);
}

static gboolean expired(gpointer data)
{
	struct wait *wait = data;

	wait->late = true;
	/* whatever holds its output open, too */
	kill(-wait->group, SIGKILL);
	return G_SOURCE_REMOVE;
}

static GSubprocess *start(const struct lu_child *child, GError **error)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_autofree char *program = g_find_program_in_path(child->argv[0]);

	if (!program) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "the program %s is not installed on this host", child->argv[0]);
		return NULL;
	}
	g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
	for (const char *const *env = child->env; env && *env; env += 2)
		g_subprocess_launcher_setenv(launcher, env[0], env[1], TRUE);
	if (child->cwd)
		g_subprocess_launcher_set_cwd(launcher, child->cwd);
	if (child->fd > 0)
		g_subprocess_launcher_take_fd(launcher, dup(child->fd), 3);
	g_subprocess_launcher_set_child_setup(launcher, die_with_parent, GINT_TO_POINTER(getpid()),
					      NULL);
	return g_subprocess_launcher_spawnv(launcher, child->argv, error);
}

static bool judge(const struct lu_child *child, struct wait *wait, GError **error)
{
	if (g_cancellable_is_cancelled(child->cancellable)) {
		g_set_error(error, LU_ERROR, LU_ERROR_INTERRUPTED, "interrupted during %s",
			    child->argv[0]);
		return false;
	}
	if (wait->late) {
		g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT, "%s did not end within %u s",
			    child->argv[0], child->timeout_s);
		return false;
	}
	if (wait->error) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", child->argv[0],
			    wait->error->message);
		return false;
	}
	wait->result->status = g_subprocess_get_if_exited(wait->process)
				       ? g_subprocess_get_exit_status(wait->process)
				       : 128 + g_subprocess_get_term_sig(wait->process);
	return true;
}

bool lu_child_run(const struct lu_child *child, struct lu_child_result *result, GError **error)
{
	/* A context of its own, so that nothing of the caller's main loop runs inside this wait. */
	g_autoptr(GMainContext) context = g_main_context_new();
	struct wait wait = {.result = result};
	GSource *timer;
	bool ok;

	*result = (struct lu_child_result){0};
	g_main_context_push_thread_default(context);
	wait.process = start(child, error);
	if (!wait.process) {
		g_main_context_pop_thread_default(context);
		return false;
	}
	wait.group = (pid_t)g_ascii_strtoll(g_subprocess_get_identifier(wait.process), NULL, 10);
	wait.loop = g_main_loop_new(context, FALSE);
	timer = g_timeout_source_new_seconds(child->timeout_s);
	g_source_set_callback(timer, expired, &wait, NULL);
	g_source_attach(timer, context);
	g_subprocess_communicate_utf8_async(wait.process, NULL, child->cancellable, finished,
					    &wait);
	g_main_loop_run(wait.loop);
	g_subprocess_force_exit(wait.process);
	g_subprocess_wait(wait.process, NULL, NULL);
	g_source_destroy(timer);
	g_source_unref(timer);
	g_main_context_pop_thread_default(context);
	ok = judge(child, &wait, error);
	if (!ok)
		lu_child_result_clear(result);
	g_clear_error(&wait.error);
	g_main_loop_unref(wait.loop);
	g_object_unref(wait.process);
	return ok;
}

void lu_child_result_clear(struct lu_child_result *result)
{
	g_clear_pointer(&result->out, g_free);
	g_clear_pointer(&result->err, g_free);
}

bool lu_child_do(const struct lu_child *child, const char *what, GError **error)
{
	struct lu_child_result result;
	bool ok;

	if (!lu_child_run(child, &result, error))
		return false;
	ok = result.status == 0;
	if (!ok)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", what,
			    g_strstrip(result.err));
	lu_child_result_clear(&result);
	return ok;
}

char *lu_child_says(const struct lu_child *child, GError **error)
{
	struct lu_child_result result;
	char *says;

	if (!lu_child_run(child, &result, error))
		return NULL;
	says = g_steal_pointer(&result.out);
	lu_child_result_clear(&result);
	return says;
}
