/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol lines of services that count their own findings (workloads/kit/counted.h). */
#pragma once
#include "workloads/kit/counted.h"

struct lu_counted_word {
	uint64_t counts[LU_COUNTED_MOST];
	const char *version[LU_COMPONENT_INSTANCES + 1]; /* interned; ends with NULL */
};

/* release is interned. */
bool lu_counted_parse_reply(const struct lu_counted *what, const char *line, uint64_t *id,
			    const char **release, struct lu_counted_word *word);
bool lu_counted_parse_audit(const struct lu_counted *what, const char *line,
			    struct lu_counted_word *word);
/* Appends " COUNTS VERSION VERSION\n". */
void lu_counted_tell(const struct lu_counted *what, const struct lu_counted_word *word,
		     GString *line);
