/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest: the system whose software is upgraded. guest/ implements it with QEMU, sim/ with a cost
 * model and a virtual clock; strategies and the engine see only this, so every strategy runs
 * unmodified on both.
 *
 * All functions block until done, failed or past their deadline; none sleeps: each waits for an
 * event. Errors are LU_ERROR_*: FAILED when the guest died or panicked (the message ends with its
 * last console words), TIMEOUT, REFUSED and UNSUPPORTED as the agent said, INTERRUPTED when the run
 * was cancelled.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/exchange.h"
#include "model/memory-image.h"
#include "model/load.h"
#include "model/migration.h"
#include "record/timeline.h"

struct lu_guest;

/* Which of the plan's two releases. */
enum lu_release { LU_RELEASE_OLD, LU_RELEASE_NEW };

/* How a second machine of the same guest begins. */
enum lu_standby_kind {
	LU_STANDBY_INCOMING, /* empty: the running machine will move there */
	LU_STANDBY_BOOT,     /* it boots a release of its own */
	LU_STANDBY_IMAGE,    /* empty: a release's memory image will be loaded into it */
	LU_STANDBY_LAZY,     /* the same, but it runs before its memory is there */
};

struct lu_memory {
	/* MemTotal - MemAvailable as last reported by the agent; -1 unknown */
	int64_t guest_used_bytes;
	/* used on the checkpoint store, which is outside MemTotal; -1 unknown */
	int64_t guest_store_bytes;
	int64_t host_qemu_bytes; /* PSS of the QEMU processes */
	/* of these, that of the machine which is not the guest: a standby, or the old
	 * one after the switch */
	int64_t host_other_bytes;
	int64_t host_files_bytes; /* blocks of disk images and other files made for the run */
};

