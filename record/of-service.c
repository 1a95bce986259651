/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/of-service.h"
#include <string.h>

const char *lu_source_of(const char *source, const char *service)
{
	g_autofree char *own = service ? g_strdup_printf("%s:%s", source, service) : NULL;

	return g_intern_string(own ? own : source);
}

/* The source that the event has for that service; NULL: it is another's. Caller frees. */
static char *seen_as(const char *source, const char *service)
{
	const char *colon = strchr(source, ':');

	if (!colon)
		return g_strdup(source);
	return g_str_equal(colon + 1, service) ? g_strndup(source, (gsize)(colon - source)) : NULL;
}

struct lu_timeline *lu_timeline_of_service(const struct lu_timeline *timeline, const char *service)
{
	struct lu_timeline *own = lu_timeline_new();

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		g_autofree char *source = seen_as(event->source, service);

		if (source)
			lu_timeline_add(own, event->t_ns, source, event->kind, event->id,
					json_incref(event->value));
	}
	return own;
}
