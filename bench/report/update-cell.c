/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trials of the catalogue: load the component, apply an update, see what is there, take it back. */
#include "bench/report/update-cell.h"
#include <inttypes.h>
#include <string.h>
#include "record/error.h"
#include "model/bringup.h"

#define CALL_NS	     (60 * G_GINT64_CONSTANT(1000000000))
#define SWAP_MS	     2000
#define LIVEPATCH_MS 20000 /* the kernel prods sleepers after 15 s */

static const char *const shelves[] = {"lucat0", "lucat1"};
enum { ITEMS = 3 }; /* of key i and value 10 i */

struct trial {
	struct lu_guest *guest;
	const struct lu_update *update;
	char *version; /* module that is the update */
	struct lu_update_cell *cell;
};

const char *lu_mechanism_name(enum lu_mechanism mechanism)
{
	static const char *const names[LU_MECHANISMS] = {"hotswap", "livepatch", "reload", "kexec"};

	return names[mechanism];
}

const char *lu_carried_name(enum lu_carried carried)
{
	static const char *const names[] = {"carried", "carried, state lost", "refused", "broke"};

	return names[carried];
}

void lu_update_cell_clear(struct lu_update_cell *cell)
{
	g_free(cell->why);
	*cell = (struct lu_update_cell){};
}

static bool call(struct lu_guest *guest, const char *verb, json_t *args, json_t **reply,
		 GError **error)
{
	return guest->ops->call(guest, verb, args, CALL_NS, reply, error);
}

static char *ask(struct lu_guest *guest, const char *shelf, const char *text, GError **error)
{
	json_auto_t *reply = NULL;

	if (!call(guest, "ask", json_pack("{s:s, s:s}", "device", shelf, "text", text), &reply,
		  error))
		return NULL;
	return g_strdup(json_string_value(json_object_get(reply, "answer")));
}

static bool put(struct lu_guest *guest, const char *shelf, int key, GError **error)
{
	g_autofree char *text = g_strdup_printf("put %d %d", key, 10 * key);
	g_autofree char *answer = ask(guest, shelf, text, error);

	return answer != NULL;
}

static bool fill(struct lu_guest *guest, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(shelves); i++)
		for (int key = 1; key <= ITEMS; key++)
			if (!put(guest, shelves[i], key, error))
				return false;
	return true;
}

/* *kept: every item is there, on both shelves. */
static bool look(struct lu_guest *guest, bool *kept, GError **error)
{
	*kept = true;
	for (size_t i = 0; i < G_N_ELEMENTS(shelves); i++)
		for (int key = 1; key <= ITEMS; key++) {
			g_autofree char *text = g_strdup_printf("get %d", key);
			g_autofree char *due = g_strdup_printf("%d", 10 * key);
			g_autofree char *is = ask(guest, shelves[i], text, error);

			if (!is)
				return false;
			*kept &= g_str_equal(is, due);
		}
	return true;
}

/* NULL or what is not as it should be. after: of the update; anew: on a shelf filled again. */
static char *question(struct lu_guest *guest, const struct lu_update *update, bool after, bool anew,
		      GError **error)
{
	for (guint i = 0; i < update->asks->len; i++) {
		const struct lu_update_ask *each =
			&g_array_index(update->asks, struct lu_update_ask, i);
		const char *due = !after ? each->was : anew && each->anew ? each->anew : each->is;
		g_autofree char *is = ask(guest, shelves[0], each->text, error);

		if (!is)
			return NULL;
		if (!g_str_equal(is, due))
			return g_strdup_printf("'%s' is answered '%s', not '%s'", each->text, is,
					       due);
	}
	return NULL;
}

static bool load(struct lu_guest *guest, const char *const *modules, const char *version,
		 GError **error)
{
	g_autofree char *words = version ? g_strdup_printf("version=%s", version) : g_strdup("");
	json_t *list = json_array();

	for (; *modules; modules++)
		json_array_append_new(list, json_string(*modules));
	return call(guest, "modules",
		    json_pack("{s:o, s:{s:s}}", "features", list, "params", "lu_catalog", words),
		    NULL, error);
}

static bool drop(struct lu_guest *guest, const char *const *modules, GError **error)
{
	json_auto_t *reply = NULL;
	json_t *list = json_array(), *kept;

	for (; *modules; modules++)
		json_array_append_new(list, json_string(*modules));
	if (!call(guest, "modules.drop", json_pack("{s:o}", "features", list), &reply, error))
		return false;
	kept = json_object_get(reply, "kept");
	if (!json_array_size(kept))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "module %s is in use",
		    json_string_value(json_array_get(kept, 0)));
	return false;
}

