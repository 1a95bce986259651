/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What results say of resources: the judgement of each kind of end, rows and columns of many results,
 * and their table and picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "bench/report/plot-survive.h"
#include "bench/report/survive-document.h"
#include "tests/bench/report/rendered.h"

/* A run of kexec that was ok, whose one resource was ready and is as told. */
static json_t *probe_run(const char *strategy, const char *name, const char *is)
{
	return json_pack("{s:s, s:s, s:b, s:{s:s, s:s, s:s, s:{s:s}, s:{s:s, s:b}}, "
			 "s:{s:{}, s:{s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:s}]}}, s:{}}",
			 "id", "some-run", "outcome", "ok", "rolled_back", 0, "plan", "strategy",
			 strategy, "workload", "probe", "machine", "some-machine", "update", "to",
			 "newest", "workload_params", "probe", name, "spoil", 0, "environment",
			 "guest", "workload", "probes", "name", name, "family", "Pipes", "title",
			 "a pipe", "see", "pipe(7)", "was", "ready", "is", is, "why",
			 "its bytes are gone", "oracles");
}

static void set(json_t *result, const char *key, json_t *value)
{
	json_object_set_new(result, key, value);
}

static json_t *state_of(json_t *result)
{
	json_t *workload = json_object_get(json_object_get(result, "environment"), "workload");

	return json_array_get(json_object_get(workload, "probes"), 0);
}

/* Takes the result. */
static void expect(json_t *result, enum lu_fate fate, const char *why)
{
	struct lu_survive_cell cell = {0};

	lu_survive_cell_add(&cell, result, state_of(result));
	assert_string_equal(lu_fate_name(cell.fate), lu_fate_name(fate));
	assert_int_equal(g_strcmp0(cell.why, why), 0);
	lu_survive_cell_clear(&cell);
	json_decref(result);
}

static json_t *failed(const char *outcome, const char *phase, bool rolled_back)
{
	json_t *result = probe_run("kexec", "pipe-data", rolled_back ? "same" : "unknown");

	set(result, "outcome", json_string(outcome));
	set(result, "phase", json_string(phase));
	set(result, "reason", json_string("no"));
	set(result, "rolled_back", json_boolean(rolled_back));
	return result;
}

static void test_done(void **state)
{
	json_t *result = probe_run("kexec", "pipe-data", "same");

	expect(json_incref(result), LU_FATE_SURVIVED, NULL);
	json_object_set_new(json_object_get(result, "oracles"), "replies",
			    json_pack("{s:s, s:s}", "verdict", "fail", "evidence", "3 lost"));
	expect(result, LU_FATE_LOST_SILENTLY, "oracle replies: 3 lost");
	expect(probe_run("kexec", "pipe-data", "lost"), LU_FATE_LOST_SILENTLY,
	       "its bytes are gone");
	expect(probe_run("kexec", "pipe-data", "unknown"), LU_FATE_LOST_SILENTLY,
	       "its bytes are gone");
}

static void test_ends(void **state)
{
	json_t *result;

	expect(failed("refused", "PRESERVE", true), LU_FATE_REFUSED, "no");
	expect(failed("failed", "FREEZE", true), LU_FATE_REFUSED, "no");
	expect(failed("refused", "PRESERVE", false), LU_FATE_HARMED, "no");
	expect(failed("failed", "RESTORE", false), LU_FATE_LOST_TOLD, "no");
	expect(failed("timeout", "SWITCH", false), LU_FATE_LOST_TOLD, "no");
	result = failed("unsupported", "PREPARE", false);
	json_object_del(json_object_get(result, "environment"), "guest");
	expect(result, LU_FATE_NONE, "no");
	/* it broke before the resource was there */
	result = failed("failed", "PREPARE", false);
	set(state_of(result), "was", json_string("unknown"));
	expect(result, LU_FATE_NOT_TRIED, "no");
}

/* What preflight has told and not refused is not lost silently. */
static void test_told(void **state)
{
	json_t *result = probe_run("kexec", "pipe-data", "lost");

	set(result, "metrics",
	    json_pack("{s:{s:s}}", "notes", "preflight", "CRIU would lose its bytes"));
	expect(result, LU_FATE_LOST_TOLD,
	       "its bytes are gone; told before: CRIU would lose its bytes");
}

