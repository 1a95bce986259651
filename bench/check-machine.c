/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of each machine: QEMU, accelerator, agent, assets, memory. */
#include <string.h>
#include "bench/check.h"
#include "bench/cli.h"
#include "assets/assets.h"

#define JUDGED_BY "x86-q35"

static void check_agent(GPtrArray *checks, const struct lu_machine *machine, bool needed)
{
	static const char *const programs[] = {"agent", "tick"};
	g_autofree char *dir = lu_cli_exe_dir();

	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *file = g_strdup_printf("%s-%s", programs[i], machine->arch);
		char *path = g_build_filename(dir, file, NULL);
		bool ok = g_file_test(path, G_FILE_TEST_IS_EXECUTABLE);

		lu_check_add(checks, file, needed, ok, path,
			     "build it: cmake --build build (a foreign architecture needs its "
			     "cross compiler: "
			     "bench/install)");
	}
}

static void check_assets(GPtrArray *checks, const struct lu_machine *machine, bool needed)
{
	const struct lu_assets_options options = {.offline = true};
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_strdup_printf("%s assets", machine->name);
	g_autofree char *advice = g_strdup_printf("lubench assets %s", machine->name);
	struct lu_assets *assets = lu_assets_open(machine, &options, &error);

	if (!assets) {
		lu_check_add(checks, name, needed, false, g_strdup(error->message), advice);
		return;
	}
	lu_check_add(checks, name, needed, true,
		     g_strdup_printf("kernels %s and %s", lu_assets_kernel(assets, 0)->release,
				     lu_assets_kernel(assets, 1)->release),
		     NULL);
	lu_assets_free(assets);
}

static const char *qemu_package(const struct lu_machine *machine)
{
	return g_str_has_prefix(machine->qemu, "qemu-system-x86")
		       ? "apt-get install qemu-system-x86"
		       : "apt-get install qemu-system-ppc";
}

static void check_machine(GPtrArray *checks, const struct lu_machine *machine)
{
	bool needed = strcmp(machine->name, JUDGED_BY) == 0;

	lu_check_program(checks, machine->qemu, needed, qemu_package(machine));
	check_agent(checks, machine, needed);
	check_assets(checks, machine, needed);
	lu_check_memory(checks, machine, needed);
}

static void check_machines(GPtrArray *checks)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = lu_cli_data_dir("machines");
	g_auto(GStrv) names = lu_machine_list(dir, &error);

	for (char **name = names; name && *name; name++) {
		struct lu_machine *machine = lu_machine_load(dir, *name, &error);

		if (!machine)
			break;
		check_machine(checks, machine);
		lu_machine_free(machine);
	}
	lu_check_add(checks, "machines", true, !error, g_strdup(error ? error->message : dir),
		     "point LUBENCH_DATA_DIR at the folder that holds machines/");
}

GPtrArray *lu_check_all(void)
{
	GPtrArray *checks = g_ptr_array_new_with_free_func((GDestroyNotify)lu_check_free);

	lu_check_host(checks);
	check_machines(checks);
	return checks;
}
