/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a service that was saturated before the upgrade cannot be judged for. */
#include "engine/oracle.h"

char *lu_oracle_backlog(const struct lu_finished_run *finished)
{
	g_autofree char *text = lu_saturation_text(&finished->before);

	return g_strconcat("; not judged, since the service was saturated: ", text, NULL);
}
