/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A checkpoint of a service in a real guest, as kexec has written it: one bit is flipped anywhere in
 * its memory, a hundred times, by the guest's own kernel in its own store, and each time the
 * comparison that precedes a restore names file and page.
 */
#include "tests/kit/cmocka-all.h"
#include <stdio.h>
#include <string.h>
#include "host/io.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "qemu/guest.h"
#include "record/error.h"

#define FLIPS	100
#define PAGE	4096
#define BOOT_NS (90 * LU_NS_PER_S)
#define CALL_NS (60 * LU_NS_PER_S)

static struct lu_plan *plan;
static struct lu_timeline *timeline;
static struct lu_guest *guest;

static struct lu_plan *make_plan(void)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *doc = json_pack("{s:s, s:s, s:{s:i}}", "strategy", "kexec", "workload", "tick",
				     "workload_params", "state_mb", 8);
	struct lu_plan *made = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);

	if (!made)
		g_error("%s", error->message);
	return made;
}

static struct lu_guest *make(GError **error)
{
	struct lu_qemu_options options = {.agent_dir = LU_BUILD_DIR, .offline = true};

	return lu_qemu_guest_new(plan, timeline, &options, error);
}

static void require(bool ok, GError *error)
{
	if (!ok)
		fail_msg("%s", error->message);
}

/* The strategy's own phases, up to the point of no return. */
static void make_checkpoint(void)
{
	struct lu_run run = {.plan = plan,
			     .guest = guest,
			     .timeline = timeline,
			     .params = plan->strategy_params,
			     .state = NULL};
	GError *error = NULL;

	require(guest->ops->boot(guest, LU_RELEASE_OLD, BOOT_NS, &error), error);
	require(lu_bringup(guest, plan, guest->ops->now(guest) + CALL_NS, &error), error);
	for (const struct lu_phase *phase = plan->strategy->phases; phase->kind < LU_SWITCH;
	     phase++) {
		run.deadline_ns = guest->ops->now(guest) + CALL_NS;
		require(phase->run(&run, &error), error);
	}
}

static json_t *call(const char *verb, json_t *args)
{
	GError *error = NULL;
	json_t *reply = NULL;

	require(guest->ops->call(guest, verb, args, CALL_NS, &reply, &error), error);
	return reply;
}

/* Twice with the same seed is as before. Returns what the comparison has to name. */
static char *flip(int seed)
{
	json_auto_t *reply =
		call("store.damage", json_pack("{s:s, s:i}", "how", "flip", "seed", seed));
	const char *what = json_string_value(json_object_get(reply, "what"));
	const char *path = strstr(what, "/store/"), *comma = strrchr(what, ',');
	long long byte;

	assert_non_null(path);
	assert_int_equal(sscanf(comma, ", byte %lld", &byte), 1);
	path += strlen("/store/");
	return g_strdup_printf("%.*s: page %lld of ", (int)(comma - path), path, byte / PAGE + 1);
}

/* words NULL: nothing is damaged. */
static void compare(const char *words)
{
	g_autoptr(GError) error = NULL;
	bool whole;

	json_decref(call("manifest.begin", NULL));
	whole = guest->ops->call(guest, "manifest.end", NULL, CALL_NS, NULL, &error);
	if (!words && whole)
		return;
	if (!words || whole)
		fail_msg("'%s' and not '%s'", words ?: "nothing",
			 error ? error->message : "nothing");
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
	if (!strstr(error->message, words))
		fail_msg("'%s' and not '%s'", words, error->message);
}

static void test_flips(void **state)
{
	make_checkpoint();
	compare(NULL);
	for (int seed = 0; seed < FLIPS; seed++) {
		g_autofree char *words = flip(seed);

		compare(words);
		g_free(flip(seed));
	}
	compare(NULL);
}

static int set_up(void **state)
{
	GError *error = NULL;

	plan = make_plan();
	timeline = lu_timeline_new();
	guest = make(&error);
	if (!guest)
		g_printerr("skipped: %s\n", error->message);
	g_clear_error(&error);
	return 0;
}

static int tear_down(void **state)
{
	lu_guest_free(guest);
	lu_timeline_free(timeline);
	lu_plan_free(plan);
	return 0;
}

/* Without QEMU or cached assets there is nothing to test. */
static bool can_run(void)
{
	bool can;

	set_up(NULL);
	can = guest != NULL;
	tear_down(NULL);
	return can;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flips, set_up, tear_down),
	};

	return can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
