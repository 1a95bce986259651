/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench sweep: rows for every end, a record that can be gone on with. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include "tests/bench/command.h"
#include "tests/kit/guard.h"

/* One that works, one refused as a plan, one refused by the strategy, one that fails. */
static const char mixed[] = "{\"guest\": \"sim\", \"cases\": ["
			    "{\"strategy\": \"kexec\"},"
			    "{\"strategy\": \"kexec\", \"update\": {\"kind\": \"vmm\"}},"
			    "{\"strategy\": \"migrate\", \"strategy_params\": {\"mode\": \"file\", "
			    "\"xbzrle\": true}},"
			    "{\"strategy\": \"kexec\", \"fault\": {\"phase\": \"RESTORE\"}}]}";
static const char plain[] = "{\"guest\": \"sim\", \"strategy\": [\"null\", \"pause\", \"kexec\"], "
			    "\"sweep\": {\"repeat\": 2}}";

static json_t *rows_of(const struct output *output)
{
	json_t *doc = output_json(output);
	json_t *rows = json_incref(json_object_get(doc, "rows"));

	json_decref(doc);
	return rows;
}

static unsigned count(const json_t *rows, const char *outcome)
{
	unsigned n = 0;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) n +=
		g_str_equal(json_string_value(json_object_get(row, "outcome")), outcome);
	return n;
}

/* A file of that world, known by its name. */
static void put_file(const struct world *world, const char *name, const char *text)
{
	g_free(world_file(world, name, text));
}

static void test_every_end_is_a_row(void **state)
{
	put_file(*state, "mixed.json", mixed);
	struct output output =
		lubench(*state, "sweep", "mixed.json", "--json", "-q", "-o", "mixed", NULL);
	json_t *rows = rows_of(&output);
	g_autofree char *dir = g_build_filename(((struct world *)*state)->dir, "mixed", NULL);
	g_autoptr(GPtrArray) files = folder(dir);

	assert_int_equal(output.status, 1);
	assert_int_equal(json_array_size(rows), 4);
	assert_int_equal(count(rows, "ok"), 1);
	assert_int_equal(count(rows, "refused"), 2);
	assert_int_equal(count(rows, "failed"), 1);
	/* Four results with their timelines, and the record. */
	assert_int_equal(files->len, 9);
	json_decref(rows);
	output_clear(&output);
}

static void test_a_second_start_is_refused(void **state)
{
	struct output output = lubench(*state, "sweep", "mixed.json", "-q", "-o", "mixed", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "--resume"));
	output_clear(&output);
}

/* Keep so many lines of the record, and a part of the next. */
static void cut_record(const char *path, unsigned whole_lines)
{
	g_autofree char *text = NULL;
	const char *end;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	end = text;
	for (unsigned i = 0; i < whole_lines; i++) {
		end = strchr(end, '\n');
		assert_non_null(end);
		end++;
	}
	assert_true(g_file_set_contents(path, text, end - text + 20, NULL));
}

/* What the rows from the first-th on say was saved. */
static void remove_results(const struct world *world, const json_t *rows, size_t first)
{
	for (size_t i = first; i < json_array_size(rows); i++) {
		const char *file =
			json_string_value(json_object_get(json_array_get(rows, i), "file"));
		g_autofree char *path = g_build_filename(world->dir, "plain", file, NULL);

		assert_int_equal(g_remove(path), 0);
	}
}

