/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest: the system whose software is upgraded. qemu/ implements it with QEMU, sim/ with a
 * cost model and a virtual clock; strategies and the engine see only this, so every strategy
 * runs unmodified on both.
 *
 * All functions block until done, failed or past their deadline; none sleeps: each waits for an
 * event. Errors are LU_ERROR_*: FAILED when the guest died or panicked (the message ends with its
 * last lines of console output), TIMEOUT, REFUSED and UNSUPPORTED as the agent said, INTERRUPTED
 * when the run was cancelled.
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

/* One of the plan's two releases. */
enum lu_release { LU_RELEASE_OLD, LU_RELEASE_NEW };

/* How a standby, a second machine of the same guest, starts. */
enum lu_standby_kind {
	LU_STANDBY_INCOMING, /* empty: the running machine will be migrated into it */
	LU_STANDBY_BOOT,     /* it boots a release of its own */
	LU_STANDBY_IMAGE,    /* empty: a release's memory image will be loaded into it */
	LU_STANDBY_LAZY,     /* the same, but it runs before its memory has been loaded */
};

struct lu_memory {
	/* MemTotal - MemAvailable as last reported by the agent; -1 unknown */
	int64_t guest_used_bytes;
	/* used on the checkpoint store, which is outside MemTotal; -1 unknown */
	int64_t guest_store_bytes;
	int64_t host_qemu_bytes; /* PSS of the QEMU processes */
	/* the part of it that belongs to the other machine: a standby, or the old
	 * machine after the switch */
	int64_t host_other_bytes;
	int64_t host_files_bytes; /* blocks of disk images and other files made for the run */
};

/* A script of the user's that runs on the host: an executable's text, with its interpreter in the
 * first line. */
struct lu_host_script {
	const char *name, *text;
	const json_t
		*variables; /* strings "NAME=VALUE": its environment, beside the harness's own */
};

/* How a kernel answers a SYN. */
struct lu_handshake {
	int64_t accepted_ns; /* by a SYN of its own, on the guest's clock; -1: not yet */
	bool refused;	     /* by a reset */
};

