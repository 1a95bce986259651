/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lubench needs of a host, one check a line. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "model/machine.h"

struct lu_check {
	char *name; /* of a program, a file, a quality of the host */
	bool ok;
	bool needed;  /* for the default machine, by which this host is judged */
	char *detail; /* what was found, or what is wrong */
	char *advice; /* what to do when it is missing; NULL: nothing can be done */
};

void lu_check_free(struct lu_check *check);
/* All checks, in order of importance: of the host, then of each machine. Array of struct lu_check,
 * which it owns. */
GPtrArray *lu_check_all(void);

/* Parts of it: each appends its lines. */
/* detail is taken; advice is copied, and kept only when !ok. */
void lu_check_add(GPtrArray *checks, const char *name, bool needed, bool ok, char *detail,
		  const char *advice);
/* Does it start, and what does it say its version is? */
void lu_check_program(GPtrArray *checks, const char *program, bool needed, const char *advice);
void lu_check_memory(GPtrArray *checks, const struct lu_machine *machine, bool needed);
void lu_check_host(GPtrArray *checks);