static void test_missing(void **state)
{
	json_t *result = probe_run("kexec", "pipe-data", "missing");

	set(state_of(result), "was", json_string("missing"));
	expect(result, LU_FATE_NONE, "its bytes are gone");
}

/* Of several in one run nobody knows which one it was refused for. */
static void test_several(void **state)
{
	json_t *result = failed("refused", "PRESERVE", true);
	json_t *workload = json_object_get(json_object_get(result, "environment"), "workload");

	json_array_append_new(
		json_object_get(workload, "probes"),
		json_pack("{s:s, s:s, s:s}", "name", "epoll", "was", "ready", "is", "same"));
	expect(json_incref(result), LU_FATE_NOT_TRIED, NULL);
	set(result, "outcome", json_string("ok"));
	expect(result, LU_FATE_SURVIVED, NULL);
}

static json_t *several(void)
{
	json_t *results = json_array(), *spoilt = probe_run("kexec", "pipe-data", "lost");

	json_object_set_new(json_object_get(json_object_get(spoilt, "plan"), "workload_params"),
			    "spoil", json_true());
	json_array_append_new(results, probe_run("kexec", "pipe-data", "same"));
	json_array_append_new(results, probe_run("kexec", "pipe-data", "lost"));
	json_array_append_new(results, probe_run("failover", "pipe-data", "same"));
	json_array_append_new(results, probe_run("failover", "epoll", "same"));
	json_array_append_new(results, spoilt);
	json_array_append_new(results, json_object());
	return results;
}

/* Of two results of a cell the worse counts; what was spoilt on purpose is a column of its own. */
static void test_rows(void **state)
{
	json_auto_t *results = several();
	struct lu_survive *survive = lu_survive_new(results, NULL);
	const struct lu_survive_row *epoll = survive->rows->pdata[0],
				    *pipe = survive->rows->pdata[1];
	const struct lu_survive_column *last = survive->columns->pdata[2];

	assert_int_equal(survive->columns->len, 3);
	assert_int_equal(survive->rows->len, 2);
	assert_string_equal(last->title, "kexec, spoilt");
	assert_string_equal(epoll->name, "epoll");
	assert_int_equal(epoll->cells[0].fate, LU_FATE_SURVIVED);
	assert_int_equal(epoll->cells[1].fate, LU_FATE_NOT_TRIED);
	assert_int_equal(pipe->cells[1].fate, LU_FATE_LOST_SILENTLY);
	assert_int_equal(lu_survive_count(survive, 0, LU_FATE_SURVIVED), 2);
	lu_survive_free(survive);
}

static char *taken(struct lu_document *document, lu_render *render)
{
	char *text = rendered(document, render);

	lu_document_free(document);
	return text;
}

static void test_document(void **state)
{
	static const char *const names[] = {"pipe-data", NULL};
	json_auto_t *results = several();
	struct lu_survive *survive = lu_survive_new(results, names);
	char *md = taken(lu_survive_document(survive), lu_render_markdown);
	char *csv = taken(lu_survive_records(survive), lu_render_csv);

	assert_non_null(strstr(md, "| survived | LOST SILENTLY | LOST SILENTLY |"));
	assert_non_null(strstr(md, "pipe-data by kexec: LOST SILENTLY: its bytes are gone"));
	assert_null(strstr(md, "epoll"));
	assert_non_null(strstr(csv, ",kexec,some-machine,newest,no,lost-silently,"));
	assert_non_null(strstr(csv, ",failover,some-machine,newest,no,survived,"));
	g_free(md);
	g_free(csv);
	lu_survive_free(survive);
}

static void test_picture(void **state)
{
	json_auto_t *results = several();
	struct lu_survive *survive = lu_survive_new(results, NULL);
	g_autoptr(GString) script = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	assert_true(lu_plot_survive_script(script, survive, "x.svg", &error));
	assert_non_null(strstr(script->str, "LOST"));
	assert_non_null(strstr(script->str, "kexec, spoilt"));
	assert_false(lu_plot_survive_script(script, survive, "x.txt", &error));
	lu_survive_free(survive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),	 cmocka_unit_test(test_ends),
		cmocka_unit_test(test_told),	 cmocka_unit_test(test_missing),
		cmocka_unit_test(test_several),	 cmocka_unit_test(test_rows),
		cmocka_unit_test(test_document), cmocka_unit_test(test_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
