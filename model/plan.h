/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario is what the user wrote (a file, flags or both); a plan is the same with every default
 * explicit and a content hash: the identity of a run.
 *
 * Scenario keys, with their defaults (all are optional but strategy):
 *
 *   strategy
 *   strategy_params  {}
 *   workload         the strategy's (struct lu_strategy), most often "tick"
 *   workload_params  {}
 *   machine          the one that machines/default names
 *   guest            "qemu" (or "sim")
 *   update           {"kind": "kernel", "from": "previous", "to": "newest", "initramfs_mb": 0};
 *                    the kind's default is the first one of the strategy
 *   services         none: one service, by the keys above; else a list of 2 to LU_SERVICES_MOST
 *                    {"name": the workload's, "workload": required, "workload_params": {},
 *                    "priority": 0, "client": {…}: its own connections, rate_hz, churn_hz and
 *                    timeout_ms}, and the keys above are left out
 *   seed             1
 *   accel            "auto" ("tcg", "tcg-single", "icount", "kvm")
 *   memory_mb        0: the machine's
 *   cpus             0: the machine's
 *   cycles           1: upgrades of the same system, one after another, each back from the one before
 *   client           {"connections": 8, "rate_hz": 200, "churn_hz": 0, "timeout_ms": 30000,
 *                    "baseline_ms": 3000, "settle_ms": 2000}
 *   timeouts         {"boot_ms": 120000, "phase_ms": 120000}
 *   fault            none; {"phase": KIND, "kind": "error"|…}
 *   network          none; {"delay_us": 0, "loss_ppm": 0, "rate_kbps": 0}: the network between
 *                    clients and guest, real guests only
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/machine.h"

struct lu_needs;
struct lu_strategy;
struct lu_workload;

/* Characters of a label. */
#define LU_LABEL_MAX 64
/* Upgrades in one run. */
#define LU_CYCLES_MOST 1000
/* Several services: how many, the characters of a name, and the highest priority. */
#define LU_SERVICES_MOST    8
#define LU_SERVICE_NAME_MAX 32
#define LU_PRIORITY_MOST    1000
/* MiB; what a guest's first kernel unpacks lies twice in its memory. */
#define LU_INITRAMFS_MOST_MB 1024

enum lu_guest_kind { LU_GUEST_QEMU, LU_GUEST_SIM };

struct lu_plan {
	const struct lu_strategy *strategy;
	json_t *strategy_params; /* resolved */
	const struct lu_workload *workload;
	json_t *workload_params;    /* resolved */
	struct lu_machine *machine; /* owned */
	enum lu_guest_kind guest;
	char *update_kind, *update_from, *update_to;
	unsigned initramfs_mb; /* MiB by which the next kernel's initramfs is padded */
	uint64_t seed;
	char *accel;
	unsigned memory_mb;
	unsigned cpus;
	unsigned cycles; /* upgrades of the same system, there, back, there, … */
	unsigned connections;
	double rate_hz;
	unsigned churn_hz; /* connections opened and closed beside these, a second */
	int64_t timeout_ns, baseline_ns, settle_ns, boot_timeout_ns, phase_timeout_ns;
	char *fault_phase; /* phase kind in capitals, or NULL */
	char *fault_kind;  /* name of a fault (model/fault.h), or NULL */
	/* The network between clients and guest; all 0 unless the scenario has "network". */
	int64_t net_delay_ns;  /* one way */
	double net_loss;       /* share of the frames, each way */
	uint64_t net_rate_bps; /* 0: unlimited */
	json_t *doc;	       /* all of the above as JSON: what a result embeds */
	char *hash;	       /* SHA-256 (hex) of doc in canonical form */
	/*
	 * Of several services this is the plan of the one with the highest priority, and each of the
	 * others, by falling priority, has a plan that differs in what is the service's: name,
	 * priority, workload, parameters and client. Whatever concerns one service is asked of its
	 * plan; whatever concerns the guest, of this one. NULL: it is the only one, without a name.
	 */
	GPtrArray *others; /* struct lu_plan */
	char *service;	   /* its name; NULL: it is the only one */
	int priority;
	char *label; /* what its user calls the runs, or NULL; no part of doc */
	/* What follows from it, owned: */
	struct lu_needs *needs; /* what a guest needs; empty if the plan is refused */
	GError *refusal;	/* why the strategy refuses the plan; NULL: it does not */
};

