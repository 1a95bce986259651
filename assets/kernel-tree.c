/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of a built kernel, as kbuild leaves it. */
#include "assets/kernel-tree.h"
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/kernel-files.h"

#define HOW                                                                                        \
	"a built kernel is the folder in which make ran, then `make modules_install "              \
	"INSTALL_MOD_PATH=` that folder"

static bool incomplete(const char *path, const char *what, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s has no %s: " HOW, path, what);
	return false;
}

/* Path of a part of the tree, or NULL with error. g_free. */
static char *part(const char *path, const char *name, GError **error)
{
	g_autofree char *full = g_build_filename(path, name, NULL);

	if (access(full, R_OK) == 0)
		return g_steal_pointer(&full);
	incomplete(path, name, error);
	return NULL;
}

static char *read_part(const char *path, const char *name, GError **error)
{
	g_autofree char *full = part(path, name, error);
	g_autoptr(GError) cause = NULL;
	char *text = NULL;

	if (full && !g_file_get_contents(full, &text, NULL, &cause))
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s", cause->message);
	return text;
}

/* A build names its architecture as uname does, and so do machines: #define UTS_MACHINE "ARCH" */
static bool fits(const char *path, const struct lu_machine *machine, GError **error)
{
	g_autofree char *text = read_part(path, "include/generated/compile.h", error);
	const char *define = text ? strstr(text, "#define UTS_MACHINE") : NULL;
	g_auto(GStrv) words = define ? g_strsplit(define, "\"", 3) : NULL;
	const char *arch = words && words[0] && words[1] ? words[1] : NULL;

	if (!text || (arch && g_str_equal(arch, machine->arch)))
		return text != NULL;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s is built for %s, but machine %s needs %s",
		    path, arch ? arch : "no known architecture", machine->name, machine->arch);
	return false;
}

static bool find_modules(struct lu_kernel *kernel, GError **error)
{
	g_autofree char *name = g_build_filename("lib/modules", kernel->release, NULL);
	g_autofree char *dep = g_build_filename(name, "modules.dep", NULL);
	g_autofree char *full = part(kernel->tree, dep, error);

	kernel->modules = g_build_filename(kernel->tree, name, NULL);
	return full != NULL;
}

static bool hash_image(struct lu_kernel *kernel, GError **error)
{
	g_autoptr(GError) cause = NULL;

	kernel->sha256 = lu_kernel_hash(kernel, kernel->image, &cause);
	if (!kernel->sha256)
		g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE, cause->message);
	return kernel->sha256;
}

static bool fill(struct lu_kernel *kernel, const struct lu_machine *machine, GError **error)
{
	char *image, *vmlinux;

	kernel->release = read_part(kernel->tree, "include/config/kernel.release", error);
	if (!kernel->release)
		return false;
	g_strstrip(kernel->release);
	if (!fits(kernel->tree, machine, error))
		return false;
	image = part(kernel->tree, machine->kernel_image, error);
	if (!image)
		return false;
	lu_kernel_take_image(kernel, image);
	vmlinux = part(kernel->tree, "vmlinux", error);
	if (!vmlinux)
		return false;
	lu_kernel_take_file(kernel, "vmlinux", vmlinux);
	return find_modules(kernel, error) && hash_image(kernel, error);
}

struct lu_kernel *lu_kernel_tree_open(const char *path, const struct lu_machine *machine,
				      GError **error)
{
	g_autoptr(lu_kernel) kernel = g_new0(struct lu_kernel, 1);

	if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s is not a folder: " HOW, path);
		return NULL;
	}
	kernel->tree = g_canonicalize_filename(path, NULL);
	return fill(kernel, machine, error) ? g_steal_pointer(&kernel) : NULL;
}

void lu_kernel_tree_free(struct lu_kernel *kernel)
{
	if (!kernel)
		return;
	lu_kernel_clear(kernel);
	g_free(kernel);
}

char *lu_kernel_tree_arch(const char *path)
{
	g_autofree char *all = g_build_filename(path, "arch", NULL);
	g_autoptr(GDir) dir = g_dir_open(all, 0, NULL);
	const char *name;

	/* Only the architecture that it was built for has generated headers. */
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *made = g_build_filename(all, name, "include/generated", NULL);

		if (g_file_test(made, G_FILE_TEST_IS_DIR))
			return g_strdup(name);
	}
	return NULL;
}
