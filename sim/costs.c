/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Costs of the simulated guest, ns and ns per byte.
 *
 * They are those of QEMU's TCG on a two-core host, measured once by hand: x86 with 64 MB of state
 * (boot to /init 3 to 4 s, dump 0.9 s, new kernel 2.7 s, modules 0.6 s, restore 1.1 s, checksum and
 * decompression 2 s together), pseries with 4 MB (dump 0.74 s, restore 0.56 s, kexec 3.8 to 4.2 s,
 * load by kexec-tools 1.1 to 1.7 s, to /init 2.9 s). Those are single points: how each splits into
 * a fixed part and one per byte is an estimate, and so is every step below 50 ms. A simulated
 * blackout is therefore good for the logic of a strategy and for tests, not for a claim about a
 * real machine; calibration against real runs replaces the numbers, not the code.
 */
#include <glib.h>
#include "sim/costs.h"

#define US	  G_GINT64_CONSTANT(1000)
#define MS	  G_GINT64_CONSTANT(1000000)
#define STATE	  LU_SIM_STATE
#define RELEASE	  LU_SIM_RELEASE
#define MEBIBYTES (G_GINT64_CONSTANT(1) << 20)

/* What takes as long on either machine: the harness's own work, and what was not measured apart. */
static const struct lu_sim_cost either[] = {
	{"stop", 1 * MS},
	{"cont", 1 * MS},
	{"standby.start", 400 * MS},
	{"standby.copy", 20 * MS},
	{"standby.switch:flip", 1 * MS},
	{"standby.drop", 10 * MS},
	{"image.devices", 60 * MS}, /* of a machine whose memory is in place */
	{"field.open", 15 * MS},
	{"field.close", 10 * MS},
	{"field.list", 40 * MS},
	{"field.change", 25 * MS},
	{"field.use", 25 * MS},
	{"swap", 1 * MS}, /* gate and quiescence */
	{"swap:transfer", 1 * MS, 1.0, STATE},
	{"swap.back", 2 * MS, 1.0, STATE},
	{"livepatch.apply", 400 * MS},
	{"livepatch.undo", 400 * MS},
	{"devices.save", 5 * MS, 1.0, STATE},
	{"devices.load", 5 * MS, 1.0, STATE},
	{"modules.drop", 30 * MS},
	{},
};

static const struct lu_sim_cost x86_q35[] = {
	{"boot", 3500 * MS},
	{"power_cycle", 4000 * MS},
	{"wire", 150 * US},    /* one way, client to guest */
	{"serve", 60 * US},    /* one request */
	{"modules", 100 * MS}, /* each feature */
	{"net.up", 20 * MS},
	{"net.down", 5 * MS},
	{"net.lock", 2 * MS},
	{"net.unlock", 1 * MS},
	{"net.nudge", 5 * MS},
	{"service.start", 300 * MS, 1.0, STATE},
	{"service.stop", 20 * MS},
	{"handover.begin", 60 * MS},		/* another process, and its memory */
	{"handover.copy", 5 * MS, 14.0, STATE}, /* transformed and summed on both sides */
	{"handover.copy:again", 4 * MS},
	{"handover.stand", 3 * MS},
	{"handover.rest", 8 * MS},
	{"handover.take", 4 * MS},
	{"handover.end", 5 * MS, 0.2, STATE}, /* freeing the old version's memory */
	{"handover.abort", 5 * MS},
	{"service.freeze", 2 * MS},
	{"service.thaw", 1 * MS},
	{"store.open", 30 * MS},
	{"store.open:format", 250 * MS},
	{"store.close", 15 * MS},
	{"data.open", 30 * MS},
	{"data.open:format", 250 * MS},
	{"data.hold", 20 * MS},
	{"data.release", 2 * MS},
	{"data.close", 15 * MS},
	{"stage", 20 * MS, 4.0, RELEASE},
	{"unstage", 2 * MS},
	{"kexec.load", 100 * MS, 3.0, RELEASE},
	{"kexec.load:tools", 400 * MS},
	{"kexec.unload", 2 * MS},
	{"checkpoint", 450 * MS, 4.0, STATE},
	{"checkpoint:disk", 40 * MS, 3.0, STATE},
	{"checkpoint:predump", 250 * MS, 4.0, STATE},
	{"checkpoint:delta", 100 * MS, 0.4, STATE}, /* what a round finds dirty again */
	{"checkpoint.discard", 5 * MS},
	{"kexec.jump", 2400 * MS},
	{"kexec.jump:copy", 40 * MS, 16.0, RELEASE},
	{"kexec.jump:checksum", 50 * MS, 60.0, RELEASE},
	{"kexec.jump:decompress", 50 * MS, 55.0, RELEASE},
	{"kexec.jump:same", 300 * MS}, /* what the machine's faster command line leaves out */
	{"restore", 700 * MS, 4.0, STATE},
	{"restore:disk", 40 * MS, 3.0, STATE},
	{"standby.switch", 25 * MS}, /* devices, and the other machine's start */
	{"link.up", 10 * MS},
	{"link.down", 2 * MS},
	{"pages.small", 10 * MS},
	{"pages.huge", 1 * MS},
	{"replica.rehearse", 500 * MS},
	{"replica.serve", 5 * MS},
	{"replica.ready", 10 * MS},
	{"replica.precopy", 300 * MS},
	{"replica.precopy:state", 0, 12.0, STATE},
	{"replica.arm", 20 * MS},
	{"replica.dump", 150 * MS, 0.3, STATE},
	{"replica.release", 20 * MS},
	{"replica.restore", 130 * MS, 1.0, STATE},
	{"script.run", 40 * MS}, /* a shell, and the programs of a step */
	{},
};

