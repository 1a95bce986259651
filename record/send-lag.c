/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How late the client itself was. */
#include "record/send-lag.h"
#include "record/quantile.h"

/* A connection could not carry requests in [begin, end). */
struct outage {
	int64_t begin_ns, end_ns;
};

static GArray *outages_of(GHashTable *all, int64_t conn)
{
	GArray *outages = g_hash_table_lookup(all, &conn);

	if (!outages) {
		outages = g_array_new(FALSE, FALSE, sizeof(struct outage));
		g_hash_table_insert(all, g_memdup2(&conn, sizeof(conn)), outages);
	}
	return outages;
}

static void take_state(GHashTable *all, const struct lu_event *event)
{
	GArray *outages = outages_of(all, event->id);
	const char *state = json_string_value(json_object_get(event->value, "state"));
	struct outage *last =
		outages->len ? &g_array_index(outages, struct outage, outages->len - 1) : NULL;
	bool is_down = last && last->end_ns == INT64_MAX, up = g_strcmp0(state, "up") == 0;
	struct outage outage = {event->t_ns, INT64_MAX};

	if (up && is_down)
		last->end_ns = event->t_ns;
	else if (!up && !is_down)
		g_array_append_val(outages, outage);
}

/* {connection: struct outage…, in order} */
static GHashTable *find_outages(const struct lu_timeline *timeline)
{
	GHashTable *all = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
						(GDestroyNotify)g_array_unref);

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (lu_event_is(event, "client", "conn"))
			take_state(all, event);
	}
	return all;
}

static bool could_be_sent(GHashTable *all, const struct lu_asked *asked)
{
	const GArray *outages = g_hash_table_lookup(all, &asked->conn);

	for (guint i = 0; outages && i < outages->len; i++) {
		const struct outage *outage = &g_array_index(outages, struct outage, i);

		if (outage->begin_ns <= asked->sent_ns && outage->end_ns > asked->intended_ns)
			return false;
	}
	return true;
}

struct lu_send_lag lu_send_lag_find(const struct lu_samples *samples,
				    const struct lu_timeline *timeline)
{
	g_autoptr(GHashTable) outages = find_outages(timeline);
	g_autoptr(GArray) lags = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *asked = &g_array_index(samples->asked, struct lu_asked, i);
		int64_t lag_ns = MAX(asked->sent_ns - asked->intended_ns, 0);

		if (asked->sent_ns >= 0 && asked->intended_ns >= samples->baseline_ns &&
		    could_be_sent(outages, asked))
			g_array_append_val(lags, lag_ns);
	}
	lu_sort_ns(lags);
	return (struct lu_send_lag){lags->len, lu_quantile_ns(lags, 0.5),
				    lu_quantile_ns(lags, 0.99), lu_quantile_ns(lags, 1)};
}
