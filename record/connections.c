/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gaps of all connections together and of each by itself. */
#include "record/connections.h"

/* What was asked and correctly answered on one connection, or on all. */
struct traffic {
	GArray *arrivals, *intended; /* int64_t, sorted */
};

static struct traffic *traffic_new(void)
{
	struct traffic *traffic = g_new(struct traffic, 1);

	traffic->arrivals = g_array_new(FALSE, FALSE, sizeof(int64_t));
	traffic->intended = g_array_new(FALSE, FALSE, sizeof(int64_t));
	return traffic;
}

static void traffic_free(void *data)
{
	struct traffic *traffic = data;

	g_array_unref(traffic->arrivals);
	g_array_unref(traffic->intended);
	g_free(traffic);
}

/* conn < 0: everything is one. */
static struct traffic *traffic_of(GHashTable *all, int64_t conn)
{
	struct traffic *traffic = g_hash_table_lookup(all, &conn);

	if (!traffic) {
		traffic = traffic_new();
		g_hash_table_insert(all, g_memdup2(&conn, sizeof(conn)), traffic);
	}
	return traffic;
}

/* {connection: traffic}, or one entry -1 for all together. */
static GHashTable *split_traffic(const struct lu_samples *samples, bool by_connection)
{
	GHashTable *all = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, traffic_free);

	for (guint i = 0; i < samples->replies->len; i++) {
		const struct lu_sample *s = &g_array_index(samples->replies, struct lu_sample, i);

		if (s->ok)
			g_array_append_val(traffic_of(all, by_connection ? s->conn : -1)->arrivals,
					   s->arrival_ns);
	}
	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *a = &g_array_index(samples->asked, struct lu_asked, i);

		g_array_append_val(traffic_of(all, by_connection ? a->conn : -1)->intended,
				   a->intended_ns);
	}
	return all;
}

static struct lu_gaps gaps_of(const struct lu_samples *samples, const struct traffic *traffic,
			      int64_t steady_ns, GArray *above)
{
	const struct lu_gap_input input = {
		.arrivals = traffic->arrivals,
		.intended = traffic->intended,
		.baseline_ns = samples->baseline_ns,
		.trigger_ns = samples->trigger_ns,
		.end_ns = samples->end_ns,
		.steady_ns = steady_ns,
		.above = above,
	};

	return lu_gaps_find(&input);
}

struct lu_gaps lu_gaps_of_all(const struct lu_samples *samples, GArray *above)
{
	g_autoptr(GHashTable) all = split_traffic(samples, false);

	return gaps_of(samples, traffic_of(all, -1), 0, above);
}

struct lu_worst_connection lu_worst_connection_find(const struct lu_samples *samples,
						    const struct lu_gaps *all)
{
	g_autoptr(GHashTable) each = split_traffic(samples, true);
	struct lu_worst_connection worst = {0};
	int64_t noise_ns = 0;
	GHashTableIter iter;
	void *data;

	g_hash_table_iter_init(&iter, each);
	while (g_hash_table_iter_next(&iter, NULL, &data)) {
		struct traffic *traffic = data;
		struct lu_gaps gaps = gaps_of(samples, traffic,
					      MAX(lu_median_step_ns(traffic->intended), 1), NULL);

		noise_ns = MAX(noise_ns, gaps.baseline_longest_ns - gaps.steady_ns);
		worst.longest_ns = MAX(worst.longest_ns, gaps.longest_ns);
	}
	worst.floor_ns = MAX(all->floor_ns, noise_ns * 3 / 2);
	return worst;
}
