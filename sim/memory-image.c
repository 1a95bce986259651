/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated memory image of a release. Its time from flash is computed by record/flash.h, as
 * with a real guest; its size is an estimate: the memory that a kernel uses, or all memory.
 */
#include "sim/memory-image.h"
#include "record/error.h"
#include "model/strategy.h"
#include "sim/clock.h"
#include "sim/field.h"
#include "sim/memory.h"
#include "sim/standby-machine.h"

/* Compressed by zstd to this part, of pages whose filling is 50 % compressible. */
#define PACKED 0.4
/* Memory that a kernel and CRIU touch before the
 * service is back, with a lazy image: an estimate. */
#define TOUCHED_BYTES 24e6
/* Size of a memory image's tables for each page. */
#define TABLE_BYTES 16
#define PAGE	    4096

uint64_t sim_image_bytes(struct sim *sim)
{
	const struct lu_needs *needs = sim->plan->needs;
	const struct lu_image_form *form = &needs->memory_image;
	unsigned memory_mb =
		sim->plan->memory_mb ? sim->plan->memory_mb : sim->plan->machine->memory_mb;
	uint64_t whole = (uint64_t)(memory_mb + needs->spare_mb) << 20;
	uint64_t touched =
		MAX((uint64_t)sim->costs->kernel_used_bytes, (uint64_t)form->touched_mb << 20);
	double packed = form->zstd ? PACKED : 1;

	if (form->zstd && !form->dedup)
		whole = touched; /* zero pages take almost no space */
	whole = (uint64_t)((double)(form->dedup ? touched : whole) * packed);
	return whole;
}

json_t *sim_image_describe(struct sim *sim)
{
	bool wanted = sim->plan->needs->memory_image.wanted;

	return wanted ? json_pack("{s:I}", "bytes", (json_int_t)sim_image_bytes(sim)) : NULL;
}

const json_t *sim_image_expects(struct lu_guest *guest)
{
	struct sim *sim = SIM(guest);

	if (!sim->expects)
		sim->expects = sim_field_list(sim, true);
	return sim->expects;
}

static bool usage(GError **error, const char *what, const char *why)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s", what, why);
	return false;
}

static void claim(struct sim *sim, const char *name, int64_t ns)
{
	lu_timeline_add(sim->guest.timeline, sim->now_ns, "guest", "claim", 0,
			json_pack("{s:s, s:I}", "name", name, "ns", (json_int_t)ns));
}

/* What has to be read before the machine can run and do anything. The touched pages are charged
 * here, though they are read later: no service runs in between. */
static uint64_t first_bytes(const struct sim *sim, uint64_t bytes)
{
	uint64_t touched = (uint64_t)TOUCHED_BYTES + bytes / PAGE * TABLE_BYTES;

	return sim->standby.lazy ? MIN(bytes, touched) : bytes;
}

bool sim_image_load(struct lu_guest *guest, const struct lu_image_load *load, int64_t timeout_ns,
		    GError **error)
{
	struct sim *sim = SIM(guest);
	uint64_t bytes = sim_image_bytes(sim), first = first_bytes(sim, bytes);
	int64_t took_ns = lu_flash_read_ns(&load->flash, first, load->readahead);

	if (!sim->standby.there || !sim->standby.image || sim->standby.loaded)
		return usage(error, "image.load", "no machine is waiting for one");
	if (!sim_standby_spend(sim, "image.load", took_ns, timeout_ns, error))
		return false;
	sim->standby.loaded = true;
	sim->standby.fetch_ns = lu_flash_read_ns(&load->flash, bytes - first, load->readahead);
	sim->standby.memory = (int64_t)sim_image_bytes(sim);
	claim(sim, "image.stream_ns", took_ns);
	sim_update_memory(sim);
	return true;
}

bool sim_image_rest(struct lu_guest *guest, int64_t timeout_ns, GError **error)
{
	struct sim *sim = SIM(guest);
	int64_t left_ns = MAX(sim->standby.last_ns - sim->now_ns, 0);

	return sim_alive(sim, "image.rest", error) &&
	       sim_standby_spend(sim, "image.rest", left_ns, timeout_ns, error);
}

bool sim_image_audit(struct lu_guest *guest, char **finding, GError **error)
{
	*finding = SIM(guest)->field.unsound ? g_strdup("blocks claimed twice") : NULL;
	return true;
}

/* A kernel with its modules loaded, the disk "field" mounted as it has cached it, and no network
 * yet. The checkpoint store is a disk that both machines have. */
static void wake(struct sim *sim)
{
	struct sim_standby *standby = &sim->standby;
	const struct lu_needs *needs = sim->plan->needs;

	standby->kernel = (struct sim_kernel){
		.up = true,
		.release = LU_RELEASE_NEW,
		.modules = g_hash_table_new(g_str_hash, g_str_equal),
		.field = true,
	};
	standby->kernel.zero_ns = sim->now_ns; /* it is told the time of day when it wakes */
	standby->store = sim->store;
	for (guint i = 0; i < needs->features->len; i++)
		g_hash_table_add(standby->kernel.modules, needs->features->pdata[i]);
	sim->field.stale = sim->field.changed;
}

bool sim_image_switch(struct sim *sim, int64_t timeout_ns, GError **error)
{
	if (!sim->standby.loaded)
		return usage(error, "standby.switch", "no memory image has been loaded");
	if (!sim_alive(sim, "standby.switch", error) ||
	    !sim_standby_spend(sim, "standby.switch", sim_cost(sim, "image.devices"), timeout_ns,
			       error))
		return false;
	sim->standby.last_ns = sim->now_ns + sim->standby.fetch_ns;
	wake(sim);
	sim_standby_flip(sim);
	return true;
}
