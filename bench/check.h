/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lubench needs of a host, one check a line. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "model/machine.h"

struct lu_check {
	char *name; /* a program, a file or a property of the host */
	bool ok;
	bool needed;  /* by the default machine, which decides the exit status */
	char *detail; /* what was found, or what is wrong */
	char *advice; /* what to do when it is missing; NULL: nothing can be done */
};

void lu_check_free(struct lu_check *check);
/* All checks, in order of importance: of the host, then of each machine. An array that owns its
 * struct lu_check. */
GPtrArray *lu_check_all(void);

/* Parts of it: each appends its lines. */
/* detail is taken; advice is copied, and kept only when !ok. */
void lu_check_add(GPtrArray *checks, const char *name, bool needed, bool ok, char *detail,
		  const char *advice);
#define LU_CHECK_VERSION_S 10 /* for a program to say its version, on a busy host, too */
/* Does the program start, and which version is it? It is given that many seconds to say so. */
void lu_check_program(GPtrArray *checks, const char *program, unsigned within_s, bool needed,
		      const char *advice);
void lu_check_memory(GPtrArray *checks, const struct lu_machine *machine, bool needed);
void lu_check_host(GPtrArray *checks);
