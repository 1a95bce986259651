/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a QEMU guest puts on the timeline: events that its agent sends unasked, and claims of QEMU
 * and of the loading of a memory image. */
#include <string.h>
#include "qemu/guest.h"
#include "qemu/state.h"

/* Placed on the harness's clock: the hello says how old the kernel was at that point and how old it
 * is now. */
static void stamp_mark(struct qemu_guest *self, int64_t now_ns, const char *name, int64_t age_ns,
		       int64_t uptime_ns)
{
	lu_timeline_add(self->guest.timeline, now_ns - age_ns, "guest", "mark", 0,
			json_pack("{s:s, s:I}", "name", name, "uptime_ns", (json_int_t)uptime_ns));
}

static void stamp_marks(struct qemu_guest *self, int64_t now_ns, const struct lu_hello *hello)
{
	const char *key;
	json_t *value;

	json_object_foreach(hello->marks, key, value)
	{
		json_int_t at_ns = json_integer_value(value);
		g_autofree char *name = g_strdup(key);

		if (!json_is_integer(value) || at_ns < 0 || at_ns > hello->uptime_ns)
			continue;
		if (g_str_has_suffix(name, "_ns"))
			name[strlen(name) - strlen("_ns")] = '\0';
		stamp_mark(self, now_ns, name, hello->uptime_ns - at_ns, at_ns);
	}
}

static void on_hello(void *data, const struct lu_hello *hello)
{
	struct qemu_guest *self = data;
	int64_t now_ns = lu_monotonic_ns();
	json_t *value = json_pack("{s:s, s:s}", "kernel", hello->kernel, "arch", hello->arch);

	if (hello->uptime_ns >= 0)
		json_object_set_new(value, "uptime_ns", json_integer(hello->uptime_ns));
	lu_timeline_add(self->guest.timeline, now_ns, "guest", "hello", hello->generation, value);
	stamp_marks(self, now_ns, hello);
	g_free(self->kernel);
	self->kernel = g_strdup(hello->kernel);
}

static void on_memory(struct qemu_guest *self, json_t *event)
{
	json_int_t used = -1, store = -1;

	if (json_unpack(event, "{s:I, s?I}", "used_bytes", &used, "store_bytes", &store))
		return;
	g_mutex_lock(&self->lock);
	self->used_bytes = used;
	self->store_bytes = store;
	g_mutex_unlock(&self->lock);
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "memory", 0,
			json_pack("{s:I, s:I}", "used_bytes", used, "store_bytes", store));
}

/* "jump": the last line of a kernel's user space; "exit": the service ended by itself. What the
 * protocol does not know stays off the timeline: it may be of any size. */
static void on_mark(struct qemu_guest *self, const char *name, json_t *event)
{
	static const char *const members[] = {"uptime_ns", "ticks", "pid", "status"};
	json_t *value = json_pack("{s:s}", "name", name);

	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		if (json_is_integer(json_object_get(event, members[i])))
			json_object_set(value, members[i], json_object_get(event, members[i]));
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "mark", 0, value);
}

static void on_event(void *data, const char *name, json_t *event)
{
	if (g_str_equal(name, "memory"))
		on_memory(data, event);
	else if (g_str_equal(name, "jump"))
		on_mark(data, "jump", event);
	else if (g_str_equal(name, "exit"))
		on_mark(data, "service-exit", event);
}

const struct lu_channel_ops qemu_channel_ops = {.hello = on_hello, .event = on_event};

void qemu_claim(struct qemu_guest *self, const char *name, int64_t ns)
{
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "claim", 0,
			json_pack("{s:s, s:I}", "name", name, "ns", (json_int_t)ns));
}
