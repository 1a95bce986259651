/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes (probes/), as the program that carries them says when this one is built. */
#pragma once
#include <glib.h>
#include <stdbool.h>

struct lu_probe_entry {
	const char *name;   /* "pipe-data" */
	const char *family; /* "Pipes" */
	const char *title, *see;
	bool disk;  /* it keeps files on the data disk */
	bool guest; /* tried in guests only */
	/* what a machine may be without on which it is missing; NULL: nothing */
	const char *lacks;
};

/* By families; ends with {}. */
extern const struct lu_probe_entry lu_probe_entries[];
/* Those that a value of parameter "probe" names, "a+b" or "all", each once, in the order in which the
 * service has them. Borrowed; to g_ptr_array_unref. */
GPtrArray *lu_probe_list(const char *names);
/* Their names in the same order, then "all"; ends with NULL. */
extern const char *const lu_probe_names[];
