/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result of an earlier version does not say. */
#include "bench/report/lacks.h"
#include <glib.h>
#include "record/metrics.h"

static void add(GString *all, const char *name)
{
	g_string_append_printf(all, "%s%s", all->len ? ", " : "", name);
}

/* There is no list of metrics but the results themselves. */
static void add_metrics(GString *all, const json_t *metrics)
{
	struct lu_timeline *nothing = lu_timeline_new();
	struct lu_metrics none = lu_metrics_compute(nothing);
	json_t *names = lu_metrics_to_json(&none, nothing), *value;
	const char *name;

	json_object_foreach(names, name, value)
	{
		if (!json_object_get(metrics, name))
			add(all, name);
	}
	json_decref(names);
	lu_timeline_free(nothing);
}

char *lu_lacks(const json_t *result)
{
	GString *all = g_string_new(NULL);

	if (!json_object_get(result, "validity"))
		add(all, "validity");
	add_metrics(all, json_object_get(result, "metrics"));
	return g_string_free(all, all->len == 0);
}
