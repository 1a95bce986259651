/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a scenario, with ranges and defaults: the one place to add a key. */
#include "model/churn.h"
#include "model/fault.h"
#include "model/machine.h"
#include "model/plan.h"
#include "model/scenario-keys.h"

static const char *const guests[] = {"qemu", "sim", NULL};
static const char *const accels[] = {"auto", "tcg", "tcg-single", "icount", "kvm", NULL};
static const char *const updates[] = {"kernel", "app", "module", "vmm", NULL};
static const char *const phases[] = {"PREPARE", "FREEZE", "PRESERVE", "SWITCH",
				     "RESTORE", "RESUME", "FINISH",   NULL};

/* strategy has no default: a scenario without one is refused before this table is consulted. Which
 * machine is the default is said by machines/default, and which workload by the strategy: model/plan.c
 * asks them first. */
static const struct lu_param top[] = {
	{"strategy", LU_PARAM_NAME, NULL, .help = "how the update is carried out"},
	{"workload", LU_PARAM_NAME, NULL, .help = "the service and its client"},
	{"machine", LU_PARAM_NAME, NULL, .help = "the guest's description"},
	{"guest", LU_PARAM_CHOICE, "qemu", .choices = guests, .help = "real or simulated"},
	{"seed", LU_PARAM_INT, "1", 0, G_MAXINT64, .help = "of everything random"},
	{"accel", LU_PARAM_CHOICE, "auto", .choices = accels, .help = "QEMU's accelerator"},
	{"memory_mb", LU_PARAM_INT, "0", 0, 1 << 24, .help = "guest memory; 0: the machine's own"},
	{"cpus", LU_PARAM_INT, "0", 0, LU_MACHINE_CPUS, .help = "vCPUs; 0: the machine's own"},
	{"cycles", LU_PARAM_INT, "1", 1, LU_CYCLES_MOST,
	 .help = "upgrades of the same system, there, back, there, …"},
	{NULL},
};

static const struct lu_param update[] = {
	{"kind", LU_PARAM_CHOICE, "kernel", .choices = updates, .help = "what changes"},
	{"from", LU_PARAM_NAME_OR_PATH, "previous",
	 .help = "\"previous\", a release, or the folder of a built kernel"},
	{"to", LU_PARAM_NAME_OR_PATH, "newest",
	 .help = "\"newest\", a release, or the folder of a built kernel"},
	{"initramfs_mb", LU_PARAM_INT, "0", 0, LU_INITRAMFS_MOST_MB,
	 .help = "incompressible bytes added to the next kernel's initramfs, MiB"},
	{NULL},
};

static const struct lu_param client[] = {
	{"connections", LU_PARAM_INT, "8", 1, 1024, .help = "TCP connections"},
	{"rate_hz", LU_PARAM_REAL, "200", 0, 100000, .help = "requests a second, all together"},
	{"churn_hz", LU_PARAM_INT, "0", 0, LU_CHURN_MOST_HZ,
	 .help = "connections a second opened for one request and closed, beside these"},
	{"timeout_ms", LU_PARAM_INT, "30000", 1, 3600000, .help = "request given up after"},
	{"baseline_ms", LU_PARAM_INT, "3000", 1, 3600000, .help = "load before the trigger"},
	{"settle_ms", LU_PARAM_INT, "2000", 0, 3600000, .help = "load after the last phase"},
	{NULL},
};

static const struct lu_param timeouts[] = {
	{"boot_ms", LU_PARAM_INT, "120000", 1, 3600000, .help = "power on to the agent's hello"},
	{"phase_ms", LU_PARAM_INT, "120000", 1, 3600000, .help = "each phase"},
	{NULL},
};

static const struct lu_param fault[] = {
	{"phase", LU_PARAM_CHOICE, "SWITCH", .choices = phases, .help = "phase to fail in"},
	{"kind", LU_PARAM_CHOICE, "error", .choices = lu_fault_kinds, .help = "how it fails"},
	{NULL},
};

/* Integers, because zero has to be allowed. */
static const struct lu_param network[] = {
	{"delay_us", LU_PARAM_INT, "0", 0, 10000000, .help = "added to each frame, one way"},
	{"loss_ppm", LU_PARAM_INT, "0", 0, 1000000, .help = "frames lost, of a million, each way"},
	{"rate_kbps", LU_PARAM_INT, "0", 0, 100000000, .help = "each way; 0: unlimited"},
	{NULL},
};

const struct lu_section lu_scenario_sections[] = {
	{"", top},
	{"update", update},
	{"client", client},
	{"timeouts", timeouts},
	{"fault", fault, .optional = true},
	{"network", network, .optional = true},
	{NULL},
};

const struct lu_section *lu_section_find(const char *name)
{
	for (const struct lu_section *s = lu_scenario_sections; s->name; s++)
		if (g_str_equal(s->name, name))
			return s;
	return NULL;
}

const char **lu_scenario_top_keys(void)
{
	GPtrArray *keys = g_ptr_array_new();

	for (const struct lu_param *spec = top; spec->name; spec++)
		g_ptr_array_add(keys, (gpointer)spec->name);
	g_ptr_array_add(keys, (gpointer) "strategy_params");
	g_ptr_array_add(keys, (gpointer) "workload_params");
	g_ptr_array_add(keys, (gpointer) "services");
	for (const struct lu_section *s = lu_scenario_sections + 1; s->name; s++)
		g_ptr_array_add(keys, (gpointer)s->name);
	g_ptr_array_add(keys, NULL);
	return (const char **)g_ptr_array_free(keys, FALSE);
}
