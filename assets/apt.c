/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apt with a private state: its configuration, and the four commands that we run. */
#include "assets/apt.h"
#include <glib/gstdio.h>
#include <string.h>
#include "record/error.h"
#include "host/child.h"

#define UPDATE_TIMEOUT_S   600
#define DOWNLOAD_TIMEOUT_S 1800
#define QUERY_TIMEOUT_S	   120

/*
 * apt reads APT_CONFIG first, then the host's apt.conf.d, then Dir::Etc::main (apt.conf(5)): so
 * ours is the main file, read last, and includes the host's own. Hooks of the host (PackageKit,
 * docker-clean) must not run for a private state.
 */
static char *configuration(const struct lu_apt *apt)
{
	GString *text = g_string_new(NULL);

	if (g_file_test("/etc/apt/apt.conf", G_FILE_TEST_EXISTS))
		g_string_append(text, "#include \"/etc/apt/apt.conf\";\n");
	g_string_append_printf(text,
			       "Dir::State \"%s/state\";\n"
			       "Dir::State::status \"%s/status\";\n"
			       "Dir::Cache \"%s/cache\";\n"
			       "Dir::Cache::pkgcache \"pkgcache.bin\";\n"
			       "Dir::Cache::srcpkgcache \"\";\n"
			       "Dir::Log \"%s\";\n",
			       apt->dir, apt->dir, apt->dir, apt->dir);
	g_string_append_printf(text,
			       "#clear APT::Architectures;\n"
			       "APT::Architecture \"%s\";\n"
			       "APT::Architectures { \"%s\"; };\n",
			       apt->arch, apt->arch);
	g_string_append(text,
			"#clear APT::Update::Pre-Invoke;\n"
			"#clear APT::Update::Post-Invoke;\n"
			"#clear APT::Update::Post-Invoke-Success;\n"
			"#clear DPkg::Pre-Invoke;\n"
			"#clear DPkg::Post-Invoke;\n"
			"#clear DPkg::Pre-Install-Pkgs;\n"
			"APT::Sandbox::User \"root\";\n"
			"APT::Get::AllowUnauthenticated \"false\";\n"
			"APT::Keep-Downloaded-Packages \"true\";\n"
			"Acquire::Languages \"none\";\n"
			"Acquire::Retries \"2\";\n"
			"Acquire::http::Timeout \"30\";\n"
			"Acquire::https::Timeout \"30\";\n"
			"Acquire::IndexTargets::deb-src::Sources::DefaultEnabled \"false\";\n");
	return g_string_free(text, FALSE);
}

static bool write_file(const char *path, const char *text, GError **error)
{
	g_autoptr(GError) cause = NULL;

	if (g_file_set_contents(path, text, -1, &cause))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s", cause->message);
	return false;
}

static bool make_state(const struct lu_apt *apt, GError **error)
{
	static const char *const folders[] = {"state/lists/partial", "cache/archives/partial"};
	g_autofree char *main_path = g_build_filename(apt->dir, "main.conf", NULL);
	g_autofree char *first_path = g_build_filename(apt->dir, "first.conf", NULL);
	g_autofree char *status_path = g_build_filename(apt->dir, "status", NULL);
	g_autofree char *main_text = configuration(apt);
	g_autofree char *first_text = g_strdup_printf("Dir::Etc::main \"%s\";\n", main_path);

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(apt->dir, folders[i], NULL);

		if (g_mkdir_with_parents(path, 0755) < 0) {
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot create %s: %s", path,
				    g_strerror(errno));
			return false;
		}
	}
	return write_file(main_path, main_text, error) &&
	       write_file(first_path, first_text, error) && write_file(status_path, "", error);
}

struct lu_apt *lu_apt_new(const char *dir, const char *arch, GCancellable *cancellable,
			  GError **error)
{
	g_autofree char *program = g_find_program_in_path("apt-get");
	struct lu_apt *apt;

	if (!program) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "apt-get is not installed: guests are made of Debian packages");
		return NULL;
	}
	apt = g_new0(struct lu_apt, 1);
	apt->dir = g_strdup(dir);
	apt->arch = g_strdup(arch);
	g_set_object(&apt->cancellable, cancellable);
	if (!make_state(apt, error))
		g_clear_pointer(&apt, lu_apt_free);
	return apt;
}

