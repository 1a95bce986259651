/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of the QEMU guest; private to qemu/. */
#pragma once
#include <gio/gio.h>
#include "model/plan.h"
#include "qemu/fabric/fabric.h"
#include "qemu/memory-image/standby.h"
#include "qemu/boot/boot-files.h"
#include "qemu/migration/migration.h"
#include "qemu/vm/vm.h"
#include "model/guest.h"

/* Deadline for answers of QEMU itself, which do not depend on how fast the guest is. */
#define QEMU_ANSWERS_NS (10 * LU_NS_PER_S)

/* A machine's place on the replication segment. */
struct qemu_link {
	int port; /* of the fabric; 0: not made yet */
	unsigned number;
};

/* The second machine, and after the switch the first one. */
struct qemu_standby {
	struct lu_vm *vm;  /* NULL: none */
	struct lu_vm *old; /* stopped after the switch */
	int spare;	   /* port of the fabric beside the running one's; 0: not made yet */
	struct qemu_link spare_link;
	bool incoming, flipped;
	struct qemu_image image; /* incoming too */
	char *kernel;		 /* release, from its hello */
	struct lu_migration *migration;
};

struct qemu_guest {
	struct lu_guest guest;
	const struct lu_plan *plan; /* borrowed */
	GCancellable *cancellable;
	GMainContext *context;
	struct lu_boot_files boot_files;
	struct lu_image *image; /* memory image of the next release, NULL: none */
	const char *accel;
	char *accel_why;
	struct lu_vm *vm;	  /* NULL: powered off */
	struct lu_fabric *fabric; /* from the first boot on */
	int port;		  /* of the fabric */
	struct qemu_link link;
	char *capture; /* file of the port's frames, NULL: none */
	/* Ports of the host, by the number of the service; the first is 0 before the first boot. */
	uint16_t endpoints[LU_SERVICES_MOST];
	bool impaired; /* the plan's network is in force */
	bool cut;      /* no frame passes between clients and guest */
	char *kernel;  /* release, from the last hello */
	char *qemu_version;
	char *standby_qemu;	/* program of the destination of a migration; NULL: the same */
	enum lu_release booted; /* through the firmware */
	char *boot_words;	/* at the end of the next release's command line; NULL: none */
	bool turned;		/* the releases have changed roles */
	struct qemu_standby standby;
	json_t *migrated;  /* description of the last migration, NULL: none */
	json_t *fetched;   /* description of a lazy memory image, NULL: none */
	bool hung;	   /* sabotaged: stays stopped */
	int64_t sample_ms; /* sampling period that the agent was last asked for */
	GMutex lock;	   /* of the members below, which memory() reads from another thread */
	pid_t pid, standby_pid;
	int64_t used_bytes, store_bytes;
};

#define QEMU(guest) ((struct qemu_guest *)(guest))

/* The release that has that role now. */
static inline enum lu_release qemu_release(const struct qemu_guest *self, enum lu_release role)
{
	return self->turned ? LU_RELEASE_OLD + LU_RELEASE_NEW - role : role;
}

/* Where the next one is on its medium. */
static inline const struct lu_medium_part *qemu_next(const struct qemu_guest *self)
{
	return &self->boot_files.next.parts[qemu_release(self, LU_RELEASE_NEW)];
}

/* How one life of a machine differs from another. */
struct qemu_life {
	int port;
	struct qemu_link link;
	bool next; /* the release comes as the next one: it boots as the strategy asks */
	bool incoming, console_held;
	int memory;	     /* file that serves as its RAM, 0 or -1: anonymous RAM */
	const char *qemu;    /* program; NULL: the machine's */
	const char *machine; /* versioned type; NULL: the machine's */
	const struct lu_channel_ops *channel_ops; /* with the guest as data */
};

/* qemu/life.c: starts a machine on the fabric with that release's kernel, unless it is incoming.
 * NULL with error; to lu_vm_free. */
struct lu_vm *qemu_start_vm(struct qemu_guest *self, enum lu_release release,
			    const struct qemu_life *life, int64_t deadline_ns, GError **error);

/* qemu/events.c */
/* Events of the running machine's agent. */
extern const struct lu_channel_ops qemu_channel_ops;
/* Stamp a mechanism's own figure: guest/claim. */
void qemu_claim(struct qemu_guest *self, const char *name, int64_t ns);

/* qemu/net.c */
/* When the strategy replicates (struct lu_needs): a
 * port on the private segment for that machine. */
bool qemu_join_link(struct qemu_guest *self, struct qemu_link *link, unsigned number,
		    GError **error);
/* Once for all lives of the machine: clients stay connected while it is off. */
bool qemu_join_fabric(struct qemu_guest *self, GError **error);
/* With a capture: that port's frames go to its file, or to FILE.name (NULL: FILE itself). */
bool qemu_capture(struct qemu_guest *self, int port, const char *name, GError **error);
/* The plan's network, if it is in force, between the fabric and that port. */
void qemu_shape_link(struct qemu_guest *self, int port);
/* As model/guest.h says. */
void qemu_impair(struct lu_guest *guest, bool on);
void qemu_cut(struct lu_guest *guest, bool off);
/* host-script.c: the guest's operation of that name. */
bool qemu_host_script(struct lu_guest *guest, const struct lu_host_script *script,
		      int64_t timeout_ns, char **output, GError **error);

/* qemu/memory.c: as model/guest.h says. */
void qemu_memory(struct lu_guest *guest, struct lu_memory *memory);
/* The process whose memory is sampled; 0: none. */
void qemu_set_pid(struct qemu_guest *self, pid_t pid);

/* qemu/describe.c: as model/guest.h says. */
json_t *qemu_describe(struct lu_guest *guest);

/* qemu/standby.c: as model/guest.h says. */
bool qemu_standby_start(struct lu_guest *guest, enum lu_standby_kind kind, enum lu_release release,
			int64_t timeout_ns, GError **error);
bool qemu_standby_call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		       json_t **reply, GError **error);
bool qemu_standby_copy(struct lu_guest *guest, const struct lu_migration_config *config,
		       int64_t timeout_ns, GError **error);
bool qemu_standby_switch(struct lu_guest *guest, int64_t timeout_ns, GError **error);
bool qemu_standby_drop(struct lu_guest *guest, GError **error);
/* End all machines but the running one, whatever they do. */
void qemu_standby_clear(struct qemu_guest *self);
