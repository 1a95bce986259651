/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lubench compare runs when it is given no runs: all strategies against all workloads. */
#pragma once
#include <glib.h>
#include <jansson.h>

struct lu_matrix_choice {
	const char *strategies, *workloads; /* "a,b"; NULL: all there are */
	const char *guest;		    /* "qemu" or "sim"; NULL: the default */
	char **sets;			    /* DOTTED.KEY=VALUE; may be NULL */
	int repeat;			    /* runs of each cell */
};

/* The matrix as a sweep's definition; new reference. LU_ERROR_USAGE. */
json_t *lu_matrix_define(const struct lu_matrix_choice *choice, GError **error);