static const struct lu_sim_cost ppc64_pseries[] = {
	{"boot", 2900 * MS},
	{"power_cycle", 3400 * MS},
	{"wire", 180 * US},
	{"serve", 90 * US},
	{"modules", 150 * MS},
	{"net.up", 30 * MS},
	{"net.down", 8 * MS},
	{"net.lock", 3 * MS},
	{"net.unlock", 2 * MS},
	{"net.nudge", 8 * MS},
	{"service.start", 400 * MS, 1.5, STATE},
	{"service.stop", 30 * MS},
	{"handover.begin", 90 * MS},
	{"handover.copy", 8 * MS, 20.0, STATE},
	{"handover.copy:again", 6 * MS},
	{"handover.stand", 5 * MS},
	{"handover.rest", 12 * MS},
	{"handover.take", 6 * MS},
	{"handover.end", 8 * MS, 0.3, STATE},
	{"handover.abort", 8 * MS},
	{"service.freeze", 3 * MS},
	{"service.thaw", 2 * MS},
	{"store.open", 40 * MS},
	{"store.open:format", 350 * MS},
	{"store.close", 20 * MS},
	{"data.open", 40 * MS},
	{"data.open:format", 350 * MS},
	{"data.hold", 30 * MS},
	{"data.release", 3 * MS},
	{"data.close", 20 * MS},
	{"stage", 30 * MS, 4.0, RELEASE},
	{"unstage", 3 * MS},
	{"kexec.load", 700 * MS, 12.0, RELEASE},
	{"kexec.load:tools", 300 * MS},
	{"kexec.unload", 3 * MS},
	{"checkpoint", 680 * MS, 12.0, STATE},
	{"checkpoint:disk", 40 * MS, 4.0, STATE},
	{"checkpoint:predump", 350 * MS, 12.0, STATE},
	{"checkpoint:delta", 150 * MS, 1.0, STATE},
	{"checkpoint.discard", 8 * MS},
	{"kexec.jump", 3300 * MS},
	{"kexec.jump:checksum", 100 * MS, 20.0, RELEASE},
	{"restore", 500 * MS, 12.0, STATE},
	{"restore:disk", 40 * MS, 4.0, STATE},
	{"standby.switch", 40 * MS},
	{"link.up", 16 * MS},
	{"link.down", 3 * MS},
	{"pages.small", 16 * MS},
	{"pages.huge", 2 * MS},
	{"replica.rehearse", 800 * MS},
	{"replica.serve", 8 * MS},
	{"replica.ready", 16 * MS},
	{"replica.precopy", 480 * MS},
	{"replica.precopy:state", 0, 24.0, STATE},
	{"replica.arm", 32 * MS},
	{"replica.dump", 240 * MS, 0.3, STATE},
	{"replica.release", 32 * MS},
	{"replica.restore", 208 * MS, 1.0, STATE},
	{"script.run", 60 * MS},
	{},
};

static const struct lu_sim_costs machines[] = {
	{"x86-q35", 16 * MEBIBYTES, 70 * MEBIBYTES, 60 * MEBIBYTES, x86_q35},
	{"ppc64-pseries", 36 * MEBIBYTES, 110 * MEBIBYTES, 70 * MEBIBYTES, ppc64_pseries},
};

const struct lu_sim_costs *lu_sim_costs_find(const char *machine)
{
	for (size_t i = 0; i < G_N_ELEMENTS(machines); i++)
		if (g_str_equal(machines[i].machine, machine))
			return &machines[i];
	return NULL;
}

static double counted(const struct lu_sim_costs *costs, enum lu_sim_bytes bytes,
		      uint64_t state_bytes)
{
	switch (bytes) {
	case LU_SIM_STATE:
		return (double)state_bytes;
	case LU_SIM_RELEASE:
		return (double)costs->release_bytes;
	default:
		return 0;
	}
}

static const struct lu_sim_cost *find_step(const struct lu_sim_cost *steps, const char *step)
{
	for (; steps->step; steps++)
		if (g_str_equal(steps->step, step))
			return steps;
	return NULL;
}

int64_t lu_sim_cost_ns(const struct lu_sim_costs *costs, const char *step, uint64_t state_bytes)
{
	const struct lu_sim_cost *cost = find_step(costs->steps, step) ?: find_step(either, step);

	return cost ? cost->fixed_ns +
			       (int64_t)(cost->byte_ns * counted(costs, cost->bytes, state_bytes))
		    : 0;
}
