/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of each machine: QEMU, accelerator, agent, assets, memory. */
#include "bench/check.h"
#include "bench/cli.h"
#include "assets/assets.h"

static void check_agent(GPtrArray *checks, const struct lu_machine *machine, bool needed)
{
	static const char *const programs[] = {"agent", "tick"};
	g_autofree char *dir = lu_cli_guest_dir();

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

static void check_payload(GPtrArray *checks, const struct lu_machine *machine, bool needed)
{
	g_autofree char *name = g_strdup_printf("%s payload", machine->name);
	char *path = g_build_filename(machine->folder, machine->payload.file, NULL);

	lu_check_add(checks, name, needed, g_file_test(path, G_FILE_TEST_IS_REGULAR), path,
		     "build it, and put it there");
}

/* g_free. */
static char *package_advice(const struct lu_machine *machine)
{
	g_auto(GStrv) packages = lu_machine_packages(machine);
	g_autofree char *list = g_strjoinv(" ", packages);

	return *list ? g_strdup_printf("apt-get install %s", list)
		     : g_strdup_printf("install the package that has %s", machine->qemu);
}

static void check_machine(GPtrArray *checks, const struct lu_machine *machine)
{
	bool needed = g_strcmp0(machine->name, lu_cli_default_machine()) == 0;
	g_autofree char *advice = package_advice(machine);

	lu_check_program(checks, machine->qemu, LU_CHECK_VERSION_S, needed, advice);
	if (machine->payload.file) {
		check_payload(checks, machine, needed);
	} else {
		check_agent(checks, machine, needed);
		check_assets(checks, machine, needed);
	}
	lu_check_memory(checks, machine, needed);
}

/* Reports only a missing one: the checks of an existing machine follow. */
static void check_default(GPtrArray *checks, const char *dir)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = lu_machine_default(dir, &error);
	struct lu_machine *machine = name ? lu_machine_load(dir, name, &error) : NULL;

	if (!machine)
		lu_check_add(checks, "default machine", true, false, g_strdup(error->message),
			     "write the name of a machine into the file \"default\" in the folder "
			     "machines/");
	lu_machine_free(machine);
}

static void check_machines(GPtrArray *checks)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = lu_cli_data_dir("machines");
	g_auto(GStrv) names = lu_machine_list(dir, &error);

	if (names)
		check_default(checks, dir);
	for (char **name = names; name && *name; name++) {
		struct lu_machine *machine = lu_machine_load(dir, *name, &error);

		if (!machine)
			break;
		check_machine(checks, machine);
		lu_machine_free(machine);
	}
	lu_check_add(checks, "machines", true, !error, g_strdup(error ? error->message : dir),
		     "set LUBENCH_DATA_DIR to the folder that has machines/");
}

GPtrArray *lu_check_all(void)
{
	GPtrArray *checks = g_ptr_array_new_with_free_func((GDestroyNotify)lu_check_free);

	lu_check_host(checks);
	check_machines(checks);
	return checks;
}
