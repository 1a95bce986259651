/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strategy: a table of phases, walked by the engine, which timestamps every phase, applies
 * deadlines, injects faults and, when a phase up to and including PRESERVE fails, undoes
 * that phase and all before it in reverse order. A strategy never reads a clock, sleeps or
 * spawns: it asks the guest.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/param.h"
#include "model/plan.h"
#include "model/guest.h"

enum lu_phase_kind {
	LU_PREPARE,  /* service answering */
	LU_FREEZE,   /* stopped; from here on replies are not guaranteed */
	LU_PRESERVE, /* stopped */
	LU_SWITCH,   /* the irreversible step */
	LU_RESTORE,
	LU_RESUME, /* answering again */
	LU_FINISH, /* free the old version */
	LU_PHASE_KINDS
};
const char *lu_phase_kind_name(enum lu_phase_kind kind);

/*
 * How the next release boots through the firmware, where that differs from the first boot. Strings
 * are static or interned.
 */
struct lu_next_boot {
	const char *cmdline; /* words after the machine's, " a=b", or NULL */
	const char *image;   /* form of the kernel image; NULL: as it is packaged */
	GPtrArray *qemu_args;
	bool most_modules; /* its initramfs has the drivers that some system may need to boot */
	/* Names of the switches (model/boot-switch.h) by which it spares something that the first
	 * boot does, and by which it does more than the first boot. */
	GPtrArray *saved, *added;
};

/* What is wrong with a next release that is to fail (faults/). */
enum lu_next_fault {
	LU_NEXT_SOUND,
	LU_NEXT_PANICS, /* its kernel finds no root file system */
	LU_NEXT_HANGS,	/* its kernel waits for a root device that never comes */
	LU_NEXT_LACKS,	/* the last module of feature "net" is listed, but not there */
};

/* What a guest needs: begun by a strategy's needs(), completed by the plan (model/plan-needs.c),
 * turned into modules, programs and devices by a backend. Strings are static or interned. */
struct lu_needs {
	/* keys of the machine's "features": "criu", "pmem", "block", "ext4"
	 * ("net" is always there) */
	GPtrArray *features;
	GPtrArray *kmods; /* struct lu_kmod: our own kernel modules (kmod) */
	/* asset programs: "criu", "mke2fs", "kexec", "busybox" (a shell), "nft", "nolock" (a
	 * libnftables that does not lock) */
	GPtrArray *programs;
	const char
		*store; /* "pmem", "disk" or NULL: checkpoint store that outlives the old kernel */
	unsigned store_mb;
	/* size of the data disk, 0: none; the strategy
	 * gives the least, the workload may need more */
	unsigned data_mb;
	/* the next release (kernel, initramfs) is on a medium in the guest ("/dev/disk/next") */
	bool stage_next;
	/* upgrades go back to the old release, too, which then has all that a next one has; set by
	 * the plan */
	bool both_ways;
	/* the next release comes with CRIU's probe results for its kernel, made
	 * beforehand on such a machine */
	bool pin_kdat;
	/* machine and standby are joined by a private network (verb link.up) */
	bool replication;
	unsigned spare_mb; /* memory beyond the plan's, for the strategy's own use */
	/* kernel image form of the next release, one of the machine's "images";
	 * NULL: the machine's first */
	const char *kernel_image;
	struct lu_image_form memory_image; /* of the next release; comes with a disk "field" */
	/* QEMU to migrate to: a name on PATH, "other": another version,
	 * NULL: the same. Interned. */
	const char *standby_qemu;
	/* memory is copied while the machine runs, so the hypervisor has to track every write */
	bool dirty_log;
	/* additions to the kernel's command line, " a=b", interned, or NULL */
	const char *cmdline;
	GPtrArray *packages; /* names of packages whose files guests are given, with the libraries
			      * that their programs need */
	GPtrArray *parts;    /* struct lu_guest_part: other files that guests are given */
	/* text of /etc/lubench/init-script, which verb script.run runs, or NULL */
	const char *init_script;
	/* file (static) to which the service saves its state when it is asked to end, and from which
	 * it starts: the workload's `saving`; NULL: it is started as it is without */
	const char *state_file;
	struct lu_next_boot next_boot;
	enum lu_next_fault next_fault;
};
/* What a guest is given that no package and no build of ours brings. */
struct lu_guest_part {
	char *path; /* in the guest, absolute */
	char *host; /* a file of the host, or a folder whose contents go below path; or NULL: */
	char *text; /* the contents */
	bool run;   /* executable (a file of the host: as it is there) */
};

