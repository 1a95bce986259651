/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a cancellation. */
#include "bench/exec/kit/signals.h"
#include <glib-unix.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#include "bench/verb.h"

#define CLEANUP_SECONDS 10

static gint caught;
static GMutex lock;
static GCancellable *to_cancel; /* of the running batch */

static void end_now(void)
{
	_exit(LU_EXIT_SIGNAL + g_atomic_int_get(&caught));
}

static gboolean cleanup_is_late(gpointer data)
{
	end_now();
	return G_SOURCE_REMOVE;
}

static void attach(GSource *source, GSourceFunc callback, gpointer data)
{
	g_source_set_callback(source, callback, data, NULL);
	g_source_attach(source, g_main_context_get_thread_default());
	g_source_unref(source);
}

static gboolean on_signal(gpointer data)
{
	if (!g_atomic_int_compare_and_exchange(&caught, 0, GPOINTER_TO_INT(data)))
		end_now();
	attach(g_timeout_source_new_seconds(CLEANUP_SECONDS), cleanup_is_late, NULL);
	g_mutex_lock(&lock);
	g_cancellable_cancel(to_cancel);
	g_mutex_unlock(&lock);
	return G_SOURCE_CONTINUE;
}

static gpointer signal_thread(gpointer data)
{
	GMainContext *context = data;
	g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);

	g_main_context_push_thread_default(context);
	g_main_loop_run(loop);
	return NULL;
}

/* Handlers are installed when this returns, and nothing is started before that. */
static GMainContext *handle_signals(void)
{
	static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
	GMainContext *context = g_main_context_new();

	for (size_t i = 0; i < G_N_ELEMENTS(watched); i++) {
		GSource *source = g_unix_signal_source_new(watched[i]);

		g_source_set_callback(source, on_signal, GINT_TO_POINTER(watched[i]), NULL);
		g_source_attach(source, context);
		g_source_unref(source);
	}
	return context;
}

void lu_signals_watch(GCancellable *cancellable)
{
	static bool watching;

	g_mutex_lock(&lock);
	g_set_object(&to_cancel, cancellable);
	g_mutex_unlock(&lock);
	if (watching)
		return;
	watching = true;
	/* A closed pipe is an error of the write, not a death that skips the clean-up. */
	signal(SIGPIPE, SIG_IGN);
	g_thread_unref(g_thread_new("signals", signal_thread, handle_signals()));
}

int lu_signals_caught(void)
{
	return g_atomic_int_get(&caught);
}
