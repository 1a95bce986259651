/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timeline of a run: events in memory, JSON lines on disk. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "record/error.h"
#include "record/timeline.h"

#define DAY_NS 86400e9

struct lu_timeline {
	GMutex lock; /* writers are the engine, the client's thread and the memory sampler's */
	GArray *events;
};

static void event_clear(void *data)
{
	json_decref(((struct lu_event *)data)->value);
}

struct lu_timeline *lu_timeline_new(void)
{
	struct lu_timeline *timeline = g_new0(struct lu_timeline, 1);

	g_mutex_init(&timeline->lock);
	timeline->events = g_array_new(FALSE, FALSE, sizeof(struct lu_event));
	g_array_set_clear_func(timeline->events, event_clear);
	return timeline;
}

void lu_timeline_free(struct lu_timeline *timeline)
{
	if (!timeline)
		return;
	g_array_unref(timeline->events);
	g_mutex_clear(&timeline->lock);
	g_free(timeline);
}

static bool is_quantity(const char *key)
{
	return g_str_has_suffix(key, "ns") || g_str_has_suffix(key, "bytes");
}

static bool is_beyond(const json_t *number)
{
	if (json_is_real(number))
		return !(fabs(json_real_value(number)) <= (double)LU_TIMELINE_MOST);
	return json_integer_value(number) > LU_TIMELINE_MOST ||
	       json_integer_value(number) < -LU_TIMELINE_MOST;
}

const char *lu_timeline_absurd(const json_t *value)
{
	const char *key, *inner = NULL;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member)
	{
		if (!inner)
			inner = lu_timeline_absurd(member);
	}
	json_object_foreach((json_t *)value, key, member)
	{
		if (inner)
			break;
		inner = is_quantity(key) && json_is_number(member) && is_beyond(member)
				? key
				: lu_timeline_absurd(member);
	}
	return inner;
}

static int64_t within(int64_t number)
{
	return CLAMP(number, -LU_TIMELINE_MOST, LU_TIMELINE_MOST);
}

static void bring_within(json_t *value)
{
	const char *key;
	json_t *member;

	json_object_foreach(value, key, member)
	{
		if (json_is_integer(member) && is_quantity(key))
			json_integer_set(member, within(json_integer_value(member)));
	}
}

void lu_timeline_add(struct lu_timeline *timeline, int64_t t_ns, const char *source,
		     const char *kind, int64_t id, json_t *value)
{
	struct lu_event event = {within(t_ns), g_intern_string(source), g_intern_string(kind), id,
				 value};

	bring_within(value);
	g_mutex_lock(&timeline->lock);
	g_array_append_val(timeline->events, event);
	g_mutex_unlock(&timeline->lock);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const struct lu_event *x = a, *y = b;

	return (x->t_ns > y->t_ns) - (x->t_ns < y->t_ns);
}

void lu_timeline_sort(struct lu_timeline *timeline)
{
	g_mutex_lock(&timeline->lock);
	g_array_sort(timeline->events, by_time); /* GLib's is stable since 2.32 */
	g_mutex_unlock(&timeline->lock);
}

size_t lu_timeline_count(const struct lu_timeline *timeline)
{
	return timeline->events->len;
}

const struct lu_event *lu_timeline_at(const struct lu_timeline *timeline, size_t i)
{
	g_assert(i < timeline->events->len);
	return &g_array_index(timeline->events, struct lu_event, i);
}

bool lu_event_is(const struct lu_event *event, const char *source, const char *kind)
{
	return g_str_equal(event->source, source) && g_str_equal(event->kind, kind);
}

const struct lu_event *lu_timeline_find(const struct lu_timeline *timeline, const char *source,
					const char *kind, size_t from)
{
	const char *s = g_intern_string(source), *k = g_intern_string(kind);

	for (size_t i = from; i < timeline->events->len; i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->source == s && event->kind == k)
			return event;
	}
	return NULL;
}

static int append_to(const char *buffer, size_t size, void *data)
{
	g_string_append_len(data, buffer, size);
	return 0;
}

GString *lu_timeline_to_jsonl(const struct lu_timeline *timeline)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		json_t *line =
			json_pack("{s:I, s:s, s:s, s:I, s:O?}", "t_ns", (json_int_t)event->t_ns,
				  "source", event->source, "kind", event->kind, "id",
				  (json_int_t)event->id, "value", event->value);

		json_dump_callback(line, append_to, out, JSON_COMPACT);
		g_string_append_c(out, '\n');
		json_decref(line);
	}
	return out;
}

static bool is_sane(json_int_t t_ns, const json_t *value, size_t number, GError **error)
{
	const char *key = within(t_ns) != t_ns ? "t_ns" : lu_timeline_absurd(value);

	if (!key)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "timeline line %zu: %s: no run has such a number; allowed: up to %" PRId64,
		    number, key, LU_TIMELINE_MOST);
	return false;
}

/* False when there is more between two events than a run can last. */
static bool is_short(const struct lu_timeline *timeline, GError **error)
{
	int64_t first_ns = LU_TIMELINE_MOST, last_ns = -LU_TIMELINE_MOST;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		first_ns = MIN(first_ns, lu_timeline_at(timeline, i)->t_ns);
		last_ns = MAX(last_ns, lu_timeline_at(timeline, i)->t_ns);
	}
	if (!lu_timeline_count(timeline) || last_ns - first_ns <= LU_TIMELINE_LONGEST)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "timeline: t_ns: %.1f days from the first event to the last; allowed: up to "
		    "%.0f",
		    (double)(last_ns - first_ns) / DAY_NS, (double)LU_TIMELINE_LONGEST / DAY_NS);
	return false;
}

static bool parse_line(struct lu_timeline *timeline, const char *line, size_t len, size_t number,
		       GError **error)
{
	json_error_t why;
	json_t *doc = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why), *value = NULL;
	json_int_t t_ns, id;
	const char *source, *kind;

	if (!doc) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "timeline line %zu: %s", number,
			    why.text);
		return false;
	}
	if (json_unpack_ex(doc, &why, 0, "{s:I, s:s, s:s, s:I, s?:o}", "t_ns", &t_ns, "source",
			   &source, "kind", &kind, "id", &id, "value", &value) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "timeline line %zu: %s; allowed: "
			    "{\"t_ns\": integer, \"source\": text, \"kind\": text, \"id\": "
			    "integer, \"value\": any}",
			    number, why.text);
		json_decref(doc);
		return false;
	}
	bool sane = is_sane(t_ns, value, number, error);

	if (sane)
		lu_timeline_add(timeline, t_ns, source, kind, id,
				json_is_null(value) ? NULL : json_incref(value));
	json_decref(doc);
	return sane;
}

struct lu_timeline *lu_timeline_from_jsonl(const char *text, size_t len, GError **error)
{
	struct lu_timeline *timeline = lu_timeline_new();
	const char *end = text + len;

	for (size_t number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', end - text);
		size_t length = (newline ? newline : end) - text;

		if (length && !parse_line(timeline, text, length, number, error)) {
			lu_timeline_free(timeline);
			return NULL;
		}
		text += length + 1;
	}
	if (!is_short(timeline, error))
		g_clear_pointer(&timeline, lu_timeline_free);
	return timeline;
}
