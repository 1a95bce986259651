/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include "model/machine.h"
#include "tests/runs/run.h"

#define DEADLINE_S "300"
#define MARK	   "LUBENCH_TEST_RUN"
/* Enough to know the steady state and to see that the service is back. */
#define WINDOWS "--set=client.baseline_ms=1000 --set=client.settle_ms=1000"
/* Where every reply has to come, on however busy a host. */
#define PATIENCE "--timeout=120000"

static int lacking(const char *what)
{
	bool ci = g_getenv("CI") != NULL;

	fprintf(stderr, "%s: %s is not here\n", ci ? "failed" : "skipped", what);
	return ci ? 1 : 77;
}

/* The program that the folder `guest` is made into is called as the folder above. 0, or what
 * lacking() says. */
static int lacking_program(const char *guest, const char *arch)
{
	g_autofree char *folder = g_path_get_dirname(guest);
	g_autofree char *name = g_path_get_basename(folder);
	g_autofree char *program = g_strdup_printf("%s/%s-%s", LU_BUILD_DIR, name, arch);

	if (g_str_equal(name, "kit") || g_file_test(program, G_FILE_TEST_IS_EXECUTABLE))
		return 0;
	return lacking(program);
}

static int lacking_programs(const char *arch)
{
	glob_t guests;
	int status = lacking_program(LU_SOURCE_DIR "/agent/main.c", arch);

	assert_int_equal(glob(LU_SOURCE_DIR "/workloads/*/guest", 0, NULL, &guests), 0);
	assert_int_equal(glob(LU_SOURCE_DIR "/workloads/kit/*/guest", GLOB_APPEND, NULL, &guests),
			 0);
	for (size_t i = 0; !status && i < guests.gl_pathc; i++)
		status = lacking_program(guests.gl_pathv[i], arch);
	globfree(&guests);
	return status;
}

int run_prerequisites(const char *name)
{
	g_autoptr(GError) error = NULL;
	struct lu_machine *machine = lu_machine_load(LU_SOURCE_DIR "/machines", name, &error);
	g_autofree char *qemu = machine ? g_find_program_in_path(machine->qemu) : NULL;
	int status;

	if (!machine) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	status = qemu ? lacking_programs(machine->arch) : lacking(machine->qemu);
	lu_machine_free(machine);
	return status;
}

/* Every descendant has inherited the mark, whatever it did to its parents. */
static bool marked(const char *pid, const char *mark)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/environ", pid);
	g_autofree char *bytes = NULL;
	gsize len;

	if (!g_ascii_isdigit(*pid) || !g_file_get_contents(path, &bytes, &len, NULL))
		return false;
	for (gsize at = 0; at < len; at += strlen(bytes + at) + 1)
		if (g_str_equal(bytes + at, mark))
			return true;
	return false;
}

static void assert_no_process(const char *mark, const char *options)
{
	GDir *proc = g_dir_open("/proc", 0, NULL);
	const char *pid;

	while ((pid = g_dir_read_name(proc)))
		if (marked(pid, mark))
			fail_msg("%s: process %s outlived the run", options, pid);
	g_dir_close(proc);
}

/* Removes dir with what is in it; returns how much that was. */
static unsigned empty_out(const char *dir)
{
	GDir *open = g_dir_open(dir, 0, NULL);
	const char *name;
	unsigned files = 0;

	while ((name = g_dir_read_name(open))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		files++;
		g_remove(path);
	}
	g_dir_close(open);
	g_rmdir(dir);
	return files;
}

static char **command(const char *options, const char *output)
{
	g_autofree char *line =
		g_strdup_printf("timeout " DEADLINE_S " " LU_BUILD_DIR
				"/lubench run --json --quiet --output %s " WINDOWS " %s",
				output, options);

	return g_strsplit(line, " ", -1);
}

struct run run_lubench(const char *options)
{
	g_autofree char *output = g_dir_make_tmp("lubench-output-XXXXXX", NULL);
	g_autofree char *temporary = g_dir_make_tmp("lubench-tmp-XXXXXX", NULL);
	g_autofree char *value = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
	g_autofree char *mark = g_strdup_printf(MARK "=%s", value);
	g_auto(GStrv) argv = command(options, output);
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), MARK, value, TRUE);
	g_autofree char *text = NULL;
	struct run run = {0};
	json_error_t where;
	int wait_status = 0;

	environment = g_environ_setenv(environment, "TMPDIR", temporary, TRUE);
	assert_true(g_spawn_sync(NULL, argv, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &text,
				 NULL, &wait_status, NULL));
	assert_true(WIFEXITED(wait_status));
	run.status = WEXITSTATUS(wait_status);
	run.result = json_loads(text, 0, &where);
	if (!run.result)
		fail_msg("%s: status %d and no result: %s", options, run.status, where.text);
	assert_no_process(mark, options);
	assert_int_equal(empty_out(temporary), 0);
	assert_int_equal(empty_out(output), 2);
	return run;
}

void run_clear(struct run *run)
{
	json_decref(run->result);
	run->result = NULL;
}

struct run run_good(const char *options)
{
	g_autofree char *patient = g_strconcat(PATIENCE " ", options, NULL);
	struct run run = run_lubench(patient);

	if (run.status || g_strcmp0(run_text(&run, "outcome"), "ok"))
		fail_msg("%s: exit status %d, %s: %s, %s", options, run.status,
			 run_text(&run, "outcome"), run_text(&run, "reason"),
			 json_dumps(json_object_get(run.result, "oracles"), 0));
	return run;
}

const char *run_text(const struct run *run, const char *key)
{
	return json_string_value(json_object_get(run->result, key));
}

const char *run_verdict(const struct run *run, const char *oracle)
{
	const json_t *all = json_object_get(run->result, "oracles");
	const char *word =
		json_string_value(json_object_get(json_object_get(all, oracle), "verdict"));

	return word ? word : "(no such oracle)";
}

int64_t run_metric(const struct run *run, const char *name)
{
	const json_t *value = json_object_get(json_object_get(run->result, "metrics"), name);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

void run_spoilt(const char *options, const char *fails, const char *holds)
{
	struct run run = run_lubench(options);

	bool audited = !g_str_equal(run_verdict(&run, "audit"), "fail");

	if (!run.status || !audited || !g_str_equal(run_verdict(&run, fails), "fail") ||
	    !g_str_equal(run_verdict(&run, holds), "pass"))
		fail_msg("%s: status %d, %s %s, %s %s: %s", options, run.status, fails,
			 run_verdict(&run, fails), holds, run_verdict(&run, holds),
			 json_dumps(json_object_get(run.result, "oracles"), 0));
	run_clear(&run);
}
