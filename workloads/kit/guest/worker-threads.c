/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lock, a flag, and a count of those who stand still. */
#include "workloads/kit/guest/worker-threads.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct member {
	void (*turn)(void *data);
	void *data;
	struct timespec pace;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool halted;
static unsigned members, parked;

static void stand(void)
{
	pthread_mutex_lock(&lock);
	if (halted) {
		parked++;
		pthread_cond_broadcast(&changed);
		while (halted)
			pthread_cond_wait(&changed, &lock);
		parked--;
	}
	pthread_mutex_unlock(&lock);
}

static void *work(void *data)
{
	const struct member *member = data;

	for (;;) {
		member->turn(member->data);
		stand();
		if (member->pace.tv_nsec || member->pace.tv_sec)
			nanosleep(&member->pace, NULL);
	}
	return NULL;
}

void worker_thread_start(void (*turn)(void *data), void *data, long pace_us)
{
	struct member *member = malloc(sizeof(*member));
	pthread_t thread;

	if (member)
		*member =
			(struct member){turn, data, {pace_us / 1000000, pace_us % 1000000 * 1000}};
	if (!member || pthread_create(&thread, NULL, work, member)) {
		fprintf(stderr, "cannot start a thread\n");
		exit(1);
	}
	members++;
}

/* One that has not gone on since the last time is waited for as well: parked
 * counts it until then. */
void worker_threads_pause(void)
{
	pthread_mutex_lock(&lock);
	halted = true;
	while (parked < members)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

void worker_threads_resume(void)
{
	pthread_mutex_lock(&lock);
	halted = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}
