/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lock, a flag, and a count of the paused threads. */
#include "workloads/kit/guest/worker-threads.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct worker {
	void (*turn)(void *data);
	void *data;
	struct timespec pace;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool pausing;
static unsigned workers, paused;

static void pause_here(void)
{
	pthread_mutex_lock(&lock);
	if (pausing) {
		paused++;
		pthread_cond_broadcast(&changed);
		while (pausing)
			pthread_cond_wait(&changed, &lock);
		paused--;
	}
	pthread_mutex_unlock(&lock);
}

static void *work(void *data)
{
	const struct worker *worker = data;

	for (;;) {
		worker->turn(worker->data);
		pause_here();
		if (worker->pace.tv_nsec || worker->pace.tv_sec)
			nanosleep(&worker->pace, NULL);
	}
	return NULL;
}

void worker_thread_start(void (*turn)(void *data), void *data, long pace_us)
{
	struct worker *worker = malloc(sizeof(*worker));
	pthread_t thread;

	if (worker)
		*worker =
			(struct worker){turn, data, {pace_us / 1000000, pace_us % 1000000 * 1000}};
	if (!worker || pthread_create(&thread, NULL, work, worker)) {
		fprintf(stderr, "cannot start a thread\n");
		exit(1);
	}
	workers++;
}

/* A thread that has not resumed since the last pause still counts in `paused`. */
void worker_threads_pause(void)
{
	pthread_mutex_lock(&lock);
	pausing = true;
	while (paused < workers)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

void worker_threads_resume(void)
{
	pthread_mutex_lock(&lock);
	pausing = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}