/* As if killed while writing the third row: what has a result is not run again, all others are. */
static void test_resume(void **state)
{
	const struct world *world = *state;
	put_file(world, "plain.json", plain);
	g_autofree char *record = g_build_filename(world->dir, "plain", "sweep.jsonl", NULL);
	struct output output =
		lubench(world, "sweep", "plain.json", "--json", "-q", "-o", "plain", NULL);
	json_t *before = rows_of(&output);

	assert_int_equal(output.status, 0);
	output_clear(&output);
	cut_record(record, 3);
	remove_results(world, before, 3);
	output = lubench(world, "sweep", "plain.json", "--json", "-q", "-o", "plain", "--resume",
			 NULL);
	json_t *after = rows_of(&output);

	assert_int_equal(output.status, 0);
	assert_int_equal(json_array_size(after), 6);
	for (size_t i = 0; i < 6; i++) {
		const json_t *a = json_array_get(before, i), *b = json_array_get(after, i);

		assert_true(json_equal(json_object_get(a, "hash"), json_object_get(b, "hash")));
		assert_int_equal(json_equal(json_object_get(a, "file"), json_object_get(b, "file")),
				 i < 3);
	}
	json_decref(before);
	json_decref(after);
	output_clear(&output);
}

static void test_nothing_left(void **state)
{
	struct output output =
		lubench(*state, "sweep", "plain.json", "-q", "-o", "plain", "--resume", NULL);

	assert_int_equal(output.status, 0);
	assert_int_equal(lines(output.out), 2);
	output_clear(&output);
}

static json_int_t compared(const struct world *world, const char *what)
{
	struct output output = lubench(world, "compare", what, "--format=json", NULL);
	json_t *doc = output_json(&output), *table, *row, *runs;
	json_int_t sum = 0;
	size_t i, k;

	json_array_foreach(json_object_get(doc, "tables"), i, table)
	{
		json_array_foreach(json_object_get(table, "rows"), k, row)
		{
			runs = json_object_get(row, "runs");
			sum += json_integer_value(runs);
		}
	}
	json_decref(doc);
	output_clear(&output);
	return sum;
}

/* That often on standard error. */
static void expect_said(const struct output *output, const char *words, unsigned times)
{
	unsigned said = 0;

	for (const char *at = output->err; (at = strstr(at, words)); at++)
		said++;
	if (said != times)
		fail_msg("%u times, not %u, \"%s\" in: %s", said, times, words, output->err);
}

/* One result overwritten, one gone, one row with a byte of zero in it: what is left is read, and
 * --resume brings the rest back. */
static void test_damage(void **state)
{
	const struct world *world = *state;
	g_autofree char *dir = g_build_filename(world->dir, "plain", NULL);
	g_autofree char *record = g_build_filename(dir, "sweep.jsonl", NULL), *text = NULL;
	static const char damaged[] = "is damaged and passed over";
	struct output output = lubench(world, "sweep", "plain.json", "--json", "-q", "-o", "plain",
				       "--resume", NULL);
	json_t *rows = rows_of(&output);
	gsize len;

	output_clear(&output);
	for (size_t i = 0; i < 2; i++) {
		g_autofree char *path = g_build_filename(
			dir, json_string_value(json_object_get(json_array_get(rows, i), "file")),
			NULL);

		assert_true(i ? g_remove(path) == 0
			      : g_file_set_contents(path, "{\"schema", -1, NULL));
	}
	assert_true(g_file_get_contents(record, &text, &len, NULL));
	*strstr(text, json_string_value(json_object_get(json_array_get(rows, 3), "hash"))) = '\0';
	assert_true(g_file_set_contents(record, text, (gssize)len, NULL));
	output = lubench(world, "compare", "--sweep=plain", "--format=csv", NULL);
	assert_int_not_equal(output.status, 2);
	expect_said(&output, damaged, 1);
	assert_non_null(strstr(output.err, "2 of 5 results are damaged or missing"));
	output_clear(&output);
	output = lubench(world, "sweep", "plain.json", "--json", "-q", "-o", "plain", "--resume",
			 NULL);
	json_t *after = rows_of(&output);

	assert_int_equal(output.status, 0);
	assert_int_equal(json_array_size(after), 6);
	assert_non_null(strstr(output.err, "run again: "));
	expect_said(&output, damaged, 1);
	output_clear(&output);
	/* From then on the line is out of the way. */
	g_autofree char *aside = g_strconcat(record, ".damaged", NULL), *kept = NULL;

	assert_true(g_file_get_contents(aside, &kept, &len, NULL));
	assert_int_equal(kept[len - 1], '\n');
	assert_non_null(memchr(kept, '\0', len));
	output = lubench(world, "sweep", "plain.json", "--json", "-q", "-o", "plain", "--resume",
			 NULL);
	expect_said(&output, damaged, 0);
	output_clear(&output);
	output = lubench(world, "show", "plain", "--json", NULL);
	assert_int_equal(output.status, 0);
	assert_int_equal(lines(output.err), 0);
	assert_int_equal(compared(world, "plain"), compared(world, "--sweep=plain"));
	output_clear(&output);
	json_decref(rows);
	json_decref(after);
}