static bool begin(struct trial *trial, GError **error)
{
	static const char *const base[] = {"lu_swap", "lu_catalog_hub", "lu_catalog_v1",
					   "lu_catalog", NULL};

	return load(trial->guest, base, NULL, error) && fill(trial->guest, error);
}

static bool end(struct trial *trial, GError **error)
{
	/* An update of the part with the instances is used by nobody, a version by that part. */
	const char *modules[] = {"lu_catalog",	  trial->version,   trial->update->module ?: "",
				 "lu_catalog_v1", "lu_catalog_hub", NULL};

	return call(trial->guest, "ask.leave", NULL, NULL, error) &&
	       drop(trial->guest, modules, error);
}

/* Modules that make the update's version of the component, but for the hub. */
static bool load_new(struct trial *trial, GError **error)
{
	const struct lu_update *update = trial->update;
	const char *core[] = {"lu_catalog_v1", trial->version, NULL};
	const char *beside[] = {update->module ?: "", NULL};
	const char *version[] = {trial->version, "lu_catalog", NULL};

	if (update->core)
		return load(trial->guest, core, NULL, error);
	return (!update->module || load(trial->guest, beside, NULL, error)) &&
	       load(trial->guest, version, update->name, error);
}

static json_t *swap_args(const struct trial *trial, const char *to)
{
	return json_pack("{s:s, s:[s], s:s, s:i}", "instance", shelves[0], "to", to, "quiescence",
			 "counter", "limit_ms", SWAP_MS);
}

static bool hotswap(struct trial *trial, GError **error)
{
	const struct lu_update *update = trial->update;
	const char *modules[] = {update->module ?: trial->version,
				 update->module ? trial->version : NULL, NULL};
	json_auto_t *reply = NULL;

	/* There is no version in an update of what calls versions. */
	if (!update->core && !load(trial->guest, modules, NULL, error))
		return false;
	if (!call(trial->guest, "swap", swap_args(trial, update->name), &reply, error))
		return false;
	trial->cell->took_ns = json_integer_value(json_object_get(reply, "closed_ns"));
	return true;
}

static json_t *patch_args(const struct trial *trial)
{
	g_autofree char *patch = g_strconcat("lu_catalog_lp_", trial->update->name, NULL);

	return json_pack("{s:s, s:i}", "patch", patch, "limit_ms", LIVEPATCH_MS);
}

static bool livepatch(struct trial *trial, GError **error)
{
	const char *modules[] = {trial->update->module ?: "", NULL};
	json_auto_t *reply = NULL;

	if (trial->update->module && !load(trial->guest, modules, NULL, error))
		return false;
	if (!call(trial->guest, "livepatch.apply", patch_args(trial), &reply, error))
		return false;
	trial->cell->took_ns = json_integer_value(json_object_get(reply, "transition_ns"));
	return true;
}

/* Users first: a module in use cannot be unloaded. */
static bool reload(struct trial *trial, GError **error)
{
	static const char *const old[] = {"lu_catalog", "lu_catalog_v1", NULL};
	int64_t begun = trial->guest->ops->now(trial->guest);

	if (!call(trial->guest, "ask.leave", NULL, NULL, error) ||
	    !drop(trial->guest, old, error) || !load_new(trial, error))
		return false;
	trial->cell->took_ns = trial->guest->ops->now(trial->guest) - begun;
	return true;
}

/* The jump has been made. */
static bool after_kexec(struct trial *trial, GError **error)
{
	static const char *const hub[] = {"lu_swap", "lu_catalog_hub", NULL};

	return load(trial->guest, hub, NULL, error) && load_new(trial, error);
}

static bool undo(struct trial *trial, enum lu_mechanism mechanism, GError **error)
{
	if (mechanism == LU_BY_HOTSWAP)
		return call(trial->guest, "swap.back", swap_args(trial, "v1"), NULL, error);
	if (mechanism == LU_BY_LIVEPATCH)
		return call(trial->guest, "livepatch.undo", patch_args(trial), NULL, error);
	return true;
}

static void not_carried(struct lu_update_cell *cell, char *why)
{
	cell->carried = LU_NOT_CARRIED;
	g_free(cell->why);
	cell->why = why;
}

/* What the update has brought, and what it has kept. */
static bool judge(struct trial *trial, GError **error)
{
	GError *own = NULL;
	bool kept;
	char *why;

	if (!look(trial->guest, &kept, error) || (!kept && !fill(trial->guest, error)))
		return false;
	trial->cell->carried = kept ? LU_CARRIED : LU_CARRIED_LOST;
	why = question(trial->guest, trial->update, true, !kept, &own);
	if (why)
		not_carried(trial->cell, why);
	if (own)
		g_propagate_error(error, own);
	return !own;
}