struct lu_guest_ops {
	const char *name; /* "qemu", "sim" */
	/* Required. The engine's clock: CLOCK_MONOTONIC or virtual, ns. */
	int64_t (*now)(struct lu_guest *guest);
	/* Required. Let ns pass, 0: none (pushed events of the guest are handled meanwhile); fails
	 * if the guest dies. */
	bool (*wait)(struct lu_guest *guest, int64_t ns, GError **error);
	/* Required. Power on with that release; returns when its agent has said hello. */
	bool (*boot)(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
		     GError **error);
	/* Required. Power-cycle through the firmware into that release; memory is lost, client
	 * address stays. */
	bool (*power_cycle)(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
			    GError **error);
	/* Required. Stop and continue the whole machine (QMP stop/cont); returns
	 * once it has happened. */
	bool (*stop)(struct lu_guest *guest, GError **error);
	bool (*cont)(struct lu_guest *guest, GError **error);
	/* Required. Ask the agent: verb with args (ownership taken, may be NULL); *reply (may be
	 * NULL) is the result object, owned by the caller. */
	bool (*call)(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		     json_t **reply, GError **error);
	/* Required. A verb after which another kernel runs (kexec.jump): returns at the next
	 * agent's hello. */
	bool (*jump)(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		     GError **error);
	/* Required. Make something break: "panic", "kill" or "hang"
	 * (lu_fault_kinds in model/plan.h). */
	bool (*sabotage)(struct lu_guest *guest, const char *kind, GError **error);
	/* Optional. Drive this load against the service on the guest's own clock until
	 * lu_load_stop and nothing is outstanding (sim). NULL: the engine's client thread
	 * connects to endpoint(). */
	bool (*load_start)(struct lu_guest *guest, struct lu_load *load, GError **error);
	void (*load_stop)(struct lu_guest *guest, struct lu_load *load, int64_t drain_ns);
	/* Optional, with load_start: run this exchange to its end on the guest's
	 * clock (populate, audit). */
	bool (*exchange)(struct lu_guest *guest, const struct lu_exchange *exchange,
			 GError **error);
	/* Required unless load_start. Loopback TCP port on which the service answers. */
	uint16_t (*endpoint)(struct lu_guest *guest);
	/* Optional. The plan's network (delay, loss, bandwidth) between clients and guest
	 * comes into force or is lifted; at first it is lifted. NULL: with load_start, the
	 * load has it by itself. */
	void (*impair)(struct lu_guest *guest, bool on);
	/*
	 * Optional, all together (NULL: there is one machine only). A standby is a second machine
	 * beside the running one, behind a closed gate: nothing of it is seen outside before
	 * standby_switch. When it fails or dies before that, the calls on it fail, the running
	 * machine goes on, and standby_drop clears it away. There is one at most; LU_ERROR_USAGE
	 * when there is one already, or none.
	 *
	 * standby_start: INCOMING returns when it waits for the move (release is that of the
	 * running machine's boot); BOOT when its agent has said hello; IMAGE and LAZY when it
	 * waits for image_load (release is that of the image).
	 */
	bool (*standby_start)(struct lu_guest *guest, enum lu_standby_kind kind,
			      enum lu_release release, int64_t timeout_ns, GError **error);
	/* Ask the standby's agent (BOOT, before the switch), as call(). */
	bool (*standby_call)(struct lu_guest *guest, const char *verb, json_t *args,
			     int64_t timeout_ns, json_t **reply, GError **error);
	/* INCOMING: copy the running machine's memory. PRECOPY and POSTCOPY return when the machine
	 * stands still and only the rest is left to be moved; FILE wants it stopped, and returns
	 * when all of it is saved. What the agent has not read yet of a call that was given up may
	 * be lost by the move. */
	bool (*standby_copy)(struct lu_guest *guest, const struct lu_migration_config *config,
			     int64_t timeout_ns, GError **error);
	/* The standby becomes the guest: INCOMING gets the rest and runs (POSTCOPY: returns
	 * when nothing is left behind). Network address and endpoint stay; the old machine is
	 * off the network and stands still until standby_drop. There is no way back from
	 * here, even when it fails. */
	bool (*standby_switch)(struct lu_guest *guest, int64_t timeout_ns, GError **error);
	/* Before the switch: end the standby; a machine that a copy has stopped goes on. After it:
	 * end the old machine. Harmless when there is nothing to drop. */
	bool (*standby_drop)(struct lu_guest *guest, GError **error);
	/*
	 * Optional, all together with standby_start, when struct lu_needs asks for an image of the
	 * new release.
	 *
	 * image_expects: the disk "field" as the image remembers it (verb field.list); borrowed.
	 * image_load: bytes from the modelled flash into the IMAGE standby's memory; returns when
	 * standby_switch can let it run: of LAZY before any of its memory is there. Standby_start
	 * of LAZY is LU_ERROR_UNSUPPORTED where that cannot be had. image_rest: returns when
	 * nothing is left on flash; after the switch. image_audit: have the host check the disk
	 * "field", which no kernel may have mounted. *finding: NULL when its file system is sound,
	 * else what is wrong, one line; caller frees.
	 */
	const json_t *(*image_expects)(struct lu_guest *guest);
	bool (*image_load)(struct lu_guest *guest, const struct lu_image_load *load,
			   int64_t timeout_ns, GError **error);
	bool (*image_rest)(struct lu_guest *guest, int64_t timeout_ns, GError **error);
	bool (*image_audit)(struct lu_guest *guest, char **finding, GError **error);
	/* Required. Latest figures; cheap, callable from another thread. */
	void (*memory)(struct lu_guest *guest, struct lu_memory *memory);
	/* Required. Kernel release now running ("6.1.0-56-FLAVOUR"), as the last hello said;
	 * owned by the guest. */
	const char *(*kernel)(struct lu_guest *guest);
	/* Required. Kernel release of one of the plan's two, as the assets
	 * say; owned by the guest. */
	const char *(*release)(struct lu_guest *guest, enum lu_release release);
	/* Required. For the result's environment: QEMU, accelerator, kernels, assets with SHA-256.
	 * New reference. */
	json_t *(*describe)(struct lu_guest *guest);
	/* Required. Last console lines, caller frees; "" when there are none. */
	char *(*console_tail)(struct lu_guest *guest, unsigned lines);
	/* Required. Ends everything this guest started; nothing of it remains. */
	void (*free)(struct lu_guest *guest);
};

/* Embedded as first member by an implementation. */
struct lu_guest {
	const struct lu_guest_ops *ops;
	struct lu_timeline *timeline; /* borrowed; guest/… and events are stamped into it */
};

void lu_guest_free(struct lu_guest *guest); /* NULL is fine */
