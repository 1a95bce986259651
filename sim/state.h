/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of the simulated guest; private to sim/. */
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
/* Progress of a handover to a new version of the application. */
enum sim_handover { SIM_ALONE, SIM_BESIDE, SIM_STANDS, SIM_HANDED, SIM_TAKEN };
enum sim_service { SIM_NONE, SIM_RUNNING, SIM_STOPPED };

enum { SIM_INSTANCES = LU_COMPONENT_INSTANCES };

/* State in a kernel: lost at the next boot or jump. */
struct sim_kernel {
	bool up; /* its agent answers */
	enum lu_release release;
	GHashTable *modules; /* features loaded */
	bool net, locked;
	bool spoilt; /* the service that was restored has wrong memory, once it goes on */
	enum sim_service service;
	bool store, staged;
	enum sim_data data;
	bool field, field_writes; /* open; for writing, too */
	bool blank;    /* devices are new, but the service may remember their old contents */
	bool contents; /* the devices' contents are saved in files */
	bool loaded, copied, checksum, fast; /* the next kernel */
	const char *image;		     /* its form, interned */
	bool small_pages;		     /* huge pages are split */
	const char *version[SIM_INSTANCES];  /* of swappable instances, interned; NULL: v1 */
	const char *patch, *unpatched; /* the last live patch, the version below it; interned */
	bool link;		       /* up on the replication network */
	bool serving, ready;	       /* as a standby: receives checkpoints, has a CRIU waiting */
	bool armed, held; /* towards a standby: has a CRIU waiting, or holding the service frozen */
	enum sim_handover handover;
	bool state_copied; /* the new version has the state, except later writes */
	unsigned next_version;
	void *saved;	     /* model of a service that has ended, its state in a file */
	int64_t zero_ns;     /* when its CLOCK_MONOTONIC was 0, as if it had never been paused */
	int64_t wall_ns;     /* by how much its CLOCK_REALTIME is ahead of the time of day */
	int64_t ahead_ns;    /* of the service's time namespace against CLOCK_MONOTONIC */
	bool time_namespace; /* the service has one */
};

/* The checkpoint store: survives a kexec; a power cycle, if it is a disk that was unmounted. */
struct sim_store {
	const char *kind;	  /* interned, NULL: not formatted */
	unsigned rounds;	  /* predumps */
	bool image;		  /* a whole checkpoint */
	bool stale;		  /* the service continued after the checkpoint */
	enum sim_service service; /* as it was dumped */
	int64_t bytes;
	bool full, damaged;	       /* on purpose */
	const char *obstacle;	       /* to a restore, in CRIU's words; interned, NULL: none */
	bool replaced;		       /* a mapped file is of another build */
	bool comparing;		       /* with the manifest */
	bool unsealed;		       /* images were written since it was sealed */
	int64_t sealed;		       /* bytes that it has */
	int64_t round_ns, round_bytes; /* of the last round: when it began, and its size */
	bool later;		       /* the restored service still takes memory from it */
	int64_t monotonic_ns;	       /* as the service saw it when it was dumped */
};

/* The data disk: survives everything. */
struct sim_disk {
	bool made;     /* has a file system */
	bool unheld;   /* another kernel mounted it while this one could still write */
	void *service; /* model of a service that was ended and left its files here */
	void *saved;   /* model of one that has ended, its state in a file here */
	bool contents; /* the devices' contents are saved in files here */
};

/* The disk "field": survives everything. A kernel from
 * a memory image has cached it as it was shipped. */
struct sim_field {
	bool changed, used; /* changed since it was shipped; used by the next release */
	bool stale;	    /* cached metadata of the kernel that has it mounted is stale */
	bool unsound;	    /* such a kernel has written to it */
};

/* The second machine. */
struct sim_standby {
	bool there, copied;
	bool endless;	    /* the copy does not converge */
	bool image, loaded; /* it takes a memory image; that has been loaded */
	bool lazy;	    /* the image is loaded on demand */
	int64_t last_ns;    /* when the last page is loaded */
	int64_t fetch_ns;   /* duration of the rest of the stream */
	bool boots;	    /* has, or had, a kernel and a store of its own, these */
	struct sim_kernel kernel;
	struct sim_store store;
	int64_t round_ns, round_bytes; /* of the last pre-copy round: when it began, and its size */
	bool old; /* the standby has become the guest, and the old machine still exists */
	struct lu_migration_config config;
	int64_t rest_ns;  /* duration of the last pass */
	bool postcopied;  /* which comes once the machine runs at the destination */
	int64_t limit_ns; /* downtime limit in the end, -1: it was not to be raised */
	int64_t total_ns;
	int64_t memory; /* in use, bytes */
};

/* What belongs to one service (sim/seats.h); of the one that is looked at the rest is out of date. */
struct sim_seat {
	struct sim *sim;
	unsigned number;
	const struct lu_plan *plan; /* as if it were the only service */
	void *service;
	struct lu_peer *peer;
	const struct lu_load *load; /* of the peer, or of the last one */
	struct sim_store store;
	enum sim_service state;
	void *saved, *disk_service, *disk_saved; /* of struct sim_kernel, and of struct sim_disk */
	int64_t ahead_ns;
	bool time_namespace, locked;
	bool kept; /* its checkpoint, when the machine died last */
};

struct sim {
	struct lu_guest guest;
	struct sim_seat seats[LU_SERVICES_MOST];
	unsigned n_seats, at; /* which one is looked at */
	const struct lu_plan *plan;
	struct lu_sim_costs *costs;
	const char *uncosted; /* a step that was used and has no cost, interned; NULL: none */
	int64_t now_ns;
	GRand *random;
	enum sim_machine machine;
	bool turned;	   /* the releases have changed roles */
	bool hung;	   /* stopped for good */
	int64_t paused_ns; /* since when it is SIM_PAUSED */
	bool cut;	   /* no frame passes between clients and guest */
	struct sim_standby standby;
	unsigned boots;
	struct sim_kernel kernel;
	struct sim_store store;
	struct sim_disk disk;
	struct sim_field field;
	void *service; /* the workload's model; in the running kernel or in the checkpoint */
	int64_t busy_until_ns;
	struct lu_peer *peer; /* NULL: no load */
	int64_t sample_ns, next_sample_ns;
	GString *console;
	char *fail_verb, *fail_message, *damage;
	int fail_code;
	json_t *expects; /* the answer of sim_image_expects */
	GMutex lock;	 /* guards memory */
	struct lu_memory memory;
};

#define SIM(guest) ((struct sim *)(guest))
