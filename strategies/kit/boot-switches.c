/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/kit/boot-switches.h"
#include "record/error.h"

const char *const lu_boot_settings[] = {"auto", "plain", "fast", NULL};

static const char *setting_of(const struct lu_plan *plan, const char *name)
{
	return lu_param_str(plan->strategy_params, name);
}

bool lu_boot_switch_is_plain(const struct lu_plan *plan, const char *name)
{
	return g_str_equal(setting_of(plan, name), "plain");
}

bool lu_boot_switches_asked(const struct lu_plan *plan, GError **error)
{
	for (const char *const *name = lu_boot_switches; *name; name++)
		if (!g_str_equal(setting_of(plan, *name), "auto") &&
		    !lu_boot_switch_offered(plan->machine, *name, error))
			return false;
	return true;
}

void lu_boot_switches_needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	for (const char *const *name = lu_boot_switches; *name; name++)
		lu_boot_switch_add(plan->machine, *name, !lu_boot_switch_is_plain(plan, *name),
				   &needs->next_boot);
}

/* {"WORD": REGEX} of all switches as they are set; new reference. */
static json_t *to_learn(const struct lu_plan *plan)
{
	json_t *all = json_object();

	for (const char *const *name = lu_boot_switches; *name; name++) {
		const json_t *learns = lu_boot_switch_learns(plan->machine, *name,
							     !lu_boot_switch_is_plain(plan, *name));

		if (learns)
			json_object_update(all, (json_t *)learns);
	}
	return all;
}

static bool tell(struct lu_run *run, const char *words, GError **error)
{
	const struct lu_guest_ops *ops = run->guest->ops;

	if (ops->boot_words)
		return ops->boot_words(run->guest, words, error);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "this guest's boot loader cannot be given words: calibration=plain");
	return false;
}

bool lu_boot_switches_configure(struct lu_run *run, GError **error)
{
	json_t *learn = to_learn(run->plan);
	json_auto_t *reply = NULL;
	const char *words;

	if (!json_object_size(learn)) {
		json_decref(learn);
		return true;
	}
	if (!lu_run_call(run, "log.words", json_pack("{s:o}", "patterns", learn), &reply, error))
		return false;
	words = json_string_value(json_object_get(reply, "words")) ?: "";
	lu_run_note(run, "boot.words", words);
	return tell(run, words, error);
}

bool lu_boot_switches_reset(struct lu_run *run, GError **error)
{
	const struct lu_guest_ops *ops = run->guest->ops;

	return !ops->boot_words || ops->boot_words(run->guest, "", error);
}
