/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timeline: an append-only record of what happened, the only thing metrics are computed from.
 *
 * Vocabulary:
 *
 *   source/kind                 id, value
 *   engine/baseline-begin,
 *   engine/trigger,
 *   engine/finish, engine/end   0, null
 *   engine/phase-begin          phase index, {"kind": "PREPARE", "name": "load next kernel"}
 *   engine/phase-end            phase index, {"kind": …, "ok": bool, "error": str?}
 *   engine/undo-begin,
 *   engine/undo-end             as phase-*
 *   engine/fault                phase index, {"kind": "error"|…}
 *   client/reply                request id, {"intended_ns", "sent_ns", "conn", "ok": bool,
 *                               "version": str?, "units": int?, "why": str?}; units: of work that the
 *                               service has done beside its requests; t_ns is the arrival of the reply,
 *                               ok=false a reply with wrong contents
 *   client/lost                 request id, {"intended_ns", "sent_ns"?, "conn",
 *                               "reason": "timeout"|"reset"|"refused"|"end"}
 *   client/conn                 connection, {"state": "up"|"reset"|"refused"}
 *   guest/hello                 boot generation (0, 1, …), {"kernel": release, "arch": str,
 *                               "uptime_ns": int?}
 *   guest/memory                0, {"used_bytes", "store_bytes"}
 *   host/memory                 0, {"qemu_bytes", "other_bytes", "files_bytes"}
 *   host/cpu                    0, {"ns", "cpus"?, "busy_ns"?, "steal_ns"?, "own_ns"?, "wait_ns"?,
 *                               "waiter"?, "pressure_ns"?, "step_ns", "suspended_ns"}: since the
 *                               sample before (host/cpu-meter.h)
 *   guest/claim                 0, {"name": "criu.frozen_ns", "ns": int}: a figure that the mechanism reports itself
 *   guest/note                  0, {"name": "kexec.place", "text": str}: what the mechanism chose
 *                               by itself
 *   guest/mark                  0, {"name": "init-start", "uptime_ns"?: int}: a point inside the
 *                               guest, for breakdowns
 *   guest/clock                 0, 1, … , {"asked_ns", "monotonic_ns", "boottime_ns",
 *                               "realtime_error_ns"?, "own": bool}: the clocks as the service sees
 *                               them, read between asked_ns and t_ns; the error is that against the
 *                               harness's time of day; own: in a time namespace of its own
 *   guest/census                cycle, {"descriptors": int}: what the service held before it
 *   guest/app                   0, {"version": str}: from here on this version of the application
 *                               answers
 *
 * Of several services, what concerns one of them only has the source "client:NAME" or "guest:NAME"
 * (record/of-service.h).
 *
 * In a run whose update is of kind "app", the version in a reply is the application's as well.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_timeline;

/*
 * No time, duration or number of bytes is larger, nor smaller than its negative: nine years in
 * nanoseconds. Metrics add a few of them and take small multiples, which then cannot overflow. What
 * a guest says beyond is taken for that; a file that says more is no timeline.
 */
#define LU_TIMELINE_MOST (INT64_C(1) << 58)
/* From the first event to the last of a file: windows of a quarter second are laid over it. */
#define LU_TIMELINE_LONGEST (INT64_C(7) * 24 * 3600 * 1000000000)

struct lu_event {
	int64_t t_ns; /* harness CLOCK_MONOTONIC, or the simulator's virtual clock */
	const char *source;
	const char *kind;
	int64_t id;
	json_t *value; /* owned by the timeline; NULL when there is none */
};

/* Is it of that source and kind? */
bool lu_event_is(const struct lu_event *event, const char *source, const char *kind);

struct lu_timeline *lu_timeline_new(void);
void lu_timeline_free(struct lu_timeline *timeline);

/* Append; safe from any thread. source and kind are interned. Takes ownership of value (may be
 * NULL), whose numbers of "…ns" and "…bytes" are brought within LU_TIMELINE_MOST. */
void lu_timeline_add(struct lu_timeline *timeline, int64_t t_ns, const char *source,
		     const char *kind, int64_t id, json_t *value);

/* Stable sort by time. Call it when every writer has stopped, before reading. */
void lu_timeline_sort(struct lu_timeline *timeline);
size_t lu_timeline_count(const struct lu_timeline *timeline);
/* Event i; valid until the next add. */
const struct lu_event *lu_timeline_at(const struct lu_timeline *timeline, size_t i);
/* The first event of that source and kind at or after index `from`, or NULL. */
const struct lu_event *lu_timeline_find(const struct lu_timeline *timeline, const char *source,
					const char *kind, size_t from);

/* One JSON object a line: {"t_ns","source","kind","id","value"}. Free with g_string_free. */
GString *lu_timeline_to_jsonl(const struct lu_timeline *timeline);
/* The first key (…ns, …bytes) in that value, however deep, whose number is beyond LU_TIMELINE_MOST;
 * NULL: none is. Borrowed. */
const char *lu_timeline_absurd(const json_t *value);
/* LU_ERROR_USAGE names the line that is wrong: no event, or a number beyond what is said above. */
struct lu_timeline *lu_timeline_from_jsonl(const char *text, size_t len, GError **error);