/* How many services the guest runs, at least 1. */
unsigned lu_plan_services(const struct lu_plan *plan);
/* The plan of the i-th of them, by falling priority; of the first it is the plan itself. */
const struct lu_plan *lu_plan_service(const struct lu_plan *plan, unsigned i);
/* Expected resident size of all of them, bytes. */
uint64_t lu_plan_state_bytes(const struct lu_plan *plan);
/* Whether the application is updated. Then from and to are versions of the workload's application,
 * and the kernels are "previous" and "newest", of which the first stays. */
bool lu_plan_of_app(const struct lu_plan *plan);
/* Name of the kernel before or after the update: a release, "previous", "newest", or the folder of
 * one built from source. */
const char *lu_plan_kernel(const struct lu_plan *plan, bool after);
/* Folder of the kernel before or after the update when that is one built from source (an absolute
 * path), or NULL. */
const char *lu_plan_tree(const struct lu_plan *plan, bool after);
/* Version of the application before or after the update, one of the workload's; NULL when that has
 * none. In an update of anything else it is the newest but one, before and after. */
const char *lu_plan_app(const struct lu_plan *plan, bool after);
/* The same as its number among the workload's versions, from 1; 0: it has none. */
unsigned lu_plan_app_number(const struct lu_plan *plan, bool after);
/* Whether the workload has the versions that an update of its application names. LU_ERROR_REFUSED
 * when it has none at all, LU_ERROR_USAGE when not these. */
bool lu_plan_app_known(const struct lu_plan *plan, GError **error);

/* Read and parse a file (bounded at 1 MiB): a scenario, or a result, of which it is the plan.
 * LU_ERROR_USAGE: file, line, what. */
json_t *lu_scenario_load(const char *path, GError **error);
json_t *lu_scenario_parse(const char *text, size_t len, const char *name, GError **error);
/* Name of the workload that the scenario names, or else its strategy; of several services that of
 * the highest priority; borrowed. Of an unknown strategy, too: making the plan complains. */
const char *lu_scenario_workload(const json_t *scenario);
/* Set a dotted key ("client.rate_hz") from a command line's text; creates objects on the way. */
bool lu_scenario_set(json_t *scenario, const char *dotted, const char *text, GError **error);
/* --param key=value: goes to strategy_params or workload_params, whichever declares it (strategy
 * and workload must already be set in the scenario or default). Unknown: LU_ERROR_USAGE lists what
 * both declare. */
bool lu_scenario_set_param(json_t *scenario, const char *key_value, GError **error);

/* Check every key, type and range; make every default explicit. `name` is the file's name for
 * messages ("flags" without one). host_memory_mb bounds the guest's memory (0: not checked).
 * machines_dir holds the machines' folders. */
struct lu_plan *lu_plan_new(const json_t *scenario, const char *name, const char *machines_dir,
			    unsigned host_memory_mb, GError **error);
/* The same without its last check, that the strategy can carry the kind of update, which is left to
 * lu_plan_feasible(): to have a plan of what is refused. */
struct lu_plan *lu_plan_new_unchecked(const json_t *scenario, const char *name,
				      const char *machines_dir, unsigned host_memory_mb,
				      GError **error);
/* Does the strategy accept the plan, as far as is known before anything is booted: can it carry the
 * kind of update, and does its check() agree? LU_ERROR_REFUSED or LU_ERROR_UNSUPPORTED, as found
 * when the plan was made. */
bool lu_plan_feasible(const struct lu_plan *plan, GError **error);
void lu_plan_free(struct lu_plan *plan);
/* What results of the plan are to be called (run.label). NULL: nothing. LU_ERROR_USAGE: not a name. */
bool lu_plan_set_label(struct lu_plan *plan, const char *label, GError **error);
/* The same settings and label with another seed, for --repeat. */
struct lu_plan *lu_plan_with_seed(const struct lu_plan *plan, uint64_t seed);
