/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs make for modules, and keeps what it says of components that a kernel is too new or too old
 * for. */
#include "assets/kmods-make.h"
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "host/child.h"
#include "assets/kernel-tree.h"

#define BUILD_TIMEOUT_S 600
#define FRAMEWORK	"swap"	      /* the component that all others build on */
#define OBJECTS		"/objects.mk" /* a component's list of modules */

/* The first line in which a compiler or a linker complains, without the folder of the build; else
 * the first line. g_free. */
static char *first_error(const char *said, const char *folder)
{
	static const char *const marks[] = {" error: ", "ERROR: ", ""};
	g_autofree char *prefix = g_strconcat(folder, "/", NULL);
	g_auto(GStrv) lines = g_strsplit(said, "\n", -1);

	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
		for (char **line = lines; *line; line++)
			if (**line && strstr(*line, marks[i])) {
				GString *text = g_string_new(*line);

				g_string_replace(text, prefix, "", 0);
				return g_string_free(text, FALSE);
			}
	return g_strdup("make says nothing");
}

static void build_failed(const struct lu_kmods *kmods, const struct lu_child_result *result,
			 const char *folder, const char *component, GError **error)
{
	g_autofree char *line = first_error(*result->err ? result->err : result->out, folder);

	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "component %s of the guest's modules does not build for kernel %s: %s",
		    component ? component : FRAMEWORK, kmods->kernel->release, line);
}

/* Debian's headers know their architecture; in a tree, make assumes the host's unless it is given.
 * g_free. */
static char *arch_word(const struct lu_kmods *kmods)
{
	g_autofree char *arch =
		kmods->kernel->tree ? lu_kernel_tree_arch(kmods->kernel->tree) : NULL;

	return arch ? g_strconcat("ARCH=", arch, NULL) : NULL;
}

/* component NULL: all of them. */
static bool run_make(const struct lu_kmods *kmods, const char *headers, const char *folder,
		     const char *compiler, const char *component, GError **error)
{
	g_autofree char *only = g_strconcat("LU_ONLY=", component, NULL);
	g_autofree char *asked = g_strconcat("LU_COMPONENT=", kmods->component, NULL);
	g_autofree char *m = g_strconcat("M=", folder, NULL);
	g_autofree char *cc = g_strconcat("CC=", compiler, NULL);
	g_autofree char *tools = g_strndup(compiler, (gsize)(strrchr(compiler, '/') - compiler));
	g_autofree char *base = g_path_get_basename(compiler);
	g_autofree char *prefix = g_strndup(base, (gsize)(strstr(base, "gcc") - base));
	g_autofree char *cross = g_strdup_printf("CROSS_COMPILE=%s/%s", tools, prefix);
	g_autofree char *arch = arch_word(kmods);
	g_autofree char *jobs = g_strdup_printf("-j%u", g_get_num_processors());
	/* Type information for BPF takes a program of its own (pahole), and nobody asks for it. */
	const char *argv[] = {"make",
			      "-s",
			      jobs,
			      "-C",
			      headers,
			      m,
			      cc,
			      cross,
			      only,
			      asked,
			      "CONFIG_DEBUG_INFO_BTF_MODULES=",
			      "modules",
			      arch,
			      NULL};
	struct lu_child child = {.argv = argv,
				 .timeout_s = BUILD_TIMEOUT_S,
				 .cancellable = kmods->options->cancellable};
	struct lu_child_result result;
	bool ok;

	if (!lu_child_run(&child, &result, error))
		return false;
	ok = result.status == 0;
	if (!ok)
		build_failed(kmods, &result, folder, component, error);
	lu_child_result_clear(&result);
	return ok;
}

static bool keep_error(const char *folder, const char *component, const GError *why)
{
	g_autofree char *path = g_strdup_printf("%s/%s" LU_KMODS_ERROR, folder, component);

	return g_file_set_contents(path, why->message, -1, NULL);
}

static bool make_each(const struct lu_kmods *kmods, GPtrArray *files, const char *headers,
		      const char *folder, const char *compiler, GError **error)
{
	if (!run_make(kmods, headers, folder, compiler, FRAMEWORK, error))
		return false;
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *component = g_path_get_dirname(files->pdata[i]);
		g_autoptr(GError) why = NULL;

		if (!g_str_has_suffix(files->pdata[i], OBJECTS) ||
		    run_make(kmods, headers, folder, compiler, component, &why))
			continue;
		if (g_error_matches(why, LU_ERROR, LU_ERROR_UNSUPPORTED) &&
		    keep_error(folder, component, why))
			continue;
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	return true;
}

bool lu_kmods_make(const struct lu_kmods *kmods, GPtrArray *files, const char *headers,
		   const char *folder, const char *compiler, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (run_make(kmods, headers, folder, compiler, NULL, &why))
		return true;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_UNSUPPORTED))
		return make_each(kmods, files, headers, folder, compiler, error);
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* Is the module one of the component whose list that is? A list may make names of others' parts. */
static bool is_of(const struct lu_kmods *kmods, const char *objects, const char *module)
{
	g_autofree char *path = g_build_filename(kmods->sources, objects, NULL);
	g_autofree char *component = g_path_get_dirname(objects);
	g_autofree char *prefix = g_strconcat("lu_", component, "_", NULL);
	g_autofree char *object = g_strconcat(module, ".o", NULL);
	g_autofree char *text = NULL;

	return g_str_has_prefix(module, prefix) ||
	       (g_file_get_contents(path, &text, NULL, NULL) && strstr(text, object));
}

/* What was said of the module's component; g_free. NULL: nothing. */
static char *find_error(const struct lu_kmods *kmods, GPtrArray *files, const char *folder,
			const char *module)
{
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *component = g_path_get_dirname(files->pdata[i]);
		g_autofree char *path = g_strdup_printf("%s/%s" LU_KMODS_ERROR, folder, component);
		char *text = NULL;

		if (g_str_has_suffix(files->pdata[i], OBJECTS) &&
		    is_of(kmods, files->pdata[i], module) &&
		    g_file_get_contents(path, &text, NULL, NULL))
			return text;
	}
	return NULL;
}

bool lu_kmods_has_wanted(const struct lu_kmods *kmods, GPtrArray *files, const char *folder,
			 GError **error)
{
	for (const char *const *name = kmods->wanted; name && *name; name++) {
		g_autofree char *module = g_strdup_printf("%s/%s.ko", folder, *name);
		g_autofree char *why = NULL;

		if (access(module, R_OK) == 0)
			continue;
		why = find_error(kmods, files, folder, *name);
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "%s%s",
			    why ? why : "no source makes the guest's module ", why ? "" : *name);
		return false;
	}
	return true;
}
