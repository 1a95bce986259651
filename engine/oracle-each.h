/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Oracles that judge each upgrade of a run with several as if it were a run of its own. */
#pragma once
#include "engine/oracle.h"
#include "model/workload.h"

/* The upgrade number one->cycle, with its own part of the record; last: of the run. *evidence:
 * g_free. */
typedef enum lu_verdict (*lu_judge_fn)(const struct lu_finished_run *one, bool last,
				       char **evidence);

/* Adds the verdict of that name: that of the first upgrade which does not pass, or of the last. */
void lu_oracle_each(const struct lu_finished_run *finished, const char *name, lu_judge_fn judge,
		    json_t *oracles);
