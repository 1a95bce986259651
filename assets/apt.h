/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apt with a private state: the host's own sources, keyrings, pins and proxies, but its own package
 * lists, its own (empty) dpkg status, any architecture, no hooks and no root. apt-get(8) still
 * checks signatures.
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_apt {
	char *dir;	  /* of lists, caches and the configuration */
	char *arch;	  /* of the packages, by Debian's name */
	char *complaints; /* errors of the last update, one line, or NULL */
	GCancellable *cancellable;
};

/* One stanza of apt-cache show: one version of a package. */
struct lu_package {
	char *name;
	char *version;
	char *arch;
	char *sha256; /* of the .deb, from the signed index */
	char **needs; /* names in Pre-Depends and Depends, every alternative, without versions */
	int64_t deb_bytes;
	int64_t installed_bytes;
};

/*
 * Sets up the private state in dir, which is created if necessary. LU_ERROR_UNSUPPORTED without
 * apt-get; LU_ERROR_FAILED when dir cannot be written.
 */
struct lu_apt *lu_apt_new(const char *dir, const char *arch, GCancellable *cancellable,
			  GError **error);
void lu_apt_free(struct lu_apt *apt);
/*
 * Refreshes the package lists. A source that fails is not an error here (it may not be needed):
 * apt's messages are kept in apt->complaints. False only when apt-get could not run, was cancelled
 * or timed out.
 */
bool lu_apt_update(struct lu_apt *apt, GError **error);
/* Names of known packages that start with prefix (they may have no version
 * to install). g_strfreev. */
char **lu_apt_names(struct lu_apt *apt, const char *prefix, GError **error);
/* The versions of these packages that apt would install; names without one are left out. Array of
 * struct lu_package. */
GPtrArray *lu_apt_show(struct lu_apt *apt, const char *const *names, GError **error);
/* Downloads these exact versions into folder into (which is the child's working directory). apt
 * checks them against its signed indexes; the caller checks SHA-256 again. LU_ERROR_FAILED with
 * apt's own message. */
bool lu_apt_download(struct lu_apt *apt, GPtrArray *packages, const char *into, GError **error);

/* Parses apt-cache show's output (Debian Policy 5.1). Exposed for tests. */
GPtrArray *lu_package_parse(const char *text);
void lu_package_free(struct lu_package *package);
/* The package of that name, or NULL. */
struct lu_package *lu_package_find(GPtrArray *packages, const char *name);
