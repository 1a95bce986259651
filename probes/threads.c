/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads: pthreads(7), futex(2), set_robust_list(2). CRIU restores them with their identifiers and
 * registers; what they wait for is memory.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static pid_t child;

#define THREADS 4

static _Thread_local int local;
static pthread_t threads[THREADS];
static int places[THREADS] = {0, 1, 2, 3};
static pid_t tids[THREADS];
static int ready, wanted, seen[THREADS];
static char names[THREADS][16];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;

static void *thread(void *data)
{
	int i = *(int *)data;
	char name[16];

	snprintf(name, sizeof(name), "thread-%d", i);
	prctl(PR_SET_NAME, name);
	local = 1000 + i;
	tids[i] = (pid_t)syscall(SYS_gettid);
	pthread_mutex_lock(&lock);
	ready++;
	while (!wanted)
		pthread_cond_wait(&turn, &lock);
	prctl(PR_GET_NAME, names[i]);
	seen[i] = (pid_t)syscall(SYS_gettid) == tids[i] ? local : -1;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static bool all_ready(void *data)
{
	int n;

	pthread_mutex_lock(&lock);
	n = ready;
	pthread_mutex_unlock(&lock);
	return n == THREADS;
}

static void threads_set_up(const struct lu_probe *probe)
{
	for (int i = 0; i < THREADS; i++)
		probe_check(!pthread_create(&threads[i], NULL, thread, &places[i]),
			    "pthread_create");
	probe_check(probe_until(all_ready, NULL), "the threads are not ready");
}

static void threads_verify(const struct lu_probe *probe)
{
	pthread_mutex_lock(&lock);
	wanted = 1;
	pthread_cond_broadcast(&turn);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < THREADS; i++) {
		char name[16];

		pthread_join(threads[i], NULL);
		snprintf(name, sizeof(name), "thread-%d", i);
		probe_same("a thread's own variable", seen[i], 1000 + i);
		probe_check(!strcmp(names[i], name), "thread %d is called %s", i, names[i]);
	}
}

static void threads_spoil(const struct lu_probe *probe)
{
	prctl(PR_SET_NAME, "x");
	tids[1]++;
}

/* A process that dies with a robust mutex leaves a trace of it: its list is known to the kernel. */
struct robust {
	pthread_mutex_t mutex;
	int held;
};
static struct robust *robust;

static _Noreturn void hold(void)
{
	pthread_mutex_lock(&robust->mutex);
	robust->held = 1;
	probe_sleep_on();
}

static bool is_held(void *data)
{
	return __atomic_load_n(&robust->held, __ATOMIC_SEQ_CST);
}

static void robust_set_up(const struct lu_probe *probe)
{
	pthread_mutexattr_t how;

	robust = probe_shared(sizeof(*robust));
	pthread_mutexattr_init(&how);
	pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust->mutex, &how);
	child = probe_child(hold);
	probe_check(probe_until(is_held, NULL), "the child does not take it");
}

static void robust_verify(const struct lu_probe *probe)
{
	const struct timespec past = {1, 0};

	probe_kill(child);
	probe_same("the mutex of a dead process (EOWNERDEAD)",
		   pthread_mutex_timedlock(&robust->mutex, &past), EOWNERDEAD);
}

static void robust_spoil(const struct lu_probe *probe)
{
	robust->held = 0;
	memset(&robust->mutex, 0, sizeof(robust->mutex));
}

const struct lu_probes lu_probes_threads = {
	"Threads",
	{
		{"threads", "threads with names, variables of their own and a condition",
		 "pthreads(7)", 0, threads_set_up, threads_verify, threads_spoil},
		{"thread-robust", "robust mutex of a process that dies afterwards",
		 "set_robust_list(2)", 0, robust_set_up, robust_verify, robust_spoil},
		{},
	},
};
