/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampler: absolute wake-up times, so that samples do not drift
 * with the time they take. */
#include <sys/eventfd.h>
#include <unistd.h>
#include "engine/sampler.h"
#include "host/cpu-meter.h"

struct lu_sampler {
	const struct lu_io *io;
	struct lu_guest *guest;
	int64_t interval_ns;
	int end; /* an eventfd: readable once it is time to end */
	GThread *thread;
};

static void sample_memory(struct lu_guest *guest)
{
	struct lu_memory memory = {-1, -1, -1, -1, -1};

	guest->ops->memory(guest, &memory);
	lu_timeline_add(guest->timeline, guest->ops->now(guest), "host", "memory", 0,
			json_pack("{s:I, s:I, s:I}", "qemu_bytes",
				  (json_int_t)memory.host_qemu_bytes, "other_bytes",
				  (json_int_t)memory.host_other_bytes, "files_bytes",
				  (json_int_t)memory.host_files_bytes));
}

/* meter may be NULL. */
static void sample_cpu(struct lu_guest *guest, struct lu_cpu_meter *meter)
{
	if (meter)
		lu_timeline_add(guest->timeline, guest->ops->now(guest), "host", "cpu", 0,
				lu_cpu_meter_read(meter));
}

static gpointer sampler_main(gpointer data)
{
	struct lu_sampler *sampler = data;
	const struct lu_io *io = sampler->io;
	struct pollfd end = {sampler->end, POLLIN, 0};
	struct lu_cpu_meter *meter = io->proc ? lu_cpu_meter_new(io->proc) : NULL;
	int64_t now = io->now(io), next = now;
	unsigned n = 0;

	do {
		sample_memory(sampler->guest);
		if (++n % LU_CPU_SAMPLES == 0)
			sample_cpu(sampler->guest, meter);
		now = io->now(io);
		next = MAX(next + sampler->interval_ns, now);
	} while (io->poll(io, &end, 1, next) == 0);
	sample_cpu(sampler->guest, meter);
	lu_cpu_meter_free(meter);
	return NULL;
}

struct lu_sampler *lu_sampler_new(const struct lu_io *io, struct lu_guest *guest,
				  int64_t interval_ns)
{
	struct lu_sampler *sampler = g_new0(struct lu_sampler, 1);

	sampler->io = io;
	sampler->guest = guest;
	sampler->interval_ns = interval_ns;
	sampler->end = eventfd(0, EFD_CLOEXEC);
	sampler->thread = io->thread(io, "sampler", sampler_main, sampler);
	return sampler;
}

void lu_sampler_free(struct lu_sampler *sampler)
{
	const uint64_t one = 1;

	if (!sampler)
		return;
	if (write(sampler->end, &one, sizeof(one)) < 0)
		g_assert_not_reached();
	g_thread_join(sampler->thread);
	close(sampler->end);
	g_free(sampler);
}
