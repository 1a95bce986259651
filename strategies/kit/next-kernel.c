/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks parameters against what the machine offers and against each other; loads
 * by the agent's verbs. */
#include "strategies/kit/next-kernel.h"
#include "record/error.h"
#include "model/machine.h"
#include "model/param.h"

const char *const lu_kexec_methods[] = {"auto", "direct", "file", "tools", NULL};
const char *const lu_kexec_places[] = {"auto", "huge", "copy", NULL};
const char *const lu_kexec_cmdlines[] = {"fast", "same", NULL};

bool lu_kexec_offered(const char *key, const char *asked, char **have, const char *machine,
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

/* NULL: the three are compatible; otherwise why not. */
static const char *conflict(const struct lu_plan *plan, const char *method, const char *image,
			    bool checksum)
{
	bool has_bzimage = g_strv_contains((const char *const *)plan->machine->images, "bzimage");
	bool huge = g_str_equal(lu_param_str(plan->strategy_params, "place"), "huge");

	if (huge && !g_str_equal(method, "direct"))
		return "only the agent's own loader can load a kernel in place: method=direct";

	if (g_str_equal(method, "direct") && checksum)
		return "method=direct has no purgatory to verify a checksum: checksum=off";
	if (g_str_equal(method, "file") && !checksum)
		return "kexec_file_load always verifies its checksum: checksum=on";
	if (g_str_equal(method, "direct") && !g_str_equal(image, "vmlinux"))
		return "method=direct loads the segments of an ELF file: image=vmlinux";
	if (g_str_equal(method, "file") && has_bzimage && !g_str_equal(image, "bzimage"))
		return "kexec_file_load takes no ELF file on this machine: image=bzimage";
	if (g_str_equal(method, "tools") && has_bzimage && !g_str_equal(image, "bzimage"))
		return "kexec-tools load no initramfs with an ELF file on this machine: "
		       "image=bzimage";
	return NULL;
}

/* The machine's first method and image that fit what was asked for and each other. */
static bool choose_kernel(const struct lu_plan *plan, struct lu_next_kernel *choice, GError **error)
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

bool lu_next_kernel_choose(const struct lu_plan *plan, struct lu_next_kernel *choice,
			   GError **error)
{
	const struct lu_machine *machine = plan->machine;

	return lu_kexec_offered("image", lu_param_str(plan->strategy_params, "image"),
				machine->images, machine->name, error) &&
	       lu_kexec_offered("method", lu_param_str(plan->strategy_params, "method"),
				machine->kexec_methods, machine->name, error) &&
	       choose_kernel(plan, choice, error);
}

/* For a plan that has passed the check. */
static struct lu_next_kernel chosen(const struct lu_plan *plan)
{
	struct lu_next_kernel choice = {};

	if (!lu_next_kernel_choose(plan, &choice, NULL))
		g_error("kexec: the plan was not checked");
	return choice;
}

void lu_next_kernel_needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	struct lu_next_kernel choice = chosen(plan);

	if (g_str_equal(choice.method, "tools"))
		lu_needs_program(needs, "kexec");
	needs->stage_next = true;
	needs->kernel_image = choice.image;
}

bool lu_next_kernel_stage(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "stage", NULL, &reply, error))
		return false;
	lu_run_claims(run, "stage", reply);
	return true;
}

bool lu_next_kernel_unstage(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "unstage", NULL, NULL, error);
}

bool lu_next_kernel_load(struct lu_run *run, GError **error)
{
	struct lu_next_kernel choice = chosen(run->plan);
	bool fast = g_str_equal(lu_param_str(run->params, "cmdline"), "fast");
	const char *more = fast ? run->plan->machine->kexec_cmdline : NULL;
	g_autofree char *append =
		g_strconcat(more ?: "", lu_needs_next_words(run->plan->needs), NULL);
	json_auto_t *reply = NULL;
	json_t *args =
		json_pack("{s:s, s:s, s:b, s:s, s:s}", "method", choice.method, "image",
			  choice.image, "checksum", (int)lu_param_bool(run->params, "checksum"),
			  "append", append, "place", lu_param_str(run->params, "place"));

	if (!lu_run_call(run, "kexec.load", args, &reply, error))
		return false;
	lu_run_claims(run, "kexec", reply);
	if (json_is_string(json_object_get(reply, "place")))
		lu_run_note(run, "kexec.place", json_string_value(json_object_get(reply, "place")));
	return true;
}

bool lu_next_kernel_unload(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "kexec.unload", NULL, NULL, error);
}

bool lu_next_kernel_jump(struct lu_run *run, GError **error)
{
	return lu_run_jump(run, "kexec.jump", NULL, error);
}