struct lu_guest_ops {
	const char *name; /* "qemu", "sim" */
	/* Required. The engine's clock: CLOCK_MONOTONIC or virtual, ns. */
	int64_t (*now)(struct lu_guest *guest);
	/* Optional. The host's time of day (the simulator's), ns since 1970; NULL: it is not
	 * known. */
	int64_t (*wall)(struct lu_guest *guest);
	/* Required. Let ns pass (0: only handle the guest's pending events);
	 * fails if the guest dies. */
	bool (*wait)(struct lu_guest *guest, int64_t ns, GError **error);
	/* Optional. The plan's releases change roles: what boot, power_cycle, standby_start and the
	 * verb stage take for LU_RELEASE_NEW is the one that was LU_RELEASE_OLD, and vice versa.
	 * release() is not concerned. NULL: an upgrade cannot be followed by one back. */
	void (*turn)(struct lu_guest *guest);
	/* Required. Power on with that release; returns when its agent has said hello. */
	bool (*boot)(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
		     GError **error);
	/* Required. Power-cycle through the firmware into that release; memory is lost, the
	 * address for clients stays. */
	bool (*power_cycle)(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
			    GError **error);
	/* Optional. Words at the end of the command line with which power_cycle boots the new
	 * release from now on, as an administrator writes them into the boot loader's
	 * configuration; "": none. NULL: they cannot be set. */
	bool (*boot_words)(struct lu_guest *guest, const char *words, GError **error);
	/* Required. Stop and continue the whole machine (QMP stop/cont); returns
	 * once that has happened. */
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
	/* Required. Make something break: "panic", "kill" or "hang" (faults/). */
	bool (*sabotage)(struct lu_guest *guest, const char *kind, GError **error);
	/* Optional. Drive this load against that service (lu_plan_service) on the guest's own clock
	 * until lu_load_stop and nothing is outstanding (sim). NULL: the engine's client thread
	 * connects to endpoint(). */
	bool (*load_start)(struct lu_guest *guest, unsigned service, struct lu_load *load,
			   GError **error);
	void (*load_stop)(struct lu_guest *guest, struct lu_load *load, int64_t drain_ns);
	/* Optional, with load_start: run this exchange with that service to its end on the guest's
	 * clock (populate, audit). */
	bool (*exchange)(struct lu_guest *guest, unsigned service,
			 const struct lu_exchange *exchange, GError **error);
	/* Required unless load_start. Loopback TCP port on which that service answers. */
	uint16_t (*endpoint)(struct lu_guest *guest, unsigned service);
	/* Optional, both together, callable from any thread: what the guest's kernel answered to the
	 * connection that a client has opened to endpoint() from this local port, as far as it is
	 * known yet; and the client has closed it. NULL: an established connection was accepted
	 * by the guest's kernel. */
	void (*handshake)(struct lu_guest *guest, uint16_t local_port, struct lu_handshake *seen);
	void (*forget_handshake)(struct lu_guest *guest, uint16_t local_port);
	/* Optional. Apply or lift the impairments of the plan's network (delay, loss, bandwidth)
	 * between clients and guest; they are lifted at first. NULL: with load_start, the load
	 * applies them itself. */
	void (*impair)(struct lu_guest *guest, bool on);
	/* Optional. Let no frame pass between clients and guest, whatever the plan's network is, or
	 * let them pass again. */
	void (*cut)(struct lu_guest *guest, bool off);
	/*
	 * Optional, all together (NULL: there is one machine only). A standby is a second machine
	 * beside the running one, behind a closed gate: it cannot be seen from outside before
	 * standby_switch. When it fails or dies before that, the calls on it fail, the running
	 * machine continues, and standby_drop cleans up. There is one at most; LU_ERROR_USAGE when
	 * there is one already, or none.
	 *
	 * standby_start: INCOMING returns when it waits for the migration (release is that of the
	 * running machine's boot); BOOT when its agent has said hello; IMAGE and LAZY when it waits
	 * for image_load (release is that of the image).
	 */
	bool (*standby_start)(struct lu_guest *guest, enum lu_standby_kind kind,
			      enum lu_release release, int64_t timeout_ns, GError **error);
	/* Ask the standby's agent (BOOT, before the switch), as call(). */
	bool (*standby_call)(struct lu_guest *guest, const char *verb, json_t *args,
			     int64_t timeout_ns, json_t **reply, GError **error);
	/* INCOMING: copy the running machine's memory. PRECOPY and POSTCOPY return when the machine
	 * is paused and only the rest is left to be sent; FILE requires it to be stopped, and
	 * returns when all of it is saved. A call that was given up may be lost by the migration if
	 * the agent has not read it yet. */
	bool (*standby_copy)(struct lu_guest *guest, const struct lu_migration_config *config,
			     int64_t timeout_ns, GError **error);
	/* The standby becomes the guest: INCOMING receives the rest and runs (POSTCOPY: returns
	 * when nothing is left behind). Network address and endpoint stay; the old machine is off
	 * the network and paused until standby_drop. This cannot be undone, even when it fails. */
	bool (*standby_switch)(struct lu_guest *guest, int64_t timeout_ns, GError **error);
	/* Before the switch: end the standby; a machine that a copy had paused continues. After it:
	 * end the old machine. Harmless when there is nothing to drop. */
	bool (*standby_drop)(struct lu_guest *guest, GError **error);
	/*
	 * Optional, all together with standby_start, when struct lu_needs asks for a memory
	 * image of the new release.
	 *
	 * image_expects: the metadata of the disk "field" that the image has cached (verb
	 * field.list); borrowed. image_load: loads the image from the modelled flash into the
	 * standby's memory; returns when standby_switch can let it run, for LAZY before any of its
	 * memory is there. standby_start of LAZY is LU_ERROR_UNSUPPORTED where that is impossible.
	 * image_rest: after the switch, returns when nothing is left on flash. image_audit: has the
	 * host check the disk "field", which no kernel may have mounted. *finding: NULL when its
	 * file system is sound, else what is wrong, one line; caller frees.
	 */
	const json_t *(*image_expects)(struct lu_guest *guest);
	bool (*image_load)(struct lu_guest *guest, const struct lu_image_load *load,
			   int64_t timeout_ns, GError **error);
	bool (*image_rest)(struct lu_guest *guest, int64_t timeout_ns, GError **error);
	bool (*image_audit)(struct lu_guest *guest, char **finding, GError **error);
	/* Optional. Run a script of the user's on the host; it also gets LUBENCH_ENDPOINT
	 * ("127.0.0.1:PORT", where clients reach the service). *output (allocated, may stay NULL)
	 * is the last of what it printed. LU_ERROR_REFUSED for status 69, LU_ERROR_FAILED for any
	 * other but 0, LU_ERROR_TIMEOUT. */
	bool (*host_script)(struct lu_guest *guest, const struct lu_host_script *script,
			    int64_t timeout_ns, char **output, GError **error);
	/* Required. The latest figures; cheap, callable from another thread. */
	void (*memory)(struct lu_guest *guest, struct lu_memory *memory);
	/* Required. Kernel release now running ("6.1.0-56-FLAVOUR"), as the last hello said;
	 * owned by the guest. */
	const char *(*kernel)(struct lu_guest *guest);
	/* Required. The kernel release of one of the plan's two, according to the
	 * assets; owned by the guest. */
	const char *(*release)(struct lu_guest *guest, enum lu_release release);
	/* Required. For the result's environment: QEMU, accelerator, kernels, assets with SHA-256.
	 * New reference. */
	json_t *(*describe)(struct lu_guest *guest);
	/* Required. The last lines of console output, caller frees; "" when there are none. */
	char *(*console_tail)(struct lu_guest *guest, unsigned lines);
	/* Required. Ends everything this guest started and leaves nothing behind. */
	void (*free)(struct lu_guest *guest);
};

/* Embedded as first member by an implementation. */
struct lu_guest {
	const struct lu_guest_ops *ops;
	struct lu_timeline *timeline; /* borrowed; the guest's events are stamped into it */
};

void lu_guest_free(struct lu_guest *guest); /* NULL is fine */
