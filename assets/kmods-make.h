/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How make is run for modules: all together; when that fails, each component by itself. */
#pragma once
#include "assets/kmods.h"

/* Ends the name of the file COMPONENT.error, which says why a component was not built. */
#define LU_KMODS_ERROR ".error"

/*
 * Builds them in folder, a copy of the sources, against those headers. files: the sources' names.
 * A component that does not build for this kernel leaves a file that says so. LU_ERROR_UNSUPPORTED
 * when not even the framework builds, with the first error; other errors are make's own.
 */
bool lu_kmods_make(const struct lu_kmods *kmods, GPtrArray *files, const char *headers,
		   const char *folder, const char *compiler, GError **error);
/* Are the wanted modules in the folder of those that were built? LU_ERROR_UNSUPPORTED: why not. */
bool lu_kmods_has_wanted(const struct lu_kmods *kmods, GPtrArray *files, const char *folder,
			 GError **error);
