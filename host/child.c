/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a helper program to its end. */
#include "host/child.h"
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "record/error.h"

/* Memory shared with the child. GSubprocess tells no pid of one that has been reaped already. */
struct shared {
	pid_t parent;
	pid_t group; /* the child leads one, so that what it has started can be ended with it */
};

struct wait {
	GSubprocess *process;
	GMainLoop *loop;
	struct lu_child_result *result;
	GError *error;
	struct shared *shared;
	bool late;
};

/* Runs between fork and exec: a helper must not outlive a harness that was killed. */
static void die_with_parent(gpointer data)
{
	struct shared *shared = data;

	setpgid(0, 0);
	shared->group = getpid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != shared->parent)
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
	kill(-wait->shared->group, SIGKILL);
	return G_SOURCE_REMOVE;
}

/* Returns once the child has called exec. */
static GSubprocess *start(const struct lu_child *child, struct shared *shared, GError **error)
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
	g_subprocess_launcher_set_child_setup(launcher, die_with_parent, shared, NULL);
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

/* Until it has ended and its output is closed, or its time is up. */
static void await(const struct lu_child *child, struct wait *wait, GMainContext *context)
{
	GSource *timer = g_timeout_source_new_seconds(child->timeout_s);

	wait->loop = g_main_loop_new(context, FALSE);
	g_source_set_callback(timer, expired, wait, NULL);
	g_source_attach(timer, context);
	g_subprocess_communicate_utf8_async(wait->process, NULL, child->cancellable, finished,
					    wait);
	g_main_loop_run(wait->loop);
	g_subprocess_force_exit(wait->process);
	g_subprocess_wait(wait->process, NULL, NULL);
	g_source_destroy(timer);
	g_source_unref(timer);
	g_main_loop_unref(wait->loop);
}

static bool run(const struct lu_child *child, struct wait *wait, GError **error)
{
	/* A context of its own, so that nothing of the caller's main loop runs inside this wait. */
	g_autoptr(GMainContext) context = g_main_context_new();
	bool ok;

	g_main_context_push_thread_default(context);
	wait->process = start(child, wait->shared, error);
	if (wait->process)
		await(child, wait, context);
	g_main_context_pop_thread_default(context);
	ok = wait->process && judge(child, wait, error);
	if (!ok)
		lu_child_result_clear(wait->result);
	g_clear_error(&wait->error);
	g_clear_object(&wait->process);
	return ok;
}

bool lu_child_run(const struct lu_child *child, struct lu_child_result *result, GError **error)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct wait wait = {.result = result, .shared = shared};
	bool ok;

	*result = (struct lu_child_result){0};
	if (shared == MAP_FAILED) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", child->argv[0],
			    g_strerror(errno));
		return false;
	}
	shared->parent = getpid();
	ok = run(child, &wait, error);
	munmap(shared, sizeof(*shared));
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
