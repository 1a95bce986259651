/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory sampler: absolute wake-up times, so that samples do not drift
 * with the time they take. */
#include <signal.h>
#include "engine/clock.h"
#include "engine/memory.h"

struct lu_sampler {
	struct lu_guest *guest;
	int64_t interval_ns;
	GThread *thread;
	GMutex lock;
	GCond ended;
	bool end;
};

static void sample(struct lu_guest *guest)
{
	struct lu_memory memory = {-1, -1, -1, -1, -1};

	guest->ops->memory(guest, &memory);
	lu_timeline_add(guest->timeline, guest->ops->now(guest), "host", "memory", 0,
			json_pack("{s:I, s:I, s:I}", "qemu_bytes",
				  (json_int_t)memory.host_qemu_bytes, "other_bytes",
				  (json_int_t)memory.host_other_bytes, "files_bytes",
				  (json_int_t)memory.host_files_bytes));
}

/* true: time to end. */
static bool wait_until(struct lu_sampler *sampler, int64_t t_ns)
{
	bool end;

	g_mutex_lock(&sampler->lock);
	while (!sampler->end && g_cond_wait_until(&sampler->ended, &sampler->lock, t_ns / 1000))
		;
	end = sampler->end;
	g_mutex_unlock(&sampler->lock);
	return end;
}

static gpointer sampler_main(gpointer data)
{
	struct lu_sampler *sampler = data;
	int64_t next = lu_clock_now();
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	do {
		sample(sampler->guest);
		next = MAX(next + sampler->interval_ns, lu_clock_now());
	} while (!wait_until(sampler, next));
	return NULL;
}

struct lu_sampler *lu_sampler_new(struct lu_guest *guest, int64_t interval_ns)
{
	struct lu_sampler *sampler = g_new0(struct lu_sampler, 1);

	sampler->guest = guest;
	sampler->interval_ns = interval_ns;
	g_mutex_init(&sampler->lock);
	g_cond_init(&sampler->ended);
	sampler->thread = g_thread_new("memory", sampler_main, sampler);
	return sampler;
}

void lu_sampler_free(struct lu_sampler *sampler)
{
	if (!sampler)
		return;
	g_mutex_lock(&sampler->lock);
	sampler->end = true;
	g_cond_signal(&sampler->ended);
	g_mutex_unlock(&sampler->lock);
	g_thread_join(sampler->thread);
	g_mutex_clear(&sampler->lock);
	g_cond_clear(&sampler->ended);
	g_free(sampler);
}