static bool take_back(struct trial *trial, enum lu_mechanism mechanism, GError **error)
{
	bool kept;

	if (mechanism != LU_BY_HOTSWAP && mechanism != LU_BY_LIVEPATCH)
		return true;
	if (!undo(trial, mechanism, error) || !look(trial->guest, &kept, error))
		return false;
	trial->cell->undone = kept;
	return true;
}

static bool stay_inside(const struct trial *trial, GError **error)
{
	return !trial->update->inside ||
	       call(trial->guest, "ask.stay",
		    json_pack("{s:s, s:s}", "device", shelves[0], "text", trial->update->inside),
		    NULL, error);
}

/* Version 1 has to answer as the update's source says, or the update would prove nothing. */
static bool base_is_right(struct trial *trial, GError **error)
{
	GError *own = NULL;
	g_autofree char *why = question(trial->guest, trial->update, false, false, &own);

	if (own)
		g_propagate_error(error, own);
	else if (why)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "update %s: of version 1 %s",
			    trial->update->name, why);
	return !own && !why;
}

static bool prepare(struct trial *trial, enum lu_mechanism mechanism, GError **error)
{
	return mechanism == LU_BY_KEXEC ||
	       (begin(trial, error) && base_is_right(trial, error) && stay_inside(trial, error));
}

static bool apply(struct trial *trial, enum lu_mechanism mechanism, GError **error)
{
	static bool (*const how[LU_MECHANISMS])(struct trial * trial, GError * *error) = {
		hotswap, livepatch, reload, after_kexec};

	return how[mechanism](trial, error);
}

static bool see_warned(struct trial *trial, GError **error)
{
	json_auto_t *state = NULL;

	if (!call(trial->guest, "swap.state", NULL, &state, error))
		return false;
	if (json_is_true(json_object_get(state, "warned"))) {
		const char *said = json_string_value(json_object_get(state, "said"));

		not_carried(trial->cell,
			    g_strconcat("the kernel has warned", said ? ": " : NULL, said, NULL));
		trial->cell->carried = LU_BROKE;
	}
	return true;
}

static bool hold(struct trial *trial, enum lu_mechanism mechanism, GError **error)
{
	g_autoptr(GError) refused = NULL;

	if (!prepare(trial, mechanism, error))
		return false;
	if (!apply(trial, mechanism, &refused)) {
		not_carried(trial->cell, g_strdup(refused->message));
		/* Whether the guest lives is for the next call to find out. */
		trial->cell->undone = true;
	} else if (!judge(trial, error) || !take_back(trial, mechanism, error)) {
		return false;
	}
	return end(trial, error) && see_warned(trial, error);
}

static unsigned lines_of(const struct lu_update *update, enum lu_mechanism mechanism)
{
	return mechanism == LU_BY_HOTSWAP     ? update->swap_lines
	       : mechanism == LU_BY_LIVEPATCH ? update->patch_lines
					      : 0;
}

bool lu_update_try(struct lu_guest *guest, const struct lu_update *update,
		   enum lu_mechanism mechanism, struct lu_update_cell *cell, GError **error)
{
	g_autofree char *version = g_strconcat("lu_catalog_", update->name, NULL);
	struct trial trial = {guest, update, version, cell};

	*cell = (struct lu_update_cell){.took_ns = -1};
	cell->lines = lines_of(update, mechanism);
	return hold(&trial, mechanism, error);
}

bool lu_update_jump(struct lu_guest *guest, const char *method, const char *image, GError **error)
{
	static const char *const block[] = {"block", NULL};
	struct trial trial = {.guest = guest};
	json_t *args = json_pack("{s:s, s:s, s:b, s:s, s:s}", "method", method, "image", image,
				 "checksum", 0, "append", "", "place", "auto");

	if (!begin(&trial, error) || !load(guest, block, NULL, error) ||
	    !call(guest, "stage", NULL, NULL, error)) {
		json_decref(args);
		return false;
	}
	return call(guest, "kexec.load", args, NULL, error) &&
	       guest->ops->jump(guest, "kexec.jump", NULL, CALL_NS, error);
}

static void add(GPtrArray *list, char *name)
{
	g_ptr_array_add(list, name);
}

GPtrArray *lu_update_kmods(const GPtrArray *updates)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	add(list, g_strdup("lu_swap track=counter"));
	add(list, g_strdup("lu_catalog_hub"));
	add(list, g_strdup("lu_catalog_v1"));
	add(list, g_strdup("lu_catalog"));
	for (guint i = 0; i < updates->len; i++) {
		const struct lu_update *update = updates->pdata[i];

		if (update->module)
			add(list, g_strdup(update->module));
		add(list, g_strconcat("lu_catalog_", update->name, NULL));
		add(list, g_strconcat("lu_catalog_lp_", update->name, NULL));
	}
	g_ptr_array_add(list, NULL);
	return list;
}