/* One of our own kernel modules, a feature of its own for the agent's verb `modules`. */
struct lu_kmod {
	const char *name; /* "lu_swap" */
	char *params;	  /* module parameters: "a=1 b=x", may be empty */
};

struct lu_needs *lu_needs_new(void);
struct lu_needs *lu_needs_copy(const struct lu_needs *needs);
void lu_needs_free(struct lu_needs *needs);
void lu_needs_feature(struct lu_needs *needs, const char *feature);
/* params: more module parameters "a=1 b=x", or NULL. */
void lu_needs_kmod(struct lu_needs *needs, const char *name, const char *params);
void lu_needs_program(struct lu_needs *needs, const char *program);

/* What is added to the next release's command line for next_fault, with a space before it; "" mostly. */
const char *lu_needs_next_words(const struct lu_needs *needs);

void lu_needs_package(struct lu_needs *needs, const char *package);
/* Strings are copied. */
void lu_needs_text(struct lu_needs *needs, const char *path, const char *text, bool run);
void lu_needs_host(struct lu_needs *needs, const char *path, const char *host);

/* Arguments of a phase. */
struct lu_run {
	const struct lu_plan *plan;
	struct lu_guest *guest;
	struct lu_timeline *timeline;
	const json_t *params; /* the strategy's, resolved */
	void *state;	      /* state_size bytes, zeroed; the strategy's own */
	unsigned cycle;	      /* number of this upgrade, from 0 (plan->cycles) */
	bool back;	      /* from the plan's new version to its old one */
	int64_t deadline_ns;  /* of the current phase, on the guest's clock */
	/* Of several services the one that the agent is asked about, and whose claims and notes these
	 * are; NULL: there is only one, or what is asked concerns all. */
	const char *service;
};

struct lu_phase {
	enum lu_phase_kind kind;
	const char *name; /* its action, for people: "load next kernel" */
	bool (*run)(struct lu_run *run, GError **error);
	/* NULL: nothing to undo. Also called for the phase that failed, so it must cope with
	 * half-done work. Must be NULL from SWITCH on. */
	bool (*undo)(struct lu_run *run, GError **error);
};

/* Of strategies that carry any service. */
#define LU_DEFAULT_WORKLOAD "tick"

