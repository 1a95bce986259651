/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A package as apt-cache show describes it: stanzas of "Field: value" lines (Debian Policy 5.1). */
#include <string.h>
#include "assets/apt.h"

void lu_package_free(struct lu_package *package)
{
	if (!package)
		return;
	g_free(package->name);
	g_free(package->version);
	g_free(package->arch);
	g_free(package->sha256);
	g_strfreev(package->needs);
	g_free(package);
}

/* "libc6 (>= 2.34), python3:any | python" → "libc6", "python3", "python" appended (Policy 7.1). */
static void add_needs(GPtrArray *names, const char *value)
{
	g_auto(GStrv) parts = g_strsplit_set(value, ",|", -1);

	for (char **part = parts; *part; part++) {
		char *name = g_strstrip(*part);

		name[strcspn(name, " (:[<")] = '\0';
		if (*name)
			g_ptr_array_add(names, g_strdup(name));
	}
}

static void set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static void take_field(struct lu_package *package, GPtrArray *needs, const char *key,
		       const char *value)
{
	if (!strcmp(key, "Package"))
		set(&package->name, value);
	else if (!strcmp(key, "Version"))
		set(&package->version, value);
	else if (!strcmp(key, "Architecture"))
		set(&package->arch, value);
	else if (!strcmp(key, "SHA256"))
		set(&package->sha256, value);
	else if (!strcmp(key, "Size"))
		package->deb_bytes = g_ascii_strtoll(value, NULL, 10);
	else if (!strcmp(key, "Installed-Size")) /* in KiB, Policy 5.6.20 */
		package->installed_bytes = g_ascii_strtoll(value, NULL, 10) * 1024;
	else if (!strcmp(key, "Depends") || !strcmp(key, "Pre-Depends"))
		add_needs(needs, value);
}

static struct lu_package *parse_stanza(const char *stanza)
{
	g_auto(GStrv) lines = g_strsplit(stanza, "\n", -1);
	struct lu_package *package = g_new0(struct lu_package, 1);
	GPtrArray *needs = g_ptr_array_new();

	for (char **line = lines; *line; line++) {
		char *colon = strchr(*line, ':');

		if (!colon || (*line)[0] == ' ' || (*line)[0] == '\t')
			continue;
		*colon = '\0';
		take_field(package, needs, *line, g_strstrip(colon + 1));
	}
	g_ptr_array_add(needs, NULL);
	package->needs = (char **)g_ptr_array_free(needs, FALSE);
	return package;
}

GPtrArray *lu_package_parse(const char *text)
{
	g_auto(GStrv) stanzas = g_strsplit(text ? text : "", "\n\n", -1);
	GPtrArray *packages = g_ptr_array_new_with_free_func((GDestroyNotify)lu_package_free);

	for (char **stanza = stanzas; *stanza; stanza++) {
		struct lu_package *package = parse_stanza(*stanza);

		/* A stanza without all that it takes to fetch and verify the package is dropped. */
		if (package->name && package->version && package->arch && package->sha256)
			g_ptr_array_add(packages, package);
		else
			lu_package_free(package);
	}
	return packages;
}

struct lu_package *lu_package_find(GPtrArray *packages, const char *name)
{
	for (guint i = 0; i < packages->len; i++) {
		struct lu_package *package = packages->pdata[i];

		if (!strcmp(package->name, name))
			return package;
	}
	return NULL;
}