/* All of what is between these two marks, joined. Caller frees. */
static char *between_marks(const char *text, const char *from, const char *to)
{
	GString *all = g_string_new(NULL);

	while ((text = strstr(text, from))) {
		const char *end = strstr(text += strlen(from), to);

		assert_non_null(end);
		g_string_append_len(all, text, end - text);
		g_string_append_c(all, ' ');
	}
	return g_string_free(all, FALSE);
}

/* They ran in random order; tables and pictures have them in that of the definition, of which no
 * sorting by name or size would make it. */
static void test_order_of_definition(void **state)
{
	static const char *const verbs[][4] = {
		{"show", "order", "--json", "\n      \"label\": \"kexec state_mb="},
		{"show", "--json", "order", "\n      \"label\": \"kexec state_mb="},
		{"plot", "order", "--script", "\"kexec\\nstate_mb="},
	};
	const struct world *world = *state;

	put_file(world, "order.json",
		 "{\"guest\": \"sim\", \"strategy\": \"kexec\", \"workload_params\": "
		 "{\"state_mb\": [8, 2, 32, 1, 16, 4]}, \"sweep\": {\"repeat\": 2}}");
	struct output output =
		lubench(world, "sweep", "order.json", "--json", "-q", "-o", "order", NULL);
	g_autofree char *ran = between_marks(output.out, "\"combination\": ", ",");

	assert_int_equal(output.status, 0);
	assert_null(strstr(ran, "0 1 2 3 4 5"));
	output_clear(&output);
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		output = lubench(world, verbs[i][0], verbs[i][1], verbs[i][2], NULL);
		g_autofree char *order =
			between_marks(output.out, verbs[i][3], i < 2 ? "\"" : "\\n");
		g_autofree char *first = g_strndup(order, strlen("8 2 32 1 16 4"));

		assert_string_equal(first, "8 2 32 1 16 4");
		output_clear(&output);
	}
	output = lubench(world, "compare", "--sweep=order", "--format=csv", NULL);
	struct output folder = lubench(world, "compare", "order", "--format=csv", NULL);

	assert_int_equal(output.status, 0);
	assert_string_equal(output.out, folder.out);
	output_clear(&output);
	output_clear(&folder);
}

/* Its runs would be mixed with those of another definition. */
static void test_edited_definition(void **state)
{
	put_file(*state, "plain.json",
		 "{\"guest\": \"sim\", \"strategy\": [\"null\", \"kexec\"], "
		 "\"sweep\": {\"repeat\": 2}}");
	struct output output =
		lubench(*state, "sweep", "plain.json", "-q", "-o", "plain", "--resume", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "2 of 6 runs recorded in"));
	output_clear(&output);
	put_file(*state, "plain.json", plain);
}