struct lu_strategy {
	const char *name, *summary;
	const struct lu_param *params; /* may be NULL */
	/* Optional. It carries several services, too: parameters that it has then besides
	 * (lu_params_none: no other). NULL: it is refused a plan of several. */
	const struct lu_param *several;
	const struct lu_phase *phases; /* ends with .name == NULL; kinds never decrease */
	size_t state_size;
	/* update kinds it can carry out: "kernel", …; NULL-terminated */
	const char *const *updates;
	/* Optional. The workload of scenarios that name none; the strategy must carry it with its
	 * defaults. NULL: LU_DEFAULT_WORKLOAD. */
	const char *workload;
	bool keeps_state; /* false: oracles on state and connections are waived, with evidence */
	/* Optional. With keeps_state: whether it does not, as this plan has it. */
	bool (*loses_state)(const struct lu_plan *plan);
	/* Optional. With keeps_state: whether connections are lost all the same, as this plan has
	 * it: then the oracles on them alone are waived. */
	bool (*loses_connections)(const struct lu_plan *plan);
	/* the system that it leaves can be upgraded by it again, back and forth (plan->cycles) */
	bool repeats;
	/* Optional. Without repeats: why it cannot, for people: "the next image is not there". */
	const char *once;
	/* false: the old version continues (null, pause); the version oracle expects no change */
	bool switches;
	/* Optional. Refuse or declare unsupported before anything is booted. Asked once for each
	 * service, when the plan is made: plan->needs is not known yet. */
	bool (*check)(const struct lu_plan *plan, GError **error);
	/* Optional. Asked once, by a plan that check() has let pass; plan->needs has the answer,
	 * with what the workload needs. */
	void (*needs)(const struct lu_plan *plan, struct lu_needs *needs);
	/* Optional. With a component (model/component.h): the version expected of this instance
	 * when all phases of that upgrade (from 0, plan->cycles) are done; NULL: the one it began
	 * with, as without this callback. The oracle "component" compares. */
	const char *(*instance_version)(const struct lu_plan *plan, unsigned instance,
					unsigned cycle);
	/* Optional. After the last phase, on success: adds verdicts on what the client cannot
	 * see, with lu_verdicts_add (model/verdicts.h). */
	void (*judge)(struct lu_run *run, json_t *oracles);
	/* Optional. Free what the state holds, however the phases ended. */
	void (*clear)(void *state);
};

/* Call the agent within the phase's deadline. args is taken; reply may be NULL. */
bool lu_run_call(struct lu_run *run, const char *verb, json_t *args, json_t **reply,
		 GError **error);
/* The same for the agent of a running standby (model/guest.h). */
bool lu_run_call_standby(struct lu_run *run, const char *verb, json_t *args, json_t **reply,
			 GError **error);
/* The same for a verb that another kernel answers. */
bool lu_run_jump(struct lu_run *run, const char *verb, json_t *args, GError **error);
bool lu_run_wait(struct lu_run *run, int64_t ns, GError **error);
/* The same run as it concerns the i-th of its services (lu_plan_service) only; of a plan with one
 * the run as it is. */
struct lu_run lu_run_of(const struct lu_run *run, unsigned i);
/* Record a figure that the mechanism reports itself: guest/claim. */
void lu_run_claim(struct lu_run *run, const char *name, int64_t ns);
/* Record a choice that the mechanism made by itself, and why: guest/note. */
void lu_run_note(struct lu_run *run, const char *name, const char *text);
/* What the phase does from now on, for people: "pre-dump round 2", of several services "redis:
 * pre-dump round 2": guest/step. It lasts to the next one or the phase's end, and names
 * interruptions in PREPARE and FINISH. */
void lu_run_step(struct lu_run *run, const char *name);
/* From now on the application answers as that version, as the agent said: guest/app. */
void lu_run_app(struct lu_run *run, const char *version);
/* Record every integer "*_ns" member of an agent's reply as a claim "prefix.member". */
void lu_run_claims(struct lu_run *run, const char *prefix, const json_t *reply);
/* Time left until the phase's deadline, ns, at least 0. */
int64_t lu_run_left(struct lu_run *run);

/* Generated by CMake from strategies/: one entry a file, symbol
 * lu_strategy_<stem>. Ends with NULL. */
extern const struct lu_strategy *const lu_strategies[];
/* The i-th of these, then of those that plugins bring (model/plugin.h); NULL after the last. */
const struct lu_strategy *lu_strategy_at(size_t i);
/* Its parameter of that name, be it one that it has for several services only; NULL: none. */
const struct lu_param *lu_strategy_param(const struct lu_strategy *strategy, const char *name);
/* All its parameters for a plan of several services, or of one. g_free. */
struct lu_param *lu_strategy_params(const struct lu_strategy *strategy, bool several);
/* NULL and LU_ERROR_USAGE (which lists all names). */
const struct lu_strategy *lu_strategy_find(const char *name, GError **error);
/* Name of the strategy's default workload; strategy may be NULL: the general default. */
const char *lu_strategy_workload(const struct lu_strategy *strategy);
