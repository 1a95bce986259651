/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System V IPC, which belongs to a namespace and not to processes. CRIU: cr-dump.c
 * (check_sysvipc_map_dump), ipc_ns.c: it dumps a namespace of the service's own as a whole, and
 * nothing of the one that it shares with the system.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>
#include "agent/preflight/rules.h"

/* Processes that were the last to use one: 0 nobody was yet. */
static pid_t *users;
static size_t user_n;

union semun {
	int val;
	struct semid_ds *buf;
	struct seminfo *info;
};

static void add(pid_t pid)
{
	pid_t *more = reallocarray(users, user_n + 1, sizeof(*users));

	if (!more)
		return;
	users = more;
	users[user_n++] = pid;
}

static void add_semaphores(void)
{
	struct seminfo info;
	int last = semctl(0, 0, SEM_INFO, (union semun){.info = &info});

	for (int i = 0; i <= last; i++) {
		struct semid_ds set = {0};
		int id = semctl(i, 0, SEM_STAT, (union semun){.buf = &set});

		for (unsigned long n = 0; id >= 0 && n < set.sem_nsems; n++)
			add(semctl(id, (int)n, GETPID));
	}
}

static void add_queues(void)
{
	struct msginfo info;
	int last = msgctl(0, MSG_INFO, (struct msqid_ds *)&info);

	for (int i = 0; i <= last; i++) {
		struct msqid_ds queue;

		if (msgctl(i, MSG_STAT, &queue) < 0)
			continue;
		add(queue.msg_lspid);
		if (queue.msg_lrpid)
			add(queue.msg_lrpid);
	}
}

/* What is attached is a mapping, too. */
static void add_detached_memory(void)
{
	struct shm_info info;
	int last = shmctl(0, SHM_INFO, (struct shmid_ds *)&info);

	for (int i = 0; i <= last; i++) {
		struct shmid_ds segment;

		if (shmctl(i, SHM_STAT, &segment) >= 0 && !segment.shm_nattch)
			add(segment.shm_cpid);
	}
}

static void begin(pid_t leader, bool frozen)
{
	user_n = 0;
	add_semaphores();
	add_queues();
	add_detached_memory();
}

static bool shares_ours(const struct preflight_process *process)
{
	return !strcmp(preflight_link(process->pid, "ns/ipc"), preflight_link(getpid(), "ns/ipc"));
}

/* One that nobody has used is as good as the first process's. */
static bool uses_ours(const struct preflight_process *process)
{
	bool uses = false;

	for (size_t i = 0; i < user_n && !uses; i++)
		uses = users[i] == process->pid || (!users[i] && process->pid == process->leader);
	return uses && shares_ours(process);
}

static bool maps_ours(const struct preflight_mapping *mapping)
{
	return !strncmp(mapping->path, "/SYSV", 5) && shares_ours(mapping->process);
}

const struct lu_preflight_rules lu_preflight_rules_ipc = {
	.title = "System V IPC",
	.begin = begin,
	.rules =
		{
			{"sysv-memory",
			 "CRIU dumps SysV shared memory only of a namespace of the "
			 "service's own",
			 PREFLIGHT_REFUSED, .of_mapping = maps_ours},
			{"sysv-objects",
			 "it has used SysV semaphores, messages or memory outside "
			 "a namespace of its own, and CRIU leaves those behind",
			 PREFLIGHT_LOST, .of_process = uses_ours},
			{},
		},
};