void lu_apt_free(struct lu_apt *apt)
{
	if (!apt)
		return;
	g_free(apt->dir);
	g_free(apt->arch);
	g_free(apt->complaints);
	g_clear_object(&apt->cancellable);
	g_free(apt);
}

static bool run(struct lu_apt *apt, const char *const *argv, const char *cwd, unsigned timeout_s,
		struct lu_child_result *result, GError **error)
{
	g_autofree char *config = g_build_filename(apt->dir, "first.conf", NULL);
	const char *env[] = {"APT_CONFIG", config, NULL};
	struct lu_child child = {
		.argv = argv,
		.env = env,
		.cwd = cwd,
		.timeout_s = timeout_s,
		.cancellable = apt->cancellable,
	};

	return lu_child_run(&child, result, error);
}

/* The lines of apt's stderr that give the reason ("E: …", else "W: …"), joined into one. */
static char *reason(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (const char *kind = "EW"; *kind; kind++) {
		g_autoptr(GString) joined = g_string_new(NULL);

		for (char **line = lines; *line && joined->len < 300; line++)
			if ((*line)[0] == *kind && (*line)[1] == ':')
				g_string_append_printf(joined, "%s%s", joined->len ? "; " : "",
						       g_strstrip(*line + 2));
		if (joined->len)
			return g_strdup(joined->str);
	}
	return NULL;
}

bool lu_apt_update(struct lu_apt *apt, GError **error)
{
	static const char *const argv[] = {"apt-get", "-q", "update", NULL};
	struct lu_child_result result;

	if (!run(apt, argv, NULL, UPDATE_TIMEOUT_S, &result, error))
		return false;
	g_free(apt->complaints);
	apt->complaints = reason(result.err);
	if (result.status && !apt->complaints)
		apt->complaints = g_strdup_printf("apt-get update: exit status %d", result.status);
	lu_child_result_clear(&result);
	return true;
}

char **lu_apt_names(struct lu_apt *apt, const char *prefix, GError **error)
{
	const char *argv[] = {"apt-cache", "pkgnames", prefix, NULL};
	struct lu_child_result result;
	char **names;

	if (!run(apt, argv, NULL, QUERY_TIMEOUT_S, &result, error))
		return NULL;
	names = g_strsplit_set(g_strchomp(result.out), "\n", -1);
	lu_child_result_clear(&result);
	return names;
}

GPtrArray *lu_apt_show(struct lu_apt *apt, const char *const *names, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	struct lu_child_result result;
	GPtrArray *packages;

	g_ptr_array_add(argv, (void *)"apt-cache");
	g_ptr_array_add(argv, (void *)"--no-all-versions");
	g_ptr_array_add(argv, (void *)"show");
	for (; *names; names++)
		g_ptr_array_add(argv, (void *)*names);
	g_ptr_array_add(argv, NULL);
	/* Its exit status only says that some name is unknown:
	 * the caller sees from the packages which. */
	if (!run(apt, (const char *const *)argv->pdata, NULL, QUERY_TIMEOUT_S, &result, error))
		return NULL;
	packages = lu_package_parse(result.out);
	lu_child_result_clear(&result);
	return packages;
}

bool lu_apt_download(struct lu_apt *apt, GPtrArray *packages, const char *into, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	struct lu_child_result result;
	g_autofree char *why = NULL;
	bool ok;

	g_ptr_array_add(argv, g_strdup("apt-get"));
	g_ptr_array_add(argv, g_strdup("-q"));
	g_ptr_array_add(argv, g_strdup("download"));
	for (guint i = 0; i < packages->len; i++) {
		const struct lu_package *package = packages->pdata[i];

		g_ptr_array_add(argv, g_strdup_printf("%s=%s", package->name, package->version));
	}
	g_ptr_array_add(argv, NULL);
	if (!run(apt, (const char *const *)argv->pdata, into, DOWNLOAD_TIMEOUT_S, &result, error))
		return false;
	ok = result.status == 0;
	why = reason(result.err);
	if (!ok)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "apt-get download: %s",
			    why ? why : "failed without a reason");
	lu_child_result_clear(&result);
	return ok;
}
