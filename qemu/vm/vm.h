/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One life of a guest's machine: a QEMU process with its QMP socket, console
 * and agent's channel. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/machine.h"
#include "qemu/vm/channel.h"
#include "qemu/vm/extra.h"
#include "qemu/vm/payload.h"
#include "qemu/vm/qmp.h"
#include "qemu/fabric/gate.h"

struct lu_vm;

/* Of the machine's only network interface. */
#define LU_VM_MAC_TEXT "52:54:00:12:34:56"
#define LU_VM_MAC                                                                                  \
	{                                                                                          \
		0x52, 0x54, 0x00, 0x12, 0x34, 0x56                                                 \
	}

/*
 * Of the network interface on the replication segment, where a guest has one: its last byte is the
 * number of the machine, 1 or 2, from which the agent derives its address there (10.0.3.NUMBER).
 */
#define LU_VM_LINK_MAC_TEXT "52:54:00:12:35:%02x"
#define LU_VM_LINK_MAC(number)                                                                     \
	{                                                                                          \
		0x52, 0x54, 0x00, 0x12, 0x35, (number)                                             \
	}

struct lu_vm_spec {
	const struct lu_machine *machine;
	const char *qemu; /* program, instead of the machine's; NULL: the machine's */
	const char
		*machine_type; /* versioned type, instead of the machine's; NULL: the machine's */
	const char *accel;
	unsigned memory_mb;
	unsigned cpus; /* 0: one */
	bool uneven;   /* a little less memory than that: see qemu/vm/args.c */
	struct lu_payload payload;
	int next, store, data_disk; /* disks: descriptors, borrowed; -1: none */
	int field;		    /* the disk "field", likewise; 0 or -1: none */
	int memory;		    /* file of memory_mb, its RAM, shared; 0 or -1: anonymous RAM */
	int net; /* cable of the fabric (qemu/fabric/fabric.h), borrowed; -1: no network */
	unsigned link_number; /* 1 or 2: has an interface on the replication segment; 0: none */
	int link;	      /* its cable, borrowed */
	bool console_held;    /* its console's gate holds until lu_vm_console_gate */
	bool incoming;	      /* starts empty: a migration will fill it */
	const GPtrArray *more_args; /* words for QEMU, borrowed; NULL: none */
	/* borrowed until the vm is freed */
	const struct lu_vm_extra *extras;
	size_t n_extras;
	/* How long QEMU may take to end after its kernel
	 * panicked or its sockets closed; 0: the default. */
	int64_t settle_ns;
	GMainContext *context; /* all sources of this vm are attached to it */
	GCancellable *cancellable;
	const struct lu_channel_ops *channel_ops;
	void *data; /* for channel_ops */
};

/* Starts QEMU and negotiates QMP; the guest boots meanwhile.
 * Call it on the main thread (qemu/vm/process.h). */
struct lu_vm *lu_vm_start(const struct lu_vm_spec *spec, int64_t deadline_ns, GError **error);
/* Kills QEMU: it has only memory files, so there is nothing to write back. NULL is fine. */
void lu_vm_free(struct lu_vm *vm);

/* State of the machine as QEMU's events have reported it. */
struct lu_vm_state {
	bool stopped;
	int64_t stop_ns,
		resume_ns; /* of the last one, by QEMU's time stamps (CLOCK_REALTIME); -1 unknown */
	const char *migration; /* the last status, interned; NULL: none */
	int64_t passes;	       /* over memory, begun */
};

const struct lu_vm_state *lu_vm_state(const struct lu_vm *vm);
struct lu_qmp *lu_vm_qmp(const struct lu_vm *vm);

/* Ends every wait with LU_ERROR_FAILED when QEMU has died or the kernel panicked, with the last
 * console words. */
const struct lu_waiter *lu_vm_waiter(const struct lu_vm *vm);
/* The machine cannot continue once depends() returns false: its error ends every wait. NULL:
 * nothing to depend on. */
void lu_vm_depend(struct lu_vm *vm, bool (*depends)(void *data, GError **error), void *data);
struct lu_channel *lu_vm_channel(const struct lu_vm *vm);
pid_t lu_vm_pid(const struct lu_vm *vm);
const char *lu_vm_qemu_version(const struct lu_vm *vm);
/* The last lines that passed the console's gate; caller frees. */
char *lu_vm_console_tail(const struct lu_vm *vm, unsigned lines);
void lu_vm_console_gate(struct lu_vm *vm, enum lu_gate_state state);

/* Return at the STOP or RESUME event. *stopped_ns (may be NULL): time between the two, by QEMU's
 * time stamps; -1 unknown. */
bool lu_vm_stop(struct lu_vm *vm, int64_t deadline_ns, GError **error);
bool lu_vm_cont(struct lu_vm *vm, int64_t deadline_ns, int64_t *stopped_ns, GError **error);
/* Wait until the machine runs, without telling it to. */
bool lu_vm_wait_running(struct lu_vm *vm, int64_t deadline_ns, GError **error);
/* Returns when all frames that the guest has sent so far are on its cable: QEMU's main loop, which
 * takes frames from the guest, has made a turn. No error when QEMU does not answer. */
void lu_vm_drain(struct lu_vm *vm, int64_t deadline_ns);
/* SIGKILL; returns once it has ended. */
bool lu_vm_kill(struct lu_vm *vm, GError **error);
/* Wait until the kernel's panic has been seen. */
bool lu_vm_wait_panic(struct lu_vm *vm, int64_t deadline_ns, GError **error);
