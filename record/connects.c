/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that were opened all through the run. */
#include "record/connects.h"
#include <stddef.h>
#include "record/quantile.h"

static const struct {
	const char *name;
	size_t offset;
} members[] = {
#define MEMBER(member)                                                                             \
	{                                                                                          \
#member, offsetof(struct lu_connects, member)                                      \
	}
	MEMBER(attempted), MEMBER(answered),   MEMBER(wrong), MEMBER(refused), MEMBER(reset),
	MEMBER(timeout),   MEMBER(unfinished), MEMBER(host),  MEMBER(late),    MEMBER(p50_ns),
	MEMBER(p90_ns),	   MEMBER(p99_ns),     MEMBER(max_ns)
#undef MEMBER
};

static int64_t *member_of(struct lu_connects *connects, const char *name)
{
	for (size_t i = 0; name && i < G_N_ELEMENTS(members); i++)
		if (g_str_equal(members[i].name, name))
			return (int64_t *)(void *)((char *)connects + members[i].offset);
	return NULL;
}

static int64_t time_of(const json_t *value, const char *key, int64_t def)
{
	const json_t *member = json_object_get(value, key);

	return json_is_integer(member) ? json_integer_value(member) : def;
}

/* One window, with its waits: those of accepted connections alone decide what is late. */
struct window {
	struct lu_connects connects;
	GArray *waits, *accepted; /* of int64_t */
};

static void take(struct window *window, const struct lu_event *event)
{
	const char *end = json_string_value(json_object_get(event->value, "end"));
	int64_t *count = member_of(&window->connects, end);
	int64_t connected_ns = time_of(event->value, "connected_ns", -1);
	int64_t until_ns = connected_ns >= 0 ? connected_ns : event->t_ns;
	int64_t wait_ns = MAX(until_ns - time_of(event->value, "intended_ns", until_ns), 0);

	if (count)
		(*count)++;
	if (count == &window->connects.host)
		return;
	window->connects.attempted++;
	g_array_append_val(window->waits, wait_ns);
	if (connected_ns >= 0)
		g_array_append_val(window->accepted, wait_ns);
}

static void open_window(struct window *window)
{
	*window = (struct window){
		.waits = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.accepted = g_array_new(FALSE, FALSE, sizeof(int64_t)),
	};
}

static struct lu_connects close_window(struct window *window, int64_t floor_ns)
{
	struct lu_connects *connects = &window->connects;

	lu_sort_ns(window->waits);
	lu_sort_ns(window->accepted);
	connects->late = window->accepted->len - lu_first_above_ns(window->accepted, floor_ns);
	connects->p50_ns = lu_quantile_ns(window->waits, 0.5);
	connects->p90_ns = lu_quantile_ns(window->waits, 0.9);
	connects->p99_ns = lu_quantile_ns(window->waits, 0.99);
	connects->max_ns = lu_quantile_ns(window->waits, 1);
	g_array_unref(window->waits);
	g_array_unref(window->accepted);
	return *connects;
}

static int64_t floor_of(const struct window *baseline)
{
	lu_sort_ns(baseline->accepted);
	return MAX(lu_quantile_ns(baseline->accepted, 1) * 3 / 2,
		   4 * lu_quantile_ns(baseline->accepted, 0.5));
}

struct lu_connect_record lu_connects_find(const struct lu_timeline *timeline)
{
	const struct lu_event *trigger = lu_timeline_find(timeline, "engine", "trigger", 0);
	const char *client = g_intern_string("client"), *churn = g_intern_string("churn");
	struct lu_connect_record record = {};
	struct window before, after;

	open_window(&before);
	open_window(&after);
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->source != client || event->kind != churn)
			continue;
		record.any = true;
		take(trigger && event->t_ns >= trigger->t_ns ? &after : &before, event);
	}
	record.floor_ns = floor_of(&before);
	record.baseline = close_window(&before, record.floor_ns);
	record.upgrade = close_window(&after, record.floor_ns);
	return record;
}

static json_t *window_to_json(struct lu_connects *connects)
{
	json_t *window = json_object();

	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		json_object_set_new(window, members[i].name,
				    json_integer(*member_of(connects, members[i].name)));
	return window;
}

json_t *lu_connects_to_json(const struct lu_timeline *timeline)
{
	struct lu_connect_record record = lu_connects_find(timeline);

	if (!record.any)
		return json_null();
	return json_pack("{s:I, s:o, s:o}", "floor_ns", (json_int_t)record.floor_ns, "baseline",
			 window_to_json(&record.baseline), "upgrade",
			 window_to_json(&record.upgrade));
}