/* What another revision or host ran is not gone on with in silence. */
static void test_resume_unlike(void **state)
{
	const struct world *world = *state;

	put_file(world, "plain.json", plain);
	struct output output =
		lubench(world, "sweep", "plain.json", "--json", "-q", "-o", "unlike", NULL);
	json_auto_t *rows = rows_of(&output);
	const char *file = json_string_value(json_object_get(json_array_get(rows, 1), "file"));
	g_autofree char *path = g_build_filename(world->dir, "unlike", file, NULL);
	json_auto_t *result = json_load_file(path, 0, NULL);

	output_clear(&output);
	json_object_set_new(json_object_get(result, "lubench"), "git", json_string("0123abcd"));
	assert_int_equal(json_dump_file(result, path, 0), 0);
	output = lubench(world, "sweep", "plain.json", "-q", "-o", "unlike", "--resume", NULL);
	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "lubench (0123abcd, "));
	assert_string_equal(output.out, "");
	output_clear(&output);
	output = lubench(world, "sweep", "plain.json", "-q", "-o", "unlike", "--resume", "--mixed",
			 NULL);
	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.err, "goes on with what differs in "));
	assert_non_null(strstr(output.err, "lubench (0123abcd, "));
	output_clear(&output);
}

/* A record of one run in a real guest with that QEMU: the simulator's, under the other's plan. */
static void make_real_record(const struct world *world, const char *qemu)
{
	struct output output =
		lubench(world, "run", "--guest=sim", "--strategy=null", "-q", "--json", NULL);
	json_auto_t *result = output_json(&output), *doc = NULL, *line = NULL;

	output_clear(&output);
	output = lubench(world, "sweep", "real.json", "--dry-run", "--json", NULL);
	doc = output_json(&output);
	output_clear(&output);
	json_t *plan = json_array_get(json_object_get(doc, "plans"), 0);

	json_object_set(result, "plan", json_object_get(plan, "plan"));
	json_object_set(result, "plan_hash", json_object_get(plan, "hash"));
	json_object_set_new(json_object_get(result, "environment"), "guest",
			    json_pack("{s:s, s:s}", "accelerator", "tcg", "qemu", qemu));
	line = json_pack("{s:s, s:O, s:s, s:b, s:s}", "type", "row", "hash",
			 json_object_get(plan, "hash"), "outcome", "ok", "good", 1, "file",
			 "one.json");
	char *text = json_dumps(line, JSON_COMPACT);
	g_autofree char *row = g_strconcat(text, "\n", NULL);
	g_autofree char *dir = g_build_filename(world->dir, "real", NULL);

	free(text);
	g_mkdir(dir, 0755);
	put_file(world, "real/sweep.jsonl", row);
	text = json_dumps(result, 0);
	put_file(world, "real/one.json", text);
	free(text);
}

/* A newer QEMU is known before anything runs. */
static void test_resume_with_another_qemu(void **state)
{
	const struct world *world = *state;
	static const char fake[] = "#!/bin/sh\necho 'QEMU emulator version 9.9.9 (fake)'\n";
	g_autofree char *path = g_strconcat(world->dir, ":", g_getenv("PATH"), NULL);
	g_autofree char *was = g_strdup(g_getenv("PATH"));
	g_autofree char *program = world_file(world, "qemu-system-x86_64", fake);
	struct output output;

	g_chmod(program, 0755);
	g_setenv("PATH", path, TRUE);
	g_setenv("XDG_CACHE_HOME", world->dir, TRUE); /* no packages */
	put_file(world, "real.json", "{\"strategy\": \"null\", \"accel\": \"tcg\"}");
	for (int same = 0; same < 2; same++) {
		make_real_record(world, same ? "9.9.9 (fake)" : "7.2.4");
		output = lubench(world, "sweep", "real.json", "-q", "--offline", "-o", "real",
				 "--resume", NULL);
		assert_int_equal(output.status, same ? 0 : 2);
		if (!same)
			assert_non_null(strstr(output.err, "qemu (7.2.4, 9.9.9 (fake))"));
		output_clear(&output);
	}
	g_setenv("PATH", was, TRUE);
	g_unsetenv("XDG_CACHE_HOME");
	g_unlink(program);
}

static void test_resume_by_name(void **state)
{
	struct output output = lubench(*state, "sweep", "plain.json", "-q", "--resume", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "plain"));
	output_clear(&output);
	for (int i = 0; i < 2; i++) {
		output = lubench(*state, "sweep", "plain.json", "-q", i ? "--resume" : "--repeat=2",
				 NULL);
		assert_int_equal(output.status, 0);
		assert_int_equal(lines(output.out), i ? 2 : 8);
		output_clear(&output);
	}
}

