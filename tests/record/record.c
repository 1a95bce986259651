/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hand-made timelines. */
#include "tests/record/record.h"

void record_engine(struct lu_timeline *t, const char *kind, int64_t ms)
{
	lu_timeline_add(t, ms * MS, "engine", kind, 0, NULL);
}

void record_phase(struct lu_timeline *t, int id, const char *kind, int64_t begin_ms, int64_t end_ms)
{
	lu_timeline_add(t, begin_ms * MS, "engine", "phase-begin", id,
			json_pack("{s:s, s:s}", "kind", kind, "name", "test"));
	lu_timeline_add(t, end_ms * MS, "engine", "phase-end", id,
			json_pack("{s:s, s:b}", "kind", kind, "ok", 1));
}

void record_reply(struct lu_timeline *t, int64_t intended_ms, int64_t arrival_ms, int conn, bool ok,
		  const char *version)
{
	lu_timeline_add(t, arrival_ms * MS, "client", "reply", 0,
			json_pack("{s:I, s:I, s:i, s:b, s:s*}", "intended_ns",
				  (json_int_t)(intended_ms * MS), "sent_ns",
				  (json_int_t)(intended_ms * MS), "conn", conn, "ok", ok, "version",
				  version));
}

void record_lost(struct lu_timeline *t, int64_t intended_ms, int64_t when_ms, int conn,
		 const char *reason)
{
	lu_timeline_add(t, when_ms * MS, "client", "lost", 0,
			json_pack("{s:I, s:i, s:s}", "intended_ns", (json_int_t)(intended_ms * MS),
				  "conn", conn, "reason", reason));
}

void record_steady(struct lu_timeline *t, int64_t from_ms, int64_t to_ms, int64_t step_ms,
		   int64_t latency_ms, int conn)
{
	for (int64_t ms = from_ms; ms < to_ms; ms += step_ms)
		record_reply(t, ms, ms + latency_ms, conn, true, NULL);
}

void record_burst(struct lu_timeline *t, int64_t from_ms, int64_t to_ms, int64_t step_ms,
		  int64_t arrival_ms, int conn)
{
	for (int64_t ms = from_ms; ms < to_ms; ms += step_ms)
		record_reply(t, ms, arrival_ms, conn, true, NULL);
}

void record_hello(struct lu_timeline *t, int64_t ms, int generation, const char *kernel,
		  int64_t uptime_ms)
{
	json_t *value = json_pack("{s:s, s:s}", "kernel", kernel, "arch", "x86_64");

	if (uptime_ms >= 0)
		json_object_set_new(value, "uptime_ns", json_integer(uptime_ms * MS));
	lu_timeline_add(t, ms * MS, "guest", "hello", generation, value);
}

void record_memory(struct lu_timeline *t, int64_t ms, int64_t used, int64_t store, int64_t files,
		   int64_t qemu)
{
	lu_timeline_add(t, ms * MS, "guest", "memory", 0,
			json_pack("{s:I, s:I}", "used_bytes", (json_int_t)used, "store_bytes",
				  (json_int_t)store));
	lu_timeline_add(t, ms * MS, "host", "memory", 0,
			json_pack("{s:I, s:I}", "qemu_bytes", (json_int_t)qemu, "files_bytes",
				  (json_int_t)files));
}

void record_other(struct lu_timeline *t, int64_t ms, int64_t other)
{
	lu_timeline_add(t, ms * MS, "host", "memory", 0,
			json_pack("{s:I}", "other_bytes", (json_int_t)other));
}

struct lu_timeline *record_new(void)
{
	struct lu_timeline *t = lu_timeline_new();

	record_engine(t, "baseline-begin", 1000);
	record_engine(t, "trigger", 2000);
	record_engine(t, "finish", 4000);
	record_engine(t, "end", 5000);
	return t;
}
