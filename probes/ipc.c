/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that outlive the processes that use them: sysvipc(7), shm_overview(7), mq_overview(7),
 * sem_overview(7). CRIU dumps SysV objects with a namespace of IPC objects only; those of the
 * machine's are not its processes' own.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define SIZE 8192

static int id, fd;
static char *map;

struct message {
	long type;
	char text[64];
};

static void shm_set_up(const struct lu_probe *probe)
{
	id = (int)probe_must(shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600), "shmget");
	map = shmat(id, NULL, 0);
	probe_must((intptr_t)map == -1 ? -1 : 0, "shmat");
	probe_fill(map, SIZE, 1);
	/* so that nothing is left of it on a kernel that goes on */
	if (probe->arg)
		probe_must(shmctl(id, IPC_RMID, NULL), "IPC_RMID");
}

static void shm_verify(const struct lu_probe *probe)
{
	struct shmid_ds is;

	probe_filled("the segment", map, SIZE, 1);
	probe_must(shmctl(id, IPC_STAT, &is), "the segment's number");
	probe_same("attachments", (long long)is.shm_nattch, 1);
	probe_same("its size", (long long)is.shm_segsz, SIZE);
	if (!probe->arg)
		shmctl(id, IPC_RMID, NULL);
}

static void shm_spoil(const struct lu_probe *probe)
{
	map[100] ^= 1;
}

/* A value, and one to be undone when this process ends. */
static void sem_set_up(const struct lu_probe *probe)
{
	struct sembuf up = {.sem_num = 1, .sem_op = 5, .sem_flg = SEM_UNDO};

	id = (int)probe_must(semget(IPC_PRIVATE, 2, IPC_CREAT | 0600), "semget");
	probe_must(semctl(id, 0, SETVAL, 42), "SETVAL");
	probe_must(semop(id, &up, 1), "semop");
}

static void sem_verify(const struct lu_probe *probe)
{
	probe_same("its first value", probe_must(semctl(id, 0, GETVAL), "GETVAL"), 42);
	probe_same("its second value", probe_must(semctl(id, 1, GETVAL), "GETVAL"), 5);
	semctl(id, 0, IPC_RMID);
}

static void sem_spoil(const struct lu_probe *probe)
{
	semctl(id, 0, IPC_RMID);
}

static void msg_set_up(const struct lu_probe *probe)
{
	struct message message = {3, "in the queue"};

	id = (int)probe_must(msgget(IPC_PRIVATE, IPC_CREAT | 0600), "msgget");
	probe_must(msgsnd(id, &message, sizeof(message.text), 0), "msgsnd");
}

static void msg_verify(const struct lu_probe *probe)
{
	struct message message;

	probe_must(msgrcv(id, &message, sizeof(message.text), 3, IPC_NOWAIT), "msgrcv");
	probe_check(!strcmp(message.text, "in the queue"), "another message");
	msgctl(id, IPC_RMID, NULL);
}

static void msg_spoil(const struct lu_probe *probe)
{
	msgctl(id, IPC_RMID, NULL);
}

/* No other run's on this host; not a file in the probe's own folder. */
static const char *name_of(const struct lu_probe *probe)
{
	static char name[64];

	if (!*name)
		snprintf(name, sizeof(name), "%s-%d", probe->word, (int)getpid());
	return name;
}

/* tmpfs(5) at /dev/shm, mapped, its name still there. */
static void posix_set_up(const struct lu_probe *probe)
{
	shm_unlink(name_of(probe));
	fd = (int)probe_must(shm_open(name_of(probe), O_CREAT | O_RDWR, 0600), "shm_open");
	probe_must(ftruncate(fd, SIZE), "ftruncate");
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	probe_must(map == MAP_FAILED ? -1 : 0, "mmap");
	probe_fill(map, SIZE, 2);
	close(fd);
	if (probe->arg)
		shm_unlink(name_of(probe));
}

static void posix_verify(const struct lu_probe *probe)
{
	if (!probe->arg) {
		fd = (int)probe_must(shm_open(name_of(probe), O_RDWR, 0600), "shm_open");
		shm_unlink(name_of(probe));
	}
	probe_filled("the mapping", map, SIZE, 2);
	if (probe->arg)
		return;
	map[0] ^= 1;
	probe_check(pread(fd, &id, 1, 0) == 1 && (char)id == map[0],
		    "the name is another object's by now");
}

static void mq_set_up(const struct lu_probe *probe)
{
	struct mq_attr how = {.mq_maxmsg = 4, .mq_msgsize = 64};

	mq_unlink(name_of(probe));
	fd = (int)probe_must(mq_open(name_of(probe), O_CREAT | O_RDWR | O_NONBLOCK, 0600, &how),
			     "mq_open");
	probe_must(mq_send(fd, "low", 4, 1), "mq_send");
	probe_must(mq_send(fd, "high", 5, 9), "mq_send");
}

static void mq_verify(const struct lu_probe *probe)
{
	char text[64];
	unsigned priority;

	mq_unlink(name_of(probe));
	probe_must(mq_receive(fd, text, sizeof(text), &priority), "mq_receive");
	probe_check(!strcmp(text, "high") && priority == 9, "first comes %s", text);
	probe_must(mq_receive(fd, text, sizeof(text), &priority), "mq_receive");
	probe_check(!strcmp(text, "low") && priority == 1, "then comes %s", text);
}

const struct lu_probes lu_probes_ipc = {
	"IPC",
	{
		{"sysv-shm", "SysV shared memory", "sysvipc(7)", 0, shm_set_up, shm_verify,
		 shm_spoil, .lacks = "CONFIG_SYSVIPC"},
		{"sysv-shm-removed", "SysV shared memory that is removed and attached", "shmctl(2)",
		 0, shm_set_up, shm_verify, shm_spoil, .arg = 1, .lacks = "CONFIG_SYSVIPC"},
		{"sysv-semaphores", "SysV semaphores, one to be undone", "semop(2): SEM_UNDO", 0,
		 sem_set_up, sem_verify, sem_spoil, .lacks = "CONFIG_SYSVIPC"},
		{"sysv-messages", "SysV message queue with a message", "msgop(2)", 0, msg_set_up,
		 msg_verify, msg_spoil, .lacks = "CONFIG_SYSVIPC"},
		{"posix-shm", "POSIX shared memory", "shm_overview(7)", 0, posix_set_up,
		 posix_verify, shm_spoil, .word = "/lubench-probe", .lacks = "/dev/shm"},
		{"posix-shm-unlinked", "POSIX shared memory that was unlinked", "shm_overview(7)",
		 0, posix_set_up, posix_verify, shm_spoil, .word = "/lubench-probe-unlinked",
		 .arg = 1, .lacks = "/dev/shm"},
		{"posix-queue", "POSIX message queue with two messages", "mq_overview(7)", 0,
		 mq_set_up, mq_verify, .word = "/lubench-probe", .lacks = "CONFIG_POSIX_MQUEUE"},
		{},
	},
};
