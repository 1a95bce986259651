/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and replies as the client saw them. */
#include "record/samples.h"

static int64_t integer_of(const json_t *value, const char *key, int64_t def)
{
	const json_t *member = json_object_get(value, key);

	return json_is_integer(member) ? json_integer_value(member) : def;
}

static int64_t time_of(const struct lu_timeline *timeline, const char *kind, int64_t def)
{
	const struct lu_event *event = lu_timeline_find(timeline, "engine", kind, 0);

	return event ? event->t_ns : def;
}

static struct lu_asked take_request(struct lu_samples *samples, const struct lu_event *event)
{
	struct lu_asked asked = {
		.intended_ns = integer_of(event->value, "intended_ns", event->t_ns),
		.conn = integer_of(event->value, "conn", 0),
		.sent_ns = integer_of(event->value, "sent_ns", -1),
		.end_ns = event->t_ns,
		.answered = json_is_true(json_object_get(event->value, "ok")),
		.class = json_string_value(json_object_get(event->value, "class")),
	};

	g_array_append_val(samples->asked, asked);
	if (samples->triggered && event->t_ns >= samples->trigger_ns)
		samples->max_latency_ns =
			MAX(samples->max_latency_ns, event->t_ns - asked.intended_ns);
	return asked;
}

static void take_reply(struct lu_samples *samples, const struct lu_event *event, const char *kernel)
{
	const char *version = json_string_value(json_object_get(event->value, "version"));
	struct lu_asked asked = take_request(samples, event);
	struct lu_sample sample = {
		.arrival_ns = event->t_ns,
		.intended_ns = asked.intended_ns,
		.conn = asked.conn,
		.ok = json_is_true(json_object_get(event->value, "ok")),
		.version = version ? version : kernel,
	};

	g_array_append_val(samples->replies, sample);
	samples->wrong += !sample.ok;
}

static void take_events(struct lu_samples *samples, const struct lu_timeline *timeline)
{
	const char *client = g_intern_string("client"), *guest = g_intern_string("guest");
	const char *reply = g_intern_string("reply"), *lost = g_intern_string("lost");
	const char *hello = g_intern_string("hello"), *kernel = NULL;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->source == client && event->kind == reply)
			take_reply(samples, event, kernel);
		else if (event->source == client && event->kind == lost)
			take_request(samples, event);
		else if (event->source == guest && event->kind == hello)
			kernel = json_string_value(json_object_get(event->value, "kernel"));
	}
}

static gint by_intended(gconstpointer a, gconstpointer b)
{
	const struct lu_asked *x = a, *y = b;

	return (x->intended_ns > y->intended_ns) - (x->intended_ns < y->intended_ns);
}

struct lu_samples *lu_samples_new(const struct lu_timeline *timeline)
{
	struct lu_samples *samples = g_new0(struct lu_samples, 1);
	size_t n = lu_timeline_count(timeline);
	int64_t first = n ? lu_timeline_at(timeline, 0)->t_ns : 0;
	int64_t last = n ? lu_timeline_at(timeline, n - 1)->t_ns : 0;

	samples->replies = g_array_new(FALSE, FALSE, sizeof(struct lu_sample));
	samples->asked = g_array_new(FALSE, FALSE, sizeof(struct lu_asked));
	samples->triggered = lu_timeline_find(timeline, "engine", "trigger", 0) != NULL;
	samples->end_ns = time_of(timeline, "end", last);
	samples->trigger_ns = time_of(timeline, "trigger", samples->end_ns);
	samples->baseline_ns = time_of(timeline, "baseline-begin", first);
	take_events(samples, timeline);
	g_array_sort(samples->asked, by_intended);
	samples->load_end_ns = samples->end_ns;
	if (samples->asked->len)
		samples->load_end_ns =
			g_array_index(samples->asked, struct lu_asked, samples->asked->len - 1)
				.intended_ns;
	return samples;
}

void lu_samples_free(struct lu_samples *samples)
{
	g_array_unref(samples->replies);
	g_array_unref(samples->asked);
	g_free(samples);
}
