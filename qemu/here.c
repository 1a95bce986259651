/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/here.h"
#include <string.h>
#include "assets/assets.h"
#include "host/child.h"
#include "qemu/vm/accel.h"

enum { VERSION_S = 20 };

/* "QEMU emulator version 7.2.22 (Debian …)" says what QEMU says to its monitor's clients, too.
 * g_free; NULL: it says nothing of the kind. */
static char *version_of(const char *qemu)
{
	const char *const argv[] = {qemu, "--version", NULL};
	const struct lu_child child = {.argv = argv, .timeout_s = VERSION_S};
	g_autofree char *says = lu_child_says(&child, NULL);
	const char *word = says ? strstr(says, " version ") : NULL;

	if (!word)
		return NULL;
	word += strlen(" version ");
	return g_strndup(word, strcspn(word, "\n"));
}

static void add_packages(json_t *here, const struct lu_machine *machine)
{
	const struct lu_assets_options options = {.offline = true};
	struct lu_assets *assets = lu_assets_open(machine, &options, NULL);

	if (!assets)
		return;
	json_object_set(here, "assets", lu_assets_describe(assets));
	lu_assets_free(assets);
}

json_t *lu_qemu_here(const struct lu_plan *plan)
{
	g_autofree char *why = NULL;
	g_autofree char *version = version_of(plan->machine->qemu);
	const char *accel = lu_accel_choose(plan->accel, plan->machine->arch, &why, NULL);
	json_t *here = json_object();

	if (accel)
		json_object_set_new(here, "accelerator", json_string(accel));
	if (version)
		json_object_set_new(here, "qemu", json_string(version));
	add_packages(here, plan->machine);
	return here;
}
