/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/limits.h"
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#define LEAST_FILES	64
#define LEAST_MEMORY_MB 512ull
/* A run has its own threads and those of GLib, and QEMU as many again; a plot has gnuplot. */
#define LEAST_THREADS 32
#define STACK_BYTES   65536

static bool have_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < LEAST_FILES) {
		files.rlim_cur = MIN(files.rlim_max, LEAST_FILES);
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= LEAST_FILES)
		return true;
	g_printerr("lubench: only %llu files may be open: ulimit -n %d or more\n",
		   (unsigned long long)files.rlim_cur, LEAST_FILES);
	return false;
}

static bool have_memory(void)
{
	struct rlimit memory;

	if (getrlimit(RLIMIT_AS, &memory) < 0 || memory.rlim_cur >= LEAST_MEMORY_MB << 20)
		return true;
	g_printerr("lubench: only %llu MB of address space: ulimit -v %llu or more\n",
		   (unsigned long long)memory.rlim_cur >> 20, LEAST_MEMORY_MB << 10);
	return false;
}

static void *wait_for_all(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

/* How many can be had at once, up to LEAST_THREADS. */
static unsigned count_threads(void)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[LEAST_THREADS];
	pthread_attr_t attr;
	unsigned n = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_mutex_lock(&gate);
	while (n < LEAST_THREADS && pthread_create(&threads[n], &attr, wait_for_all, &gate) == 0)
		n++;
	pthread_mutex_unlock(&gate);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_attr_destroy(&attr);
	return n;
}

/* The limit counts all that the user runs, and binds some users only: so it is tried. */
static bool have_threads(void)
{
	struct rlimit processes;
	unsigned n;

	if (getrlimit(RLIMIT_NPROC, &processes) < 0 || processes.rlim_cur == RLIM_INFINITY)
		return true;
	n = count_threads();
	if (n == LEAST_THREADS)
		return true;
	g_printerr("lubench: only %u more processes and threads, of the %llu that this user may "
		   "have: ulimit -u %llu or more\n",
		   n, (unsigned long long)processes.rlim_cur,
		   (unsigned long long)processes.rlim_cur + LEAST_THREADS - n);
	return false;
}

bool lu_limits_suffice(void)
{
	signal(SIGXFSZ, SIG_IGN);
	return have_files() && have_memory() && have_threads();
}
