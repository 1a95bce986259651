/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the built lubench as a user would, in a world of its own. */
#include "tests/bench/command.h"
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <cmocka.h>

static char *subfolder(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
	return path;
}

int world_setup(void **state)
{
	struct world *world = g_new0(struct world, 1);

	world->dir = g_dir_make_tmp("lubench-test-XXXXXX", NULL);
	assert_non_null(world->dir);
	world->data = subfolder(world->dir, "data");
	world->tmp = subfolder(world->dir, "tmp");
	world->runs = g_build_filename(world->data, "lubench", "runs", NULL);
	*state = world;
	return 0;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
	return remove(path);
}

int world_teardown(void **state)
{
	struct world *world = *state;

	nftw(world->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	g_free(world->dir);
	g_free(world->data);
	g_free(world->runs);
	g_free(world->tmp);
	g_free(world);
	return 0;
}

static char **environment(const struct world *world)
{
	char **env = g_get_environ();

	env = g_environ_setenv(env, "XDG_DATA_HOME", world->data, TRUE);
	env = g_environ_setenv(env, "TMPDIR", world->tmp, TRUE);
	/* What GLib calls critical is a fault of ours: it is to end the command, not to scroll by. */
	env = g_environ_setenv(env, "G_DEBUG", "fatal-criticals", TRUE);
	env = g_environ_unsetenv(env, "LUBENCH_DATA_DIR");
	return g_environ_setenv(env, "LC_ALL", "C.UTF-8", TRUE);
}

static char **command_line(va_list args)
{
	GPtrArray *argv = g_ptr_array_new();
	const char *arg;

	g_ptr_array_add(argv, g_strdup(LU_BUILD_DIR "/lubench"));
	while ((arg = va_arg(args, const char *)))
		g_ptr_array_add(argv, g_strdup(arg));
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

struct output lubench(const struct world *world, ...)
{
	struct output output = {0};
	va_list args;

	va_start(args, world);
	g_auto(GStrv) argv = command_line(args);
	va_end(args);
	g_auto(GStrv) env = environment(world);
	int wait_status;

	assert_true(g_spawn_sync(world->dir, argv, env, G_SPAWN_DEFAULT, NULL, NULL, &output.out,
				 &output.err, &wait_status, NULL));
	output.status = status_of(wait_status);
	return output;
}

/* A test that fails before it ends its command does not leave it running. */
static void die_with_test(void *data)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

GPid lubench_start(const struct world *world, ...)
{
	va_list args;
	GPid pid;

	va_start(args, world);
	g_auto(GStrv) argv = command_line(args);
	va_end(args);
	g_auto(GStrv) env = environment(world);
	g_autofree char *out = g_build_filename(world->dir, "out", NULL);
	g_autofree char *err = g_build_filename(world->dir, "err", NULL);
	FILE *out_file = fopen(out, "we"), *err_file = fopen(err, "we");

	assert_non_null(out_file);
	assert_non_null(err_file);
	assert_true(g_spawn_async_with_fds(world->dir, argv, env, G_SPAWN_DO_NOT_REAP_CHILD,
					   die_with_test, NULL, &pid, -1, fileno(out_file),
					   fileno(err_file), NULL));
	fclose(out_file);
	fclose(err_file);
	return pid;
}

int lubench_wait(GPid pid)
{
	int wait_status;

	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	return status_of(wait_status);
}

void output_clear(struct output *output)
{
	g_free(output->out);
	g_free(output->err);
}

json_t *output_json(const struct output *output)
{
	json_error_t error;
	json_t *doc = json_loads(output->out, 0, &error);

	if (!doc)
		fail_msg("standard output is not one JSON document: line %d: %s\n%s", error.line,
			 error.text, output->err);
	return doc;
}

unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

char *world_file(const struct world *world, const char *name, const char *text)
{
	char *path = g_build_filename(world->dir, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *folder(const char *path)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_text);
	return names;
}