static void test_dry_run(void **state)
{
	struct output output = lubench(*state, "sweep", "plain.json", "--dry-run", "--json",
				       "--set", "workload=tick,redis", NULL);
	json_t *doc = output_json(&output);

	assert_int_equal(output.status, 0);
	assert_int_equal(json_array_size(json_object_get(doc, "plans")), 12);
	json_decref(doc);
	output_clear(&output);
}

/* Interrupted, it says so, keeps what it has, and can be gone on with. */
static void test_interrupted(void **state)
{
	const struct world *world = *state;
	put_file(world, "long.json",
		 "{\"guest\": \"sim\", \"strategy\": \"kexec\", \"sweep\": {\"repeat\": "
		 "1000}}");
	g_autofree char *record = g_build_filename(world->dir, "long", "sweep.jsonl", NULL);
	GPid pid = lubench_start(world, "sweep", "long.json", "-q", "-o", "long", NULL);
	gint64 end_us = g_get_monotonic_time() + GUARD_MS * G_TIME_SPAN_MILLISECOND;
	g_autofree char *text = NULL;

	/* The record is the sign that runs have ended. */
	while (!(g_file_get_contents(record, &text, NULL, NULL) && lines(text) >= 3)) {
		assert_true(g_get_monotonic_time() < end_us);
		g_clear_pointer(&text, g_free);
		g_usleep(2000);
	}
	kill(pid, SIGINT);
	assert_int_equal(lubench_wait(pid), 128 + SIGINT);
	g_autofree char *err = g_build_filename(world->dir, "err", NULL), *said = NULL;

	assert_true(g_file_get_contents(err, &said, NULL, NULL));
	assert_non_null(strstr(said, "continue with --resume"));
	struct output output = lubench(world, "sweep", "long.json", "-q", "--repeat=3", "-o",
				       "long", "--resume", NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
}

static void test_malformed(void **state)
{
	static const char *const args[][2] = {
		{"bad.json", "seed"}, {"none.json", "none.json"}, {"plain.json", "client.rate_hz"}};
	put_file(*state, "bad.json", "{\"strategy\": \"null\", \"seed\": []}");

	for (size_t i = 0; i < G_N_ELEMENTS(args); i++) {
		struct output output =
			lubench(*state, "sweep", args[i][0], "--set", "client.rate_hz=5,x", NULL);

		if (i < 2) {
			output_clear(&output);
			output = lubench(*state, "sweep", args[i][0], NULL);
		}
		assert_int_equal(output.status, 2);
		assert_int_equal(lines(output.err), 1);
		assert_non_null(strstr(output.err, args[i][1]));
		output_clear(&output);
	}
}

/* Every sweep that is shipped can be planned. */
static void test_shipped(void **state)
{
	struct output output = lubench(*state, "list", "sweeps", "--json", NULL);
	json_t *doc = output_json(&output), *sweep;
	size_t i;

	json_array_foreach(json_object_get(doc, "sweeps"), i, sweep)
	{
		struct output dry =
			lubench(*state, "sweep", "--dry-run",
				json_string_value(json_object_get(sweep, "name")), NULL);

		if (dry.status != 0 || lines(dry.out) < 2)
			fail_msg("%s", dry.err);
		output_clear(&dry);
	}
	assert_true(i > 0);
	json_decref(doc);
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_end_is_a_row),
		cmocka_unit_test(test_a_second_start_is_refused),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_order_of_definition),
		cmocka_unit_test(test_edited_definition),
		cmocka_unit_test(test_resume_with_another_qemu),
		cmocka_unit_test(test_resume_unlike),
		cmocka_unit_test(test_resume_by_name),
		cmocka_unit_test(test_dry_run),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests_name("bench-sweep", tests, world_setup, world_teardown);
}
