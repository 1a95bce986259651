/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters against what the machine offers and what goes together. */
#include "strategies/kexec/choice.h"
#include "record/error.h"
#include "model/machine.h"
#include "model/param.h"

/* Several words from the machine, narrowed to the one that was asked for. */
static bool offered(const char *key, const char *asked, char **have, const char *machine,
		    GError **error)
{
	g_autofree char *all = NULL;

	if (g_str_equal(asked, "auto") ? have[0] != NULL
				       : g_strv_contains((const char *const *)have, asked))
		return true;
	all = g_strjoinv(", ", have);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "%s=%s: machine %s has %s", key, asked,
		    machine, *all ? all : "none");
	return false;
}

static bool fits(const char *asked, const char *word)
{
	return g_str_equal(asked, "auto") || g_str_equal(asked, word);
}

/* NULL: these go together; otherwise why not. */
static const char *conflict(const struct lu_plan *plan, const char *method, const char *image,
			    bool checksum)
{
	bool has_bzimage = g_strv_contains((const char *const *)plan->machine->images, "bzimage");
	bool huge = g_str_equal(lu_param_str(plan->strategy_params, "place"), "huge");

	if (huge && !g_str_equal(method, "direct"))
		return "only the agent's own loader can put a kernel in place: method=direct";

	if (g_str_equal(method, "direct") && checksum)
		return "method=direct has no purgatory to verify a checksum: checksum=off";
	if (g_str_equal(method, "file") && !checksum)
		return "kexec_file_load always verifies its checksum: checksum=on";
	if (g_str_equal(method, "direct") && g_str_equal(image, "bzimage"))
		return "method=direct loads the segments of an ELF file: image=vmlinux";
	if (g_str_equal(method, "file") && has_bzimage && !g_str_equal(image, "bzimage"))
		return "kexec_file_load takes no ELF file on this machine: image=bzimage";
	return NULL;
}

/* The machine's first method and image that fit what was asked for and each other. */
static bool choose_kernel(const struct lu_plan *plan, struct kexec_choice *choice, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	const char *method = lu_param_str(plan->strategy_params, "method");
	const char *image = lu_param_str(plan->strategy_params, "image");
	bool checksum = lu_param_bool(plan->strategy_params, "checksum");
	const char *why = NULL;

	for (char **m = machine->kexec_methods; *m; m++)
		for (char **i = machine->images; fits(method, *m) && *i; i++) {
			if (!fits(image, *i))
				continue;
			why = conflict(plan, *m, *i, checksum);
			if (!why) {
				choice->method = *m;
				choice->image = *i;
				return true;
			}
		}
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "method=%s, image=%s and checksum=%s contradict each other: %s", method, image,
		    checksum ? "on" : "off", why);
	return false;
}

bool kexec_choose(const struct lu_plan *plan, struct kexec_choice *choice, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	const char *store = lu_param_str(plan->strategy_params, "store");

	if (!offered("store", store, machine->stores, machine->name, error) ||
	    !offered("image", lu_param_str(plan->strategy_params, "image"), machine->images,
		     machine->name, error) ||
	    !offered("method", lu_param_str(plan->strategy_params, "method"),
		     machine->kexec_methods, machine->name, error))
		return false;
	choice->store = g_str_equal(store, "auto") ? machine->stores[0] : store;
	return choose_kernel(plan, choice, error);
}
