/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the simulated guest is made of; private to sim/. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/plan.h"
#include "model/component.h"
#include "model/guest.h"
#include "sim/costs.h"
#include "sim/peer.h"

enum sim_machine { SIM_OFF, SIM_ON, SIM_PAUSED, SIM_DEAD };
enum sim_data { SIM_DATA_CLOSED, SIM_DATA_OPEN, SIM_DATA_HELD };
/* How far a new version of the application has come beside the running one. */
enum sim_handover { SIM_ALONE, SIM_BESIDE, SIM_STANDS, SIM_HANDED, SIM_TAKEN };
enum sim_service { SIM_NONE, SIM_RUNNING, SIM_STOPPED };

enum { SIM_INSTANCES = LU_COMPONENT_INSTANCES };

/* What a kernel holds: gone at the next boot or jump. */
struct sim_kernel {
	bool up; /* its agent answers */
	enum lu_release release;
	GHashTable *modules; /* features loaded */
	bool net, locked;
	enum sim_service service;
	bool store, staged;
	enum sim_data data;
	bool field, field_writes; /* open, for writing too */
	bool blank;    /* the component's devices are new, and the service may know of older ones */
	bool contents; /* theirs are in files */
	bool loaded, copied, checksum, fast; /* the next kernel */
	const char *image;		     /* its form, interned */
	bool small_pages;		     /* huge ones are split */
	const char *version[SIM_INSTANCES];  /* of swappable instances, interned; NULL: v1 */
	bool link;			     /* up on the replication network */
	bool serving, ready;		     /* as a standby: for images, with a CRIU that waits */
	bool armed, held; /* towards a standby: with a CRIU that waits, or holds the service */
	enum sim_handover handover;
	bool state_copied; /* the new version has the state but for what is written meanwhile */
	unsigned next_version;
	void *saved; /* the model of a service that has ended with its state in a file */
};

/* What is on the store: outlives a kernel, not a power cycle. */
struct sim_store {
	const char *kind;	  /* interned, NULL: not formatted */
	unsigned rounds;	  /* predumps */
	bool image;		  /* a whole checkpoint */
	bool stale;		  /* the service went on after it */
	enum sim_service service; /* as it was dumped */
	int64_t bytes;
};

/* The data disk: outlives everything. */
struct sim_disk {
	bool made;     /* has a file system */
	bool unheld;   /* another kernel came while this one could still write */
	void *service; /* the model of one that was ended and has left its files here */
};

/* The disk "field": outlives everything. A kernel from a memory image has cached it as shipped. */
struct sim_field {
	bool changed, used; /* since it was shipped; by the next release */
	bool stale;	    /* cached metadata of whoever has it mounted is stale */
	bool unsound;	    /* and has written to it */
};

/* The second machine. */
struct sim_standby {
	bool there, copied;
	bool endless;	    /* the copy does not converge */
	bool image, loaded; /* a memory image comes into it, is there */
	bool lazy;	    /* or comes later */
	int64_t last_ns;    /* when the last of it is there */
	int64_t fetch_ns;   /* what the rest of it takes */
	bool boots;	    /* has, or had, a kernel of its own: this one, and this store */
	struct sim_kernel kernel;
	struct sim_store store;
	int64_t round_ns, round_bytes; /* of the last round of copying ahead: begin, and how much */
	bool old; /* it has become the guest, and the one before is still there */
	struct lu_migration_config config;
	int64_t rest_ns; /* moving what is left */
	int64_t total_ns;
	int64_t memory; /* bytes it holds */
};

struct sim {
	struct lu_guest guest;
	const struct lu_plan *plan;
	struct lu_sim_costs *costs;
	const char *uncosted; /* a step that was asked for and has no cost; NULL: none, interned */
	int64_t now_ns;
	GRand *random;
	enum sim_machine machine;
	bool hung; /* stands still for good */
	struct sim_standby standby;
	unsigned boots;
	struct sim_kernel kernel;
	struct sim_store store;
	struct sim_disk disk;
	struct sim_field field;
	void *service; /* the workload's model; of the running kernel or of the image */
	int64_t busy_until_ns;
	struct lu_peer *peer; /* NULL: no load */
	int64_t sample_ns, next_sample_ns;
	GString *console;
	char *fail_verb, *fail_message, *damage;
	int fail_code;
	json_t *expects; /* what sim_image_expects has told */
	GMutex lock;	 /* guards memory */
	struct lu_memory memory;
};

#define SIM(guest) ((struct sim *)(guest))
