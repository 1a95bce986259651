/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens a machine's assets and prints where they are; with more arguments writes an initramfs. For
 * tests and developers. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "assets/assets.h"
#include "assets/kernel-form.h"
#include "qemu/boot/initramfs.h"

static void note(void *data, const char *text)
{
	fprintf(stderr, "assets-tool: %s\n", text);
}

static int fail(GError *error)
{
	fprintf(stderr, "assets-tool: %s\n", error->message);
	g_error_free(error);
	return 1;
}

static void print(const struct lu_assets *assets)
{
	json_t *package;
	size_t i;

	for (unsigned which = 0; which < 2; which++) {
		const struct lu_kernel *kernel = lu_assets_kernel(assets, which);

		printf("%s\n  image   %s\n  modules %s\n", kernel->release, kernel->image,
		       kernel->modules);
		for (size_t f = 0; lu_kernel_forms[f]; f++) {
			const char *name = lu_kernel_forms[f]->name;
			const char *path = lu_kernel_file(kernel, name, NULL);

			if (path)
				printf("  %s %s\n", name, path);
		}
	}
	printf("root %s\n", lu_assets_root(assets));
	json_array_foreach(lu_assets_describe(assets), i, package)
		printf("%s %s %s\n", json_string_value(json_object_get(package, "package")),
		       json_string_value(json_object_get(package, "version")),
		       json_string_value(json_object_get(package, "sha256")));
}

/* assets-tool MACHINE initramfs FILE KERNEL AGENT_DIR FEATURE,… PROGRAM,… */
static bool write_initramfs(const struct lu_machine *machine, const struct lu_assets *assets,
			    char **argv, GError **error)
{
	g_auto(GStrv) features = g_strsplit(argv[6], ",", -1);
	g_auto(GStrv) programs = g_strsplit(argv[7], ",", -1);
	struct lu_initramfs spec = {
		.machine = machine,
		.assets = assets,
		.kernel = lu_assets_kernel(assets, argv[4][0] == '1'),
		.agent_dir = argv[5],
		.features = (const char *const *)features,
		.programs = (const char *const *)programs,
	};
	int fd = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok = lu_initramfs_write(&spec, fd, error);

	close(fd);
	return ok;
}

int main(int argc, char **argv)
{
	struct lu_assets_options options = {.note = note};
	GError *error = NULL;
	struct lu_machine *machine;
	struct lu_assets *assets;
	bool ok = true;

	if (argc != 2 && argc != 3 && argc != 8) {
		fprintf(stderr, "usage: assets-tool MACHINE [refresh | offline |\n"
				"       initramfs FILE KERNEL AGENT_DIR FEATURES PROGRAMS]\n");
		return 2;
	}
	options.refresh = argc == 3 && !strcmp(argv[2], "refresh");
	options.offline = argc == 3 && !strcmp(argv[2], "offline");
	machine = lu_machine_load(LU_SOURCE_DIR "/machines", argv[1], &error);
	if (!machine)
		return fail(error);
	assets = lu_assets_open(machine, &options, &error);
	if (!assets)
		return fail(error);
	if (argc == 8)
		ok = write_initramfs(machine, assets, argv, &error);
	else
		print(assets);
	lu_assets_free(assets);
	lu_machine_free(machine);
	return ok ? 0 : fail(error);
}
