/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the agent, and the verdict on its answers. */
#include "strategies/kit/preflight.h"
#include "record/error.h"

#define MEBIBYTE ((int64_t)1 << 20)
/* CRIU's metadata, and what sockets and pipes hold. */
#define METADATA_BYTES (8 * MEBIBYTE)
/* What a file system takes of a device, for the size that is proposed. */
#define OVERHEAD_PERCENT 5
#define DEFAULT_LEVEL	 2

/* Each refuses one fate more than the one before it. */
const char *const lu_preflight_levels[] = {"off", "tell", "refuse", "strict", NULL};
static const char *const fates[] = {"refused", "lost", "changed"};

static const struct {
	const char *name, *verb;
} places[] = {
	[LU_PREFLIGHT_STORE] = {"checkpoint store", "store.room"},
	[LU_PREFLIGHT_STANDBY] = {"standby", "store.room"},
	[LU_PREFLIGHT_DATA] = {"data disk", "data.room"},
};

static unsigned place_of(const char *word, const char *const words[], size_t n)
{
	unsigned i = 0;

	while (i < n && g_strcmp0(word, words[i]))
		i++;
	return i;
}

static void append(GString *text, const char *what)
{
	if (text->len)
		g_string_append(text, "; ");
	g_string_append(text, what);
}

/* Those that the answer had no room for could be of any fate. */
static void sort_out(const json_t *reply, unsigned refused_fates, GString *refused, GString *told)
{
	const json_t *findings = json_object_get(reply, "findings");
	int64_t more = json_integer_value(json_object_get(reply, "more"));

	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const char *fate = json_string_value(json_object_get(finding, "fate"));
		const char *what = json_string_value(json_object_get(finding, "what"));
		bool refuse = place_of(fate, fates, G_N_ELEMENTS(fates)) < refused_fates;

		append(refuse ? refused : told, what ?: "the agent does not say what");
	}
	if (more)
		g_string_append_printf(refused->len ? refused : told,
				       "; and %" G_GINT64_FORMAT " more", more);
}

bool lu_preflight_judge(const json_t *reply, const char *level, char **told, GError **error)
{
	g_autoptr(GString) refused = g_string_new(NULL), rest = g_string_new(NULL);

	sort_out(reply, place_of(level, lu_preflight_levels, G_N_ELEMENTS(lu_preflight_levels) - 1),
		 refused, rest);
	*told = rest->len ? g_strdup(rest->str) : NULL;
	if (!refused->len)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "preflight: %s", refused->str);
	return false;
}

static int64_t to_mb(int64_t bytes)
{
	return (bytes + MEBIBYTE - 1) / MEBIBYTE;
}

bool lu_preflight_fits(const json_t *reply, int64_t state_bytes,
		       const struct lu_preflight_room *room, GError **error)
{
	int64_t left = json_integer_value(json_object_get(reply, "free_bytes"));
	int64_t take = state_bytes * room->copies + METADATA_BYTES;
	int64_t missing = to_mb((take - left) / 100 * (100 + OVERHEAD_PERCENT)) + 1;

	if (take <= left)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "preflight: the %s has room for %" G_GINT64_FORMAT
		    " MB, and up to %u times the service's %" G_GINT64_FORMAT
		    " MB take %" G_GINT64_FORMAT " MB: %s=%" G_GINT64_FORMAT
		    " would do, it is %" G_GINT64_FORMAT,
		    places[room->where].name, left / MEBIBYTE, room->copies, to_mb(state_bytes),
		    to_mb(take), room->raise, room->now_mb + missing, room->now_mb);
	return false;
}

/* A strategy of which no level is asked has the default's. */
static const char *level_of(const struct lu_run *run)
{
	return json_string_value(json_object_get(run->params, "preflight"))
		       ?: lu_preflight_levels[DEFAULT_LEVEL];
}

/* The agent's answer with its verdict; NULL with the error. New reference. */
static json_t *look(struct lu_run *run, bool late, GError **error)
{
	g_autofree char *told = NULL;
	json_t *reply = NULL;

	if (!lu_run_call(run, "preflight", json_pack("{s:b}", "late", (int)late), &reply, error))
		return NULL;
	lu_run_claims(run, late ? "preflight.late" : "preflight", reply);
	if (!lu_preflight_judge(reply, level_of(run), &told, error))
		g_clear_pointer(&reply, json_decref);
	else if (told)
		lu_run_note(run, late ? "preflight_late" : "preflight", told);
	return reply;
}

static bool is_off(const struct lu_run *run)
{
	return g_str_equal(level_of(run), lu_preflight_levels[0]);
}

static bool fits(struct lu_run *run, const struct lu_preflight_room *room, int64_t state_bytes,
		 GError **error)
{
	const char *verb = places[room->where].verb;
	json_auto_t *reply = NULL;

	return (room->where == LU_PREFLIGHT_STANDBY
			? lu_run_call_standby(run, verb, NULL, &reply, error)
			: lu_run_call(run, verb, NULL, &reply, error)) &&
	       lu_preflight_fits(reply, state_bytes, room, error);
}

bool lu_preflight(struct lu_run *run, const struct lu_preflight_room *room, GError **error)
{
	int64_t state_bytes = 0;

	if (is_off(run))
		return true;
	for (unsigned i = 0; i < lu_plan_services(run->plan); i++) {
		struct lu_run its = lu_run_of(run, i);
		json_auto_t *seen = look(&its, false, error);

		if (!seen)
			return false;
		state_bytes += json_integer_value(json_object_get(seen, "state_bytes"));
	}
	return !room || fits(run, room, state_bytes, error);
}

bool lu_preflight_has_room(struct lu_run *run, const struct lu_preflight_room *room, GError **error)
{
	int64_t state_bytes = 0;

	if (is_off(run))
		return true;
	for (unsigned i = 0; i < lu_plan_services(run->plan); i++) {
		struct lu_run its = lu_run_of(run, i);
		json_auto_t *seen = NULL;

		if (!lu_run_call(&its, "preflight", NULL, &seen, error))
			return false;
		state_bytes += json_integer_value(json_object_get(seen, "state_bytes"));
	}
	return fits(run, room, state_bytes, error);
}

bool lu_preflight_frozen(struct lu_run *run, GError **error)
{
	json_auto_t *seen = is_off(run) ? json_object() : look(run, true, error);

	return seen;
}
